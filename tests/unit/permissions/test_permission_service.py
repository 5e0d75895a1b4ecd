"""The permission service over WSGI."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from openslides_backend.permissions import service
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import Inquiry, Rule, Verdict, everybody, in_meeting, oml, rule
from openslides_backend.permissions.service import PermissionApplication
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.request_log import LoggedApplication
from tests.unit.permissions.stored_data import StoredData


@rule
def broken(inquiry: Inquiry, element: dict[str, Any]) -> Steps[Verdict]:
    yield from ()
    raise ZeroDivisionError("secret")


RULES: dict[str, Rule | None] = {
    "tag.create": in_meeting(Permissions.Tag.CAN_MANAGE),
    "tag.forgotten": None,
    "tag.broken": broken,
    "get_users": oml(Level.CAN_MANAGE_USERS),
    "server_time": everybody,
    "poll.vote": everybody,
}


class NoReader:
    def read(self, queries: Sequence[Query]) -> list[Any]:
        raise ServiceError("The datastore reader can not be reached.")


@pytest.fixture
def client() -> Client:
    stored = StoredData(
        {
            "user/1": {"is_active": True, "organization_management_level": "superadmin"},
            "user/2": {"is_active": True},
            "meeting/1": {"committee_id": 60},
        }
    )
    return Client(PermissionApplication(RULES, stored))


def ask(client: Client, name: Any = "tag.create", user_id: Any = 1, data: Any = ()) -> TestResponse:
    return client.post("/is_allowed", json={"name": name, "user_id": user_id, "data": data})


def test_allowed(client: Client) -> None:
    response = ask(client, data=[{"name": "x", "meeting_id": 1}])
    assert response.status_code == 200
    assert response.json == {"allowed": True}
    assert response.content_type == "application/json"


def test_refused(client: Client) -> None:
    response = ask(client, user_id=2, data=[{"name": "x", "meeting_id": 1}])
    assert response.status_code == 200
    assert response.json == {
        "allowed": False,
        "reason": "You are not allowed to perform tag.create. Missing permission in meeting 1: tag.can_manage.",
        "index": 0,
    }


@pytest.mark.parametrize(("user_id", "expected"), [(1, True), (2, False), (0, False), (-1, False)])
def test_a_presenter_without_data(client: Client, user_id: int, expected: bool) -> None:
    answer = ask(client, "get_users", user_id, []).json
    assert answer is not None
    assert answer["allowed"] is expected


def test_a_name_without_rule_is_allowed_to_nobody(client: Client) -> None:
    answer = ask(client, "tag.forgotten", 1, [{}]).json
    assert answer is not None
    assert answer["allowed"] is False


def test_what_does_not_exist(client: Client) -> None:
    response = ask(client, data=[{"meeting_id": 1}, {"meeting_id": 5}])
    assert response.status_code == 400
    assert response.json == {
        "message": "Model 'meeting/5' does not exist.",
        "code": "model_does_not_exist",
        "index": 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"null",
        b"{}",
        *(
            json.dumps(wrong).encode()
            for wrong in (
                {"name": "tag.create", "user_id": 1},
                {"name": "tag.create", "data": []},
                {"user_id": 1, "data": []},
                {"name": 1, "user_id": 1, "data": []},
                {"name": ["tag.create"], "user_id": 1, "data": []},
                {"name": "tag.unknown", "user_id": 1, "data": []},
                {"name": "tag.create", "user_id": "1", "data": []},
                {"name": "tag.create", "user_id": True, "data": []},
                {"name": "tag.create", "user_id": -2, "data": []},
                {"name": "tag.create", "user_id": 1.5, "data": []},
                {"name": "tag.create", "user_id": 2**70, "data": []},
                {"name": "tag.create", "user_id": 1, "data": {}},
                {"name": "tag.create", "user_id": 1, "data": [1]},
                {"name": "tag.create", "user_id": 1, "data": [{"meeting_id": {}}]},
                {"name": "tag.create", "user_id": 1, "data": [{}]},
            )
        ),
    ],
)
def test_malformed_requests(client: Client, body: bytes) -> None:
    response = client.post("/is_allowed", data=body)
    assert response.status_code == 400
    assert isinstance((response.json or {})["message"], str)


def test_a_fault_tells_nothing_but_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = ask(client, "tag.broken", 1, [{}])
    assert response.status_code == 500
    assert response.json == {"message": "Internal error."}
    assert any(record.exc_info for record in caplog.records)


def test_a_failing_reader_can_not_be_judged() -> None:
    response = ask(Client(PermissionApplication(RULES, NoReader())), data=[{"meeting_id": 1}])
    assert response.status_code == 503
    assert response.json == {"message": "The datastore reader can not be reached.", "code": "service_unavailable"}


def test_routes(client: Client) -> None:
    assert client.get("/health").json == {"status": "running"}
    assert client.get("/internal/permission/health/").status_code == 200
    head = client.head("/health")
    assert (head.status_code, head.data) == (200, b"")
    assert client.post("/health").status_code == 405
    wrong_method = client.get("/is_allowed")
    assert (wrong_method.status_code, wrong_method.headers["Allow"]) == (405, "POST")
    assert client.post("/").status_code == client.get("/nothing").status_code == 404
    body = {"name": "server_time", "user_id": 0, "data": [{}]}
    assert client.post("/internal/permission/is_allowed/", json=body).json == {"allowed": True}


def test_bodies_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_BODY", 20)
    assert client.post("/is_allowed", data=b"x" * 21).status_code == 413
    assert client.post("/is_allowed", data=b"x" * 20).status_code == 400


def test_one_line_a_request_without_its_data(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    logged = Client(LoggedApplication("permission", client.application))
    ask(logged, user_id=2, data=[{"name": "confidential", "meeting_id": 1}])
    (line,) = caplog.records
    told = "permission POST /is_allowed user=2 rule=tag.create outcome=refused reads=1 status=200 ms="
    assert line.getMessage().startswith(told)
    assert "confidential" not in line.getMessage()


def test_who_votes_is_not_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    logged = Client(LoggedApplication("permission", client.application))
    assert ask(logged, "poll.vote", user_id=2, data=[{"id": 1}]).status_code == 200
    (line,) = caplog.records
    assert " user=None rule=poll.vote " in line.getMessage()
    assert line.__dict__["user"] is None
