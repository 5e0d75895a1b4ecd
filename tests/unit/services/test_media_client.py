"""The media client: exactly 200 is success."""

import pytest

from openslides_backend.services.media import MediaClient
from openslides_backend.shared.exceptions import ServiceError
from tests.unit.services.canned_service import URL, CannedService


@pytest.fixture
def service() -> CannedService:
    return CannedService()


@pytest.fixture
def client(service: CannedService) -> MediaClient:
    return MediaClient(service.pool(), f"{URL}/internal/media")


def test_calls(service: CannedService, client: MediaClient) -> None:
    service.answers(200, b"whatever")
    client.upload_mediafile("YQ==", 1, "text/plain")
    client.upload_resource("Yg==", 2, "text/css")
    client.duplicate_mediafile(1, 3)
    assert [(call.path, call.json) for call in service.calls] == [
        ("/internal/media/upload_mediafile/", {"file": "YQ==", "id": 1, "mimetype": "text/plain"}),
        ("/internal/media/upload_resource/", {"file": "Yg==", "id": 2, "mimetype": "text/css"}),
        ("/internal/media/duplicate_mediafile/", {"source_id": 1, "target_id": 3}),
    ]
    for call in service.calls:
        assert call.headers["Content-Type"] == "application/json"
        assert not {"Cookie", "authentication"} & set(call.headers)


@pytest.mark.parametrize("status", [201, 204, 301, 400, 404, 413, 500])
def test_failure_carries_the_answer(service: CannedService, client: MediaClient, status: int) -> None:
    service.answers(status, "the folder is full ✓".encode() + b"\xff")
    with pytest.raises(ServiceError, match="the folder is full ✓"):
        client.upload_mediafile("YQ==", 1, "text/plain")


def test_an_upload_is_sent_once(service: CannedService, client: MediaClient) -> None:
    service.down = True
    with pytest.raises(ServiceError):
        client.upload_mediafile("YQ==", 1, "text/plain")
    assert len(service.calls) == 1
