"""Batches that take long, on the whole stack: the permission service is held until the test lets it go."""

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from werkzeug.wrappers import Response

from openslides_backend.shared.typing import Fields
from tests.integration.base import INTERNAL_PASSWORD, SUPERADMIN, IntegrationTest
from tests.integration.wsgi_adapter import WsgiAdapter

WAIT = 10


class TestLongBatches(IntegrationTest):
    """202 and what follows."""

    variables: ClassVar = {"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "0"}

    @pytest.fixture(autouse=True)
    def held(self) -> Iterator[None]:
        """The permission service waits until the test lets it go."""
        self.allow = threading.Event()
        self.verdict = b"true"

        def permission(environ: Any, start_response: Any) -> Any:
            assert self.allow.wait(WAIT)
            return Response(self.verdict)(environ, start_response)

        with self.stack.replaced(self.stack.environment.permission_url, WsgiAdapter(permission)):
            yield
        self.allow.set()

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def record(self, fqid: str) -> Fields:
        return self.get_model(fqid)

    def send(self, payload: object, path: str = "/", headers: dict[str, str] | None = None) -> tuple[Any, str]:
        """The answer 202 (not closed, as if it were being sent) and the fqid of its record."""
        response = self.stack.action.post(path, json=payload, headers=headers or self.stack.credentials(SUPERADMIN))
        assert response.status_code == 202
        answer = response.get_json()
        assert answer.keys() == {"status_code", "success", "message", "results"}
        assert (answer["status_code"], answer["success"]) == (202, False)
        ((result,),) = answer["results"]
        assert result["written"] is True
        return response, result["fqid"]

    def finish(self, response: Any) -> None:
        self.allow.set()
        response.close()

    def test_success(self) -> None:
        response, fqid = self.send([{"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}])
        running = self.record(fqid)
        assert (running["name"], running["state"], running["user_id"]) == ("tag.create", "running", SUPERADMIN)
        assert "result" not in running
        assert not self.find_models("tag")
        self.finish(response)
        (tag_id,) = self.find_models("tag")
        ended = self.record(fqid)
        assert ended["state"] == "end"
        assert ended["result"].keys() == {"status_code", "success", "message", "results"}
        assert ended["result"]["results"] == [[{"id": tag_id}]]
        assert ended["created"] == running["created"]

    def test_refused(self) -> None:
        self.verdict = b"false"
        response, fqid = self.send(
            [{"action": "tag.create", "data": []}, {"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}]
        )
        self.finish(response)
        ended = self.record(fqid)
        assert ended["name"] == "tag.create,tag.create"
        assert ended["state"] == "end"
        assert ended["result"]["success"] is False
        assert ended["result"]["action_error_index"] == 1
        assert "status_code" not in ended["result"]
        assert not self.find_models("tag")

    def test_separately(self) -> None:
        payload = [
            {"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]},
            {"action": "tag.delete", "data": [{"id": 404}]},
        ]
        response, fqid = self.send(payload, "/system/action/handle_separately")
        self.finish(response)
        result = self.record(fqid)["result"]
        assert result["success"] is True
        assert result["results"][1]["success"] is False

    def test_record_of_an_anonymous(self) -> None:
        payload = [{"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}]
        response, fqid = self.send(payload, headers={"X-Unused": ""})
        assert self.record(fqid)["user_id"] == 0
        self.finish(response)

    def test_quick_errors_are_answered_directly(self) -> None:
        client = self.stack.action
        assert client.post("/", data=b"[", content_type="application/json").status_code == 400
        assert client.post("/", json=[], headers={"authentication": "x", "Cookie": "refreshId=x"}).status_code == 403
        headers = {"Authorization": INTERNAL_PASSWORD + "x"}
        assert client.post("/internal/handle_request", json=[], headers=headers).status_code == 400
        assert not self.find_models("action_worker")
