"""What no client sends by accident is the client's fault, never one of the service."""

import pytest

from tests.integration.base import INTERNAL_PASSWORD, SUPERADMIN, IntegrationTest

PATHS = ["/", "/system/action/handle_separately", "/internal/handle_request"]
TEXTS = [
    "\x00",
    "\xff",
    "bearer \xff",
    "bearer x",
    "a" * 9000,
    "bearer a.b.c",
    "%ff",
    '"',
    "bearer%20" + "[" * 3000,
    ";",
]
HEADERS = [
    "authentication",
    "Cookie",
    "Authorization",
    "Accept-Language",
    "Content-Type",
    "X-Request-ID",
    "SCRIPT_NAME",
]
BODIES = [
    '[{"action": "topic.create", "data": [{"meeting_id": HUGE, "title": "x"}]}]',
    '[{"action": "tag.delete", "data": [{"id": HUGE}]}]',
    '[{"action": "tag.delete", "data": [{"id": 1e400}]}]',
    '[{"action": "\\ud800", "data": []}]',
    '[{"action": "tag.create", "data": [{"meeting_id": 1, "name": "\\ud800\\u0000"}]}]',
    '[{"action": "tag.create", "data": %s}]' % ("[" * 98 + "]" * 98),
    "[" * 5000,
    '{"a":' * 5000,
    '[{"presenter": "\\ud800"}]',
    '[{"presenter": "get_user_scope", "data": {"user_ids": [HUGE]}}]',
    '[{"presenter": "get_user_scope", "data": {"user_ids": ["\\ud800"]}}]',
    "9" * 5000,
    '"' + "\\ud800" * 1000 + '"',
]


class TestOddRequests(IntegrationTest):
    """Headers and bodies."""

    @pytest.mark.parametrize("header", HEADERS)
    @pytest.mark.parametrize("text", TEXTS)
    def test_headers(self, header: str, text: str) -> None:
        odd = {"HTTP_COOKIE": "refreshId=bearer%20x.y.z", "HTTP_AUTHENTICATION": "bearer x.y.z"}
        if header == "Cookie":
            text = f"refreshId={text}"
        key = header.upper().replace("-", "_")
        odd["CONTENT_TYPE" if header == "Content-Type" else f"HTTP_{key}"] = text
        for path in PATHS:
            environ = {"CONTENT_TYPE": "application/json", **odd}
            assert 400 <= self.stack.action.post(path, data=b"[]", environ_overrides=environ).status_code < 500
        environ = {"CONTENT_TYPE": "application/json", **odd}
        assert 400 <= self.stack.presenter.post("/", data=b"[]", environ_overrides=environ).status_code < 500

    @pytest.mark.parametrize("body", BODIES)
    @pytest.mark.parametrize("user_id", [0, SUPERADMIN])
    def test_bodies(self, body: str, user_id: int) -> None:
        headers = {**self.stack.credentials(user_id), "Authorization": INTERNAL_PASSWORD}
        doors = [(self.stack.action, "/"), (self.stack.action, "/internal/handle_request"), (self.stack.presenter, "/")]
        data = body.replace("HUGE", str(2**70))
        for client, path in doors:
            response = client.post(path, data=data, content_type="application/json", headers=headers)
            assert response.status_code in {400, 403}
            assert response.get_json()["success"] is False
