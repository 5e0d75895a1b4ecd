"""Whatever comes in at the two doors, an answer in the right form goes out, and never a fault."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from openslides_backend.engine.action import Action
from openslides_backend.presenting.presenter import Presenter
from tests.integration.base import SUPERADMIN, IntegrationTest

ODD_TEXTS = ["", "\0", "\ud800", "a" * 300, "tag/1", "meeting/1", "<script>x</script>", "1" * 30, "ä€😀"]
ODD_NUMBERS = [0, 1, -1, 2**31 - 1, 2**31, 2**63, 10**30, 0.5, -0.0, 1e300]

scalars = (
    st.none() | st.booleans() | st.sampled_from(ODD_NUMBERS) | st.integers() | st.sampled_from(ODD_TEXTS) | st.text()
)
values = st.recursive(
    scalars,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=15,
)
ids = st.sampled_from([1, 1, 2, 99, 2**31 - 1, 2**31, 0, -1, "1", None, True, 1.0])

FAST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


def properties_of(action: str) -> dict[str, Any]:
    """What the schema of an action's elements tells of their keys; uploads of tables tell nothing."""
    properties: dict[str, Any] = Action.registry[action].payload.element_schema.get("properties", {})
    return properties


@st.composite
def elements(draw: st.DrawFn, properties: dict[str, Any]) -> object:
    """Data that look a bit like what a schema with these properties asks for."""
    names = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    data: dict[str, object] = {}
    for name in names:
        if properties[name].get("type") == "string":
            data[name] = draw(st.sampled_from(["x", *ODD_TEXTS]) | values)
        elif name.endswith("_ids"):
            data[name] = draw(st.lists(ids, max_size=4) | values)
        else:
            data[name] = draw(ids | values)
    if draw(st.integers(0, 9)) == 0:
        data[draw(st.text(max_size=8))] = draw(values)
    return data


@st.composite
def batches(draw: st.DrawFn) -> object:
    """Batches of existing actions with more or less sensible data."""
    names = draw(st.lists(st.sampled_from(sorted(Action.registry)), min_size=1, max_size=2))
    return [{"action": name, "data": draw(st.lists(elements(properties_of(name))))} for name in names]


@st.composite
def questions(draw: st.DrawFn) -> object:
    """Batches of existing presenters with more or less sensible data."""
    name = draw(st.sampled_from(sorted(Presenter.registry)))
    schema = Presenter.registry[name].data
    data = draw(elements(schema.schema["properties"]) if schema else values)
    return [{"presenter": name, "data": data}]


INDICES = ("action_error_index", "action_data_error_index", "presenter_error_index")


def check(response: TestResponse) -> None:
    """Fail unless the answer has the right form and isn't a fault."""
    assert response.mimetype == "application/json"
    body = json.loads(response.data)
    assert response.status_code in {200, 400, 401, 403, 404, 405, 413}, response.status_code
    if response.status_code != 200:
        assert body["success"] is False
        assert isinstance(body["message"], str)
        assert body["message"]
        assert body.keys() <= {"success", "message", "code", "field", *INDICES}


class TestDoors(IntegrationTest):
    """Fuzzing of both components."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_models({"tag/1": {"name": "x", "meeting_id": 1}, "tag/2": {"name": "deleted", "meeting_id": 1}})
        self.delete_models("tag/2")
        self.doors = (self.stack.action, self.stack.presenter)

    def post(self, client: Client, payload: object) -> TestResponse:
        return client.post(
            "/",
            data=json.dumps(payload),
            content_type="application/json",
            headers=self.stack.credentials(SUPERADMIN),
        )

    def check_alive(self) -> None:
        assert self.request("tag.create", {"name": "y", "meeting_id": 1}).status == 200
        assert self.presenter("server_time").status == 200

    @FAST
    @given(
        body=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")),
        content_type=st.sampled_from(["application/json", "application/json;charset=x", "text/plain", ""]),
    )
    def test_bytes(self, body: bytes, content_type: str) -> None:
        for client in self.doors:
            check(client.post("/", data=body, content_type=content_type))

    @FAST
    @given(
        path=st.text(st.characters(codec="utf-8"), max_size=20).map(lambda path: "/" + path),
        method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "X"]),
        header=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    )
    def test_paths_and_headers(self, path: str, method: str, header: str) -> None:
        names = ("authentication", "Authorization", "Cookie", "Accept-Language")
        for client in self.doors:
            check(client.open(path, method=method, headers=dict.fromkeys(names, header)))
            check(client.open("/", method=method, headers=dict.fromkeys(names, header), json=[]))

    @FAST
    @given(values)
    def test_values(self, payload: object) -> None:
        for client in self.doors:
            check(self.post(client, payload))

    def check_batches(self, payload: object) -> None:
        check(self.post(self.stack.action, payload))

    @FAST
    @given(batches())
    def test_batches(self, payload: object) -> None:
        self.check_batches(payload)

    @pytest.mark.long
    @LONG
    @given(batches())
    def test_many_batches(self, payload: object) -> None:
        self.check_batches(payload)

    @FAST
    @given(questions())
    def test_questions(self, payload: object) -> None:
        check(self.post(self.stack.presenter, payload))

    def test_deep_and_large(self) -> None:
        large = b"[" + b",".join([b'{"action":"tag.create","data":[]}'] * 20_000) + b"]"
        for body in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 99 + b"]" * 99, b"[" + b"0," * 10**6 + b"0]", large):
            for client in self.doors:
                check(client.post("/", data=body, content_type="application/json"))
        self.check_alive()

    def test_many_elements(self) -> None:
        payload = [{"action": "tag.delete", "data": [{"id": 404}] * 10_000}]
        check(self.post(self.stack.action, payload))
        self.check_alive()
