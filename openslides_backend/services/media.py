"""The client of the media service (media_service.md)."""

import json
import logging
from collections.abc import Iterator
from typing import Protocol

from openslides_backend.services.http import HttpPool
from openslides_backend.services.transport import SlicedBody
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from openslides_backend.shared.slices import SLICE, is_plain

logger = logging.getLogger(__name__)

_LONGEST_DETAIL = 1000
_FAULTS_OF_THE_REQUEST = frozenset({400, 404, 413, 415, 422})
# The contract knows no timeout, but nobody waits longer than this for an answer.
_TIMEOUT_SECONDS = 600.0


class MediaService(Protocol):
    """Keeps the contents of files.

    Each method raises BadRequest with what the service says if it refuses the request, and ServiceError if it fails.
    """

    def upload_mediafile(self, file: str, id_: int, mimetype: str) -> None:
        """Store the content of a mediafile; `file` is its base64."""

    def upload_resource(self, file: str, id_: int, mimetype: str) -> None:
        """Store the content of a resource; `file` is its base64."""

    def duplicate_mediafile(self, source_id: int, target_id: int) -> None:
        """Give the content of one mediafile to another one, too."""


class _Upload:
    """The body of an upload, in slices: no copy of the file is made."""

    def __init__(self, file: str, id_: int, mimetype: str) -> None:
        self._file = file
        self._end = f'", "id": {id_}, "mimetype": {json.dumps(mimetype)}}}'.encode()
        self._length = sum(map(len, self))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"file": "'
        for start in range(0, len(self._file), SLICE):
            yield _escaped(self._file[start : start + SLICE])
        yield self._end


def _escaped(text: str) -> bytes:
    """A part of a JSON string."""
    if text.isascii() and is_plain(raw := text.encode("ascii")):
        return raw
    return json.dumps(text)[1:-1].encode("ascii")


class MediaClient:
    """Calls the media service over HTTP; `url` is its base URL."""

    def __init__(self, pool: HttpPool, url: str) -> None:
        self._pool = pool
        self._url = url

    def upload_mediafile(self, file: str, id_: int, mimetype: str) -> None:
        """See MediaService."""
        self._call("upload_mediafile", _Upload(file, id_, mimetype))

    def upload_resource(self, file: str, id_: int, mimetype: str) -> None:
        """See MediaService."""
        self._call("upload_resource", _Upload(file, id_, mimetype))

    def duplicate_mediafile(self, source_id: int, target_id: int) -> None:
        """See MediaService."""
        self._call("duplicate_mediafile", json.dumps({"source_id": source_id, "target_id": target_id}).encode())

    def _call(self, command: str, body: bytes | SlicedBody) -> None:
        answer = self._pool.post("media", f"{self._url}/{command}/", body, read_timeout=_TIMEOUT_SECONDS)
        if answer.status in _FAULTS_OF_THE_REQUEST:
            detail = answer.body.decode("utf-8", "replace")[:_LONGEST_DETAIL]
            raise BadRequest(f"The media service refused the request: {detail}")
        if answer.status != 200:
            logger.warning("media: %s answered with status %s", command, answer.status)
            raise ServiceError("The media service failed.")
