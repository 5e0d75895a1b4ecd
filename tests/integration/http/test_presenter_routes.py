"""The routes of the presenter component on the whole stack."""

from typing import Any

import pytest

from openslides_backend.version import VERSION
from tests.integration.base import SUPERADMIN, IntegrationTest

QUESTIONS = [{"presenter": "server_time"}]


def body(response: Any) -> Any:
    assert response.mimetype == "application/json"
    return response.get_json()


class TestRoutes(IntegrationTest):
    """What each route answers."""

    def setup_method(self) -> None:
        super().setup_method()
        self.client = self.stack.presenter

    @pytest.mark.parametrize("path", ["/", "/system/presenter/handle_request", "/system/presenter/handle_request/"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_questions(self, method: str, path: str) -> None:
        response = self.client.open(path, method=method, json=QUESTIONS)
        assert response.status_code == 200
        assert len(body(response)) == 1

    @pytest.mark.parametrize("path", ["/health", "/health/", "/system/presenter/health"])
    def test_health(self, path: str) -> None:
        assert body(self.client.get(path)) == {"status": "running"}
        assert self.client.head(path).status_code == 200

    def test_version(self) -> None:
        assert body(self.client.get("/system/presenter/version")) == {"version": VERSION}

    def test_wrong_method(self) -> None:
        response = self.client.put("/", json=QUESTIONS)
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, POST"

    def test_get_without_body(self) -> None:
        assert self.client.get("/").status_code == 400

    @pytest.mark.parametrize("payload", [[], {}, None, "whoami", [{"presenter": "unknown"}]])
    def test_malformed(self, payload: object) -> None:
        self.presenter_json(payload).assert_status(400)

    def test_bad_credentials(self) -> None:
        headers = {**self.stack.credentials(SUPERADMIN), "authentication": "bearer x"}
        assert self.client.post("/", json=QUESTIONS, headers=headers).status_code == 403
        assert self.client.post("/", json=[{"presenter": "unknown"}], headers=headers).status_code == 400
        assert self.client.post("/", json=[{"presenter": "whoami", "data": {}}], headers=headers).status_code == 403

    def test_refusal_names_the_question(self) -> None:
        answer = self.presenter("get_active_users_amount", {}, user=0)
        assert answer.status == 403
        assert answer.body.keys() == {"success", "message", "code", "presenter_error_index"}
        assert answer.body["presenter_error_index"] == 0
