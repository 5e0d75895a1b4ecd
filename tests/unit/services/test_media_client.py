"""The media client: exactly 200 is success."""

import pytest

from openslides_backend.services.media import MediaClient
from openslides_backend.services.transport import HttpAnswer, HttpRequest
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.slices import SLICE
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


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
def test_a_refusal_carries_the_answer(service: CannedService, client: MediaClient, status: int) -> None:
    service.answers(status, "the file is too large ✓".encode() + b"\xff")
    with pytest.raises(BadRequest, match="the file is too large ✓"):
        client.upload_mediafile("YQ==", 1, "text/plain")


@pytest.mark.parametrize("status", [201, 204, 301, 401, 500, 502, 503])
def test_a_failure_tells_nothing_of_the_service(service: CannedService, client: MediaClient, status: int) -> None:
    service.answers(status, b"/srv/files: the folder is full")
    with pytest.raises(ServiceError) as raised:
        client.upload_mediafile("YQ==", 1, "text/plain")
    assert "srv" not in raised.value.message


def test_an_upload_is_sent_once(service: CannedService, client: MediaClient) -> None:
    service.down = True
    with pytest.raises(ServiceError):
        client.upload_mediafile("YQ==", 1, "text/plain")
    assert len(service.calls) == 1


@pytest.mark.parametrize("file", ["", "YQ==" * SLICE, 'Y"Q\\\n=\ud83d€=', "€" * SLICE + "a" * SLICE])
def test_the_file_arrives_as_it_is(service: CannedService, client: MediaClient, file: str) -> None:
    client.upload_mediafile(file, 1, 'text/"plain')
    assert service.calls[0].json == {"file": file, "id": 1, "mimetype": 'text/"plain'}


def test_large_file_is_sent_in_slices() -> None:
    sent = list[int]()

    class Slices(CannedService):
        def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
            assert not isinstance(request.body, bytes)
            sent.extend(map(len, request.body))
            return super().begin(service, request)

    MediaClient(Slices().pool(), URL).upload_mediafile("YQ==" * SLICE, 1, "text/plain")
    assert (len(sent), max(sent)) == (6, SLICE)
