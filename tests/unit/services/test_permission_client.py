"""The permission client: only a clear yes is yes."""

import pytest

from openslides_backend.services.permission import PermissionClient
from openslides_backend.shared.exceptions import BadRequest, PermissionDenied, ServiceError
from tests.unit.services.canned_service import URL, CannedService

DATA = [{"id": 1}, {"id": 2}]


@pytest.fixture
def service() -> CannedService:
    return CannedService()


@pytest.fixture
def client(service: CannedService) -> PermissionClient:
    return PermissionClient(service.pool(), URL)


@pytest.mark.parametrize("answer", [True, {"allowed": True}, {"allowed": True, "reason": "", "index": None}])
def test_allowed(service: CannedService, client: PermissionClient, answer: object) -> None:
    service.answers(200, answer)
    client.begin_check("topic.create", 7, DATA).result()
    (call,) = service.calls
    assert call.path == "/is_allowed"
    assert call.json == {"name": "topic.create", "user_id": 7, "data": DATA}
    assert call.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("answer", [False, {"allowed": False}, {"allowed": False, "reason": None, "index": None}])
def test_refused_without_a_reason(service: CannedService, client: PermissionClient, answer: object) -> None:
    service.answers(200, answer)
    with pytest.raises(PermissionDenied, match=r"topic\.create") as caught:
        client.begin_check("topic.create", 7, DATA).result()
    assert caught.value.action_data_error_index is None


def test_refused_with_a_reason(service: CannedService, client: PermissionClient) -> None:
    service.answers(200, {"allowed": False, "reason": "Missing permission: x", "index": 1})
    with pytest.raises(PermissionDenied) as caught:
        client.begin_check("topic.create", 7, DATA).result()
    assert caught.value.message == "Missing permission: x"
    assert caught.value.action_data_error_index == 1


@pytest.mark.parametrize("index", [-1, 2, "1", 1.0, True, [1]])
def test_an_index_that_names_no_element_is_left_out(
    service: CannedService, client: PermissionClient, index: object
) -> None:
    service.answers(200, {"allowed": False, "reason": "no", "index": index})
    with pytest.raises(PermissionDenied) as caught:
        client.begin_check("topic.create", 7, DATA).result()
    assert caught.value.action_data_error_index is None


def test_data_that_can_not_be_judged(service: CannedService, client: PermissionClient) -> None:
    service.answers(400, {"message": "Model 'topic/1' does not exist.", "index": 0})
    with pytest.raises(BadRequest, match="does not exist") as caught:
        client.begin_check("topic.update", 7, DATA).result()
    assert caught.value.action_data_error_index == 0


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b""),
        (200, b"true false"),
        (200, b"<html>"),
        (200, None),
        (200, 1),
        (200, "true"),
        (200, [True]),
        (200, {}),
        (200, {"allowed": "true"}),
        (200, {"allowed": 1}),
        (200, {"allowed": None}),
        (201, True),
        (204, b"true"),
        (302, True),
        (400, b"bad"),
        (400, True),
        (400, {"message": 5}),
        (401, {"allowed": True}),
        (403, True),
        (404, {"message": "x"}),
        (500, {"allowed": True}),
        (503, b""),
    ],
)
def test_anything_else_is_no(service: CannedService, client: PermissionClient, status: int, answer: object) -> None:
    service.answers(status, answer)
    with pytest.raises(ServiceError):
        client.begin_check("topic.create", 7, DATA).result()


def test_no_answer(service: CannedService, client: PermissionClient) -> None:
    service.down = True
    with pytest.raises(ServiceError):
        client.begin_check("topic.create", 7, DATA).result()
