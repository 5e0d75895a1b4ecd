"""Batches that take long, on the whole stack: the datastore or the permission service waits until the test lets it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from werkzeug.wrappers import Response

from openslides_backend.engine.action import MANY_ELEMENTS
from openslides_backend.shared.typing import Fields
from tests.integration.base import INTERNAL_PASSWORD, SUPERADMIN, IntegrationTest
from tests.integration.stack import Calls
from tests.integration.wsgi_transport import WsgiTransport

WAIT = 10
BATCH = [{"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}]


class HeldWrites(Calls):
    """Lets batches be written only when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.allow = threading.Event()

    def count(self, path: str) -> None:
        """See Calls."""
        if path.endswith("/write"):
            assert self.allow.wait(WAIT)


class TestLongBatches(IntegrationTest):
    """202 and what follows."""

    variables: ClassVar = {"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "0"}

    @pytest.fixture(autouse=True)
    def held(self) -> Iterator[None]:
        """The writer waits until the test lets it go."""
        self.writes = HeldWrites()
        with self.stack.observed_by(self.writes):
            yield
        self.writes.allow.set()

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def record(self, fqid: str) -> Fields:
        return self.get_model(fqid)

    def send(self, payload: object, path: str = "/", headers: dict[str, str] | None = None) -> tuple[Any, str]:
        """The answer 202 and the fqid of its record."""
        response = self.stack.action.post(path, json=payload, headers=headers or self.stack.credentials(SUPERADMIN))
        assert response.status_code == 202
        answer = response.get_json()
        assert answer.keys() == {"status_code", "success", "message", "results"}
        assert (answer["status_code"], answer["success"]) == (202, False)
        ((result,),) = answer["results"]
        assert result["written"] is True
        return response, result["fqid"]

    def finish(self, fqid: str) -> Fields:
        """The record of a batch after its end."""
        self.writes.allow.set()
        deadline = time.monotonic() + WAIT
        while (record := self.record(fqid))["state"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return record

    def test_success(self) -> None:
        _, fqid = self.send(BATCH)
        running = self.record(fqid)
        assert (running["name"], running["state"], running["user_id"]) == ("tag.create", "running", SUPERADMIN)
        assert "result" not in running
        assert not self.find_models("tag")
        ended = self.finish(fqid)
        (tag_id,) = self.find_models("tag")
        assert ended["state"] == "end"
        assert ended["result"].keys() == {"status_code", "success", "message", "results"}
        assert ended["result"]["results"] == [[{"id": tag_id}]]
        assert ended["created"] == running["created"]

    def wait_for_progress(self, fqid: str, total: int) -> None:
        """Wait until all pieces are said to be done, of a batch that isn't written."""
        deadline = time.monotonic() + WAIT
        while self.record(fqid).get("result") != {"progress": {"done": total, "total": total}}:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert self.record(fqid)["state"] == "running"

    def test_progress(self) -> None:
        users = [{"username": f"user{number}"} for number in range(3)]
        _, fqid = self.send([{"action": "user.create", "data": users}])
        self.wait_for_progress(fqid, 3)
        assert self.finish(fqid)["result"]["success"] is True

    def test_progress_of_an_import(self) -> None:
        rows = [{"title": f"Topic {number}"} for number in range(MANY_ELEMENTS)]
        _, fqid = self.send([{"action": "topic.json_upload", "data": [{"meeting_id": 1, "data": rows}]}])
        ((preview,),) = self.finish(fqid)["result"]["results"]
        self.writes.allow.clear()
        _, fqid = self.send([{"action": "topic.import", "data": [{"id": preview["id"], "import": True}]}])
        self.wait_for_progress(fqid, MANY_ELEMENTS)
        assert self.finish(fqid)["result"]["success"] is True
        assert len(self.find_models("topic")) == MANY_ELEMENTS

    def test_few_elements_tell_no_progress(self) -> None:
        data = [{"name": f"{number}", "meeting_id": 1} for number in range(MANY_ELEMENTS - 1)]
        _, fqid = self.send([{"action": "tag.create", "data": data}])
        time.sleep(1.5)  # news of it would be written within a second
        assert "result" not in self.record(fqid)
        assert self.finish(fqid)["result"]["success"] is True

    def test_separately(self) -> None:
        _, fqid = self.send(
            [*BATCH, {"action": "tag.delete", "data": [{"id": 404}]}], "/system/action/handle_separately"
        )
        result = self.finish(fqid)["result"]
        assert result["success"] is True
        assert result["results"][1]["success"] is False

    def test_internal(self) -> None:
        _, fqid = self.send(BATCH, "/internal/handle_request", {"Authorization": INTERNAL_PASSWORD})
        assert self.finish(fqid)["user_id"] == -1

    @pytest.mark.parametrize("user_id", [SUPERADMIN, 0])
    def test_nobody_leaves_a_record_before_the_permission_was_judged(self, user_id: int) -> None:
        judge, asked = threading.Event(), threading.Event()

        def permission(environ: Any, start_response: Any) -> Any:
            asked.set()
            assert judge.wait(WAIT)
            return Response(b"false")(environ, start_response)

        adapter = WsgiTransport(permission)
        with self.stack.replaced(self.stack.environment.permission_url, adapter), ThreadPoolExecutor(1) as executor:
            headers = self.stack.credentials(user_id)
            answer = executor.submit(self.stack.action.post, "/", json=BATCH, headers=headers)
            assert asked.wait(WAIT)
            time.sleep(0.2)  # what is tested is that time may pass
            assert not answer.done()
            judge.set()
            assert answer.result(WAIT).status_code == 403
        assert not self.find_models("action_worker")

    def test_quick_errors_are_answered_directly(self) -> None:
        client = self.stack.action
        assert client.post("/", data=b"[", content_type="application/json").status_code == 400
        assert client.post("/", json=[], headers={"authentication": "x", "Cookie": "refreshId=x"}).status_code == 403
        headers = {"Authorization": INTERNAL_PASSWORD + "x"}
        assert client.post("/internal/handle_request", json=[], headers=headers).status_code == 400
        assert not self.find_models("action_worker")
