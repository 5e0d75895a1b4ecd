"""The routes of the action component on the whole stack."""

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from openslides_backend.engine.handler import MAX_ANONYMOUS, MAX_SEPARATE
from openslides_backend.environment import Environment
from openslides_backend.services.tokens import REFRESH_TOKEN_SECONDS, TokenKey, bearer
from openslides_backend.services.transport import HttpAnswer, HttpRequest, NotSent, Transport
from openslides_backend.shared.exceptions import BackendError
from openslides_backend.shared.pending import Pending
from openslides_backend.version import VERSION
from openslides_backend.wsgi import create_action_application
from tests.integration.base import INTERNAL_PASSWORD, SUPERADMIN, IntegrationTest
from tests.integration.stack import Stack
from tests.integration.wsgi_transport import WsgiTransport

BATCH = [{"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}]


def body(response: Any) -> Any:
    assert response.mimetype == "application/json"
    return response.get_json()


class TestRoutes(IntegrationTest):
    """What each route answers."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.client = self.stack.action

    @pytest.mark.parametrize("path", ["/", "/system/action/handle_request", "/system/action/handle_request/"])
    def test_atomic(self, path: str) -> None:
        response = self.client.post(path, json=BATCH, headers=self.stack.credentials(SUPERADMIN))
        assert response.status_code == 200
        answer = body(response)
        assert answer.keys() == {"status_code", "success", "message", "results"}
        assert (answer["status_code"], answer["success"]) == (200, True)
        (tag_id,) = self.find_models("tag")
        assert answer["results"] == [[{"id": tag_id}]]

    def test_atomic_writes_all_or_nothing(self) -> None:
        answer = self.request_json([*BATCH, {"action": "tag.delete", "data": [{"id": 404}]}])
        assert answer.status == 400
        assert answer.body["success"] is False
        assert answer.body["action_error_index"] == 1
        assert not self.find_models("tag")

    def test_separately(self) -> None:
        payload = [{"action": "tag.delete", "data": [{"id": 404}]}, *BATCH, {"action": "tag.unknown", "data": []}]
        answer = self.request_json(payload, separately=True)
        assert answer.status == 200
        assert answer.body["success"] is True
        failed, created, unknown = answer.results
        assert failed["success"] is False
        assert unknown["success"] is False
        self.assert_model_exists(f"tag/{created[0]['id']}")

    def test_too_many_separately(self) -> None:
        payload = [{"action": "tag.delete", "data": []}] * (MAX_SEPARATE + 1)
        assert len(self.request_json(payload[1:], separately=True).assert_status(200).results) == MAX_SEPARATE
        self.request_json(payload, separately=True).assert_status(400, "1000 actions")

    @pytest.mark.parametrize("separately", [False, True])
    def test_too_many_without_a_login(self, separately: bool) -> None:
        payload = [{"action": "tag.delete", "data": []}] * (MAX_ANONYMOUS + 1)
        self.request_json(payload[1:], user=0, separately=separately).assert_status(200)
        self.request_json(payload, user=0, separately=separately).assert_status(400, "20 actions")
        self.request_json(payload, separately=separately).assert_status(200)

    def test_separately_malformed(self) -> None:
        self.request_json([*BATCH, {"action": "tag.create"}], separately=True).assert_status(400)
        assert not self.find_models("tag")

    def test_empty_batch(self) -> None:
        with self.stack.count_calls() as calls:
            assert self.request_json([]).assert_status(200).results == []
        calls.assert_at_most(reads=0, reserves=0, writes=0)

    @pytest.mark.parametrize("payload", [None, {}, "x", 1, [None], [[]], [{}], [{"action": "tag.create"}]])
    def test_malformed_batch(self, payload: object) -> None:
        answer = self.request_json(payload).assert_status(400)
        assert answer.body["success"] is False

    @pytest.mark.parametrize("path", ["/health", "/health/", "/system/action/info"])
    def test_info(self, path: str) -> None:
        response = self.client.get(path)
        assert response.status_code == 200
        actions = body(response)["healthinfo"]["actions"]
        assert list(actions) == sorted(actions)
        assert actions["tag.create"]["schema"]["items"]["required"] == ["name", "meeting_id"]
        assert self.client.head(path).data == b""

    def test_health_and_version(self) -> None:
        assert body(self.client.get("/system/action/health")) == {"status": "running"}
        assert body(self.client.get("/system/action/version/")) == {"version": VERSION}

    @pytest.mark.parametrize("path", ["/internal/migrations", "/system/action", "/system/presenter/handle_request"])
    def test_unknown_route(self, path: str) -> None:
        assert self.client.post(path, json=[]).status_code == 404

    @pytest.mark.parametrize("path", ["/", "/system/action/handle_separately", "/internal/handle_request"])
    def test_wrong_method(self, path: str) -> None:
        response = self.client.get(path)
        assert response.status_code == 405
        assert response.headers["Allow"] == "POST"


class TestCredentials(IntegrationTest):
    """Who is taken for whom."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_permissions(3, ["tag.can_manage"])
        self.user_id = self.create_user(group_ids=[3])
        self.good = self.stack.credentials(self.user_id)

    def status(self, headers: dict[str, str]) -> int:
        return self.stack.action.post("/", json=BATCH, headers=headers).status_code

    def test_header_and_cookie_are_both_needed(self) -> None:
        assert self.status(self.good) == 200
        for missing in self.good:
            headers = {name: value for name, value in self.good.items() if name != missing}
            assert self.status(headers) == 403
            presented = self.stack.presenter.post("/", json=[{"presenter": "whoami"}], headers=headers)
            assert presented.status_code == (200 if missing == "authentication" else 403)

    def test_a_token_without_its_cookie_is_no_missing_permission(self) -> None:
        response = self.stack.action.post("/", json=BATCH, headers={"authentication": self.good["authentication"]})
        assert body(response)["code"] == "incomplete_credentials"

    def test_the_field_to_blame_is_named(self) -> None:
        for element, field in (
            ({"meeting_id": 1, "name": 5}, "name"),
            ({"meeting_id": 1}, "name"),
            ({"meeting_id": 1, "name": "x", "more": 1}, "more"),
        ):
            response = self.stack.action.post(
                "/", json=[{"action": "tag.create", "data": [element]}], headers=self.good
            )
            assert (body(response)["code"], body(response)["field"]) == ("invalid_payload", field)
            assert not set("{}[]") & set(body(response)["message"])

    @pytest.mark.parametrize(
        "wrong",
        [
            {"authentication": "bearer x.y.z"},
            {"authentication": "x"},
            {"authentication": "\xff"},
            {"Cookie": "refreshId=bearer%20x.y.z"},
            {"Cookie": "refreshId=%ff"},
            {"Cookie": "refreshId=\xff"},
        ],
    )
    def test_wrong_tokens(self, wrong: dict[str, str]) -> None:
        response = self.stack.presenter.post("/", json=[{"presenter": "whoami"}], headers={**self.good, **wrong})
        assert response.status_code == 403
        assert body(response)["success"] is False

    def test_expired_access_token_is_renewed(self) -> None:
        environment = self.stack.environment
        claims = TokenKey(environment.auth_cookie_key)
        session = claims.session_claims(self.good["Cookie"].partition("bearer%20")[2]).session_id
        expired = TokenKey(environment.auth_token_key).sign_session(self.user_id, session, -10)
        response = self.stack.action.post("/", json=BATCH, headers={**self.good, "authentication": bearer(expired)})
        assert response.status_code == 200
        fresh = response.headers["authentication"]
        assert self.status({**self.good, "authentication": fresh}) == 200
        bad = [{"action": "tag.delete", "data": [{"id": 404}]}]
        response = self.stack.action.post("/", json=bad, headers={**self.good, "authentication": bearer(expired)})
        assert response.status_code == 400
        assert response.headers["authentication"].startswith("bearer ")

    def test_fresh_token_only_when_issued(self) -> None:
        response = self.stack.action.post("/", json=BATCH, headers=self.good)
        assert "authentication" not in response.headers

    @pytest.mark.parametrize("path", ["/", "/system/action/handle_separately"])
    @pytest.mark.parametrize(
        "batch",
        [
            BATCH,
            [],
            [{"action": "tag.create", "data": [{}]}],
            [{"action": "unknown", "data": []}],
            [{"action": "organization.update", "data": [{"id": 1, "name": "x"}]}],
        ],
    )
    def test_ended_session_learns_nothing_else(self, path: str, batch: object) -> None:
        self.stack.services.auth.clear_sessions_by_user_id(self.user_id)
        response = self.stack.action.post(path, json=batch, headers=self.good)
        assert response.status_code == 403
        assert body(response)["message"] == "The session has ended."
        assert not self.find_models("tag")

    def test_ended_session_before_a_failing_permission_service(self) -> None:
        self.stack.services.auth.clear_sessions_by_user_id(self.user_id)
        with self.stack.replaced(self.stack.environment.permission_url, Down()):
            assert self.status(self.good) == 403

    def test_token_of_another_key(self) -> None:
        token = TokenKey("another key, long enough").sign_session(self.user_id, "s", REFRESH_TOKEN_SECONDS)
        assert self.status({**self.good, "authentication": bearer(token)}) == 403

    def test_malformed_body_needs_no_authentication(self) -> None:
        headers = {"authentication": "x", "Cookie": "refreshId=x"}
        response = self.stack.action.post("/", data=b"[", content_type="application/json", headers=headers)
        assert response.status_code == 400


class TestInternal(IntegrationTest):
    """The internal route."""

    def post(self, client: Client, password: str | None) -> Any:
        headers = {} if password is None else {"Authorization": password}
        return client.post("/internal/handle_request", json=[], headers=headers)

    def test_password(self) -> None:
        client = self.stack.action
        assert self.post(client, INTERNAL_PASSWORD).status_code == 200
        assert self.post(client, None).status_code == 401
        assert self.post(client, base64.b64encode(b"x").decode()).status_code == 401
        assert self.post(client, "!").status_code == 400

    def test_needs_no_permission_and_no_user(self) -> None:
        self.create_meeting()
        self.request_json(BATCH, internal=True).assert_status(200)

    def test_password_before_body(self) -> None:
        response = self.stack.action.post("/internal/handle_request", data=b"[")
        assert response.status_code == 401


def production(tmp_path: Path, **variables: str) -> Client:
    """The action component outside development mode."""
    keys = {}
    for name in ("AUTH_TOKEN_KEY_FILE", "AUTH_COOKIE_KEY_FILE"):
        (tmp_path / name).write_text(name)
        keys[name] = str(tmp_path / name)
    environment = Environment.from_mapping({"OPENSLIDES_DATA_FOLDER": str(tmp_path), **keys, **variables})
    return Client(create_action_application(environment))


def test_internal_password_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret")
    client = production(tmp_path, INTERNAL_AUTH_PASSWORD_FILE=str(file))
    for password, status in (("secret", 200), ("openslides", 401)):
        headers = {"Authorization": base64.b64encode(password.encode()).decode()}
        assert client.post("/internal/handle_request", json=[], headers=headers).status_code == status


def test_no_internal_password(tmp_path: Path) -> None:
    client = production(tmp_path)
    response = client.post("/internal/handle_request", json=[], headers={"Authorization": INTERNAL_PASSWORD})
    assert response.status_code == 500
    assert "INTERNAL_AUTH_PASSWORD_FILE" in body(response)["message"]


def test_raise_4xx(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {"OPENSLIDES_BACKEND_RAISE_4XX": "1"})
    with pytest.raises(BackendError) as info:
        stack.action.post("/", json=[{"action": "unknown", "data": []}])
    assert info.value.status == 400


def test_body_limit(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {"OPENSLIDES_BACKEND_MAX_BODY_SIZE": "100"})
    for client in (stack.action, stack.presenter):
        response = client.post("/", data=b" " * 101, content_type="application/json")
        assert response.status_code == 413


SIZES = {
    "OPENSLIDES_BACKEND_MAX_BODY_SIZE": "3000",
    "OPENSLIDES_BACKEND_MAX_BODY_SIZE_SMALL": "2000",
    "OPENSLIDES_BACKEND_MAX_BODY_SIZE_ANONYMOUS": "1000",
}


@pytest.mark.parametrize(
    ("action", "user_id", "size", "fits"),
    [
        ("tag.create", 0, 1000, True),
        ("tag.create", 0, 1001, False),
        ("topic.json_upload", 0, 1001, False),
        ("tag.create", SUPERADMIN, 2000, True),
        ("tag.create", SUPERADMIN, 2001, False),
        ("topic.json_upload", SUPERADMIN, 3000, True),
        ("topic.json_upload", SUPERADMIN, 3001, False),
    ],
)
def test_body_limits(tmp_path: Path, action: str, user_id: int, size: int, fits: bool) -> None:
    stack = Stack(tmp_path, SIZES)
    payload = json.dumps([{"action": action, "data": []}]).ljust(size)
    headers = stack.credentials(user_id)
    for path in ("/", "/system/action/handle_separately"):
        response = stack.action.post(path, data=payload, content_type="application/json", headers=headers)
        assert (response.status_code != 413) == fits


def test_body_limit_of_the_internal_route(tmp_path: Path) -> None:
    client = Stack(tmp_path, SIZES).action
    for size, password, status in ((3000, INTERNAL_PASSWORD, 200), (3001, INTERNAL_PASSWORD, 413), (2000, "", 401)):
        headers = {"Authorization": password}
        data = "[]".ljust(size)
        response = client.post("/internal/handle_request", data=data, content_type="application/json", headers=headers)
        assert response.status_code == status


def test_body_limits_of_questions(tmp_path: Path) -> None:
    stack = Stack(tmp_path, SIZES)
    for user_id, size, status in ((0, 1000, 200), (0, 1001, 413), (SUPERADMIN, 2000, 200), (SUPERADMIN, 2001, 413)):
        data = '[{"presenter": "server_time"}]'.ljust(size)
        headers = stack.credentials(user_id)
        response = stack.presenter.post("/", data=data, content_type="application/json", headers=headers)
        assert response.status_code == status, (user_id, size)


class TestLog(IntegrationTest):
    """What is logged."""

    def test_one_line_without_secrets(self, caplog: pytest.LogCaptureFixture) -> None:
        self.create_meeting()
        caplog.set_level(logging.INFO)
        payload = [{"action": "tag.create", "data": [{"name": "very private", "meeting_id": 1}]}] * 2
        self.request_json(payload).assert_status(200)
        (line,) = [record for record in caplog.records if record.name.startswith("openslides_backend.http")]
        text = line.getMessage()
        assert text.startswith("action user=1 tag.create,tag.create status=200 ms=")
        assert "datastore_calls=" in text
        assert not text.endswith("datastore_calls=0")
        everything = caplog.text
        for secret in ("very private", self.stack.credentials(SUPERADMIN)["authentication"], "eyJ"):
            assert secret not in everything


class Down:
    """A service that can't be reached."""

    def begin(self, _service: str, _request: HttpRequest) -> Pending[HttpAnswer]:
        raise NotSent("down")

    def close(self) -> None:
        pass


BAD_DAYS: dict[str, Transport] = {
    "down": Down(),
    "error": WsgiTransport(Response("<html>", 500)),
    "no JSON": WsgiTransport(Response("<html>", 200)),
    "another JSON": WsgiTransport(Response('[{"x": []}]', 200)),
    "null": WsgiTransport(Response("null", 200)),
    "empty": WsgiTransport(Response("", 204)),
}


class TestBadDays(IntegrationTest):
    """Other services fail: a clear error, nothing is written, the next good request works."""

    @pytest.mark.parametrize("bad_day", BAD_DAYS)
    @pytest.mark.parametrize("service", ["permission", "datastore_reader", "datastore_writer", "auth"])
    def test_refused(self, service: str, bad_day: str) -> None:
        self.create_meeting()
        user_id = self.create_user(group_ids=[2])
        with self.stack.replaced(getattr(self.stack.environment, f"{service}_url"), BAD_DAYS[bad_day]):
            answer = self.request_json(BATCH, user=user_id)
        assert answer.status == 503, answer.body
        assert (answer.body["success"], answer.body["code"]) == (False, "service_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert not self.find_models("tag")
        self.request_json(BATCH, user=user_id).assert_status(200)

    @pytest.mark.parametrize("bad_day", BAD_DAYS)
    @pytest.mark.parametrize("service", ["permission", "datastore_reader", "auth"])
    def test_presenters(self, service: str, bad_day: str) -> None:
        self.create_meeting()
        user_id = self.create_user(group_ids=[2])
        with self.stack.replaced(getattr(self.stack.environment, f"{service}_url"), BAD_DAYS[bad_day]):
            answer = self.presenter("get_forwarding_committees", {"meeting_id": 1}, user=user_id)
        assert (answer.status, answer.body["code"]) == (503, "service_unavailable")
        assert int(answer.headers["Retry-After"]) > 0

    def test_separate_actions(self) -> None:
        """Nothing was done before the first one: all of it can be sent again. Later on it is told what was done."""
        self.create_meeting()
        url, down = self.stack.environment.datastore_writer_url, Down()
        with self.stack.replaced(url, down):
            answer = self.request_json([*BATCH, *BATCH], separately=True)
        assert (answer.status, answer.body["code"]) == (503, "service_unavailable")
        broken = {"action": "tag.create", "data": [{}]}
        with self.stack.replaced(url, down):
            answer = self.request_json([broken, *BATCH], separately=True).assert_status(200)
        assert [result["code"] for result in answer.body["results"]] == ["invalid_payload", "service_unavailable"]
