"""File contents in a bucket of S3 or of whatever speaks its protocol, which any number of replicas share."""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import SEEK_SET, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, cast

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from openslides_backend.embedded.media_store import StoredFile
from openslides_backend.environment import BucketSettings
from openslides_backend.shared.exceptions import ServiceError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CopySourceTypeDef, HeadObjectOutputTypeDef

logger = logging.getLogger(__name__)

_PART = 8 * 1024 * 1024
"""Bytes that are sent at once: no more of an upload is held in memory. The protocol demands 5 MiB at least."""
_WINDOW = 4 * 1024 * 1024
"""Bytes that are asked for at once: a client that wants a few of a large file, or goes away, costs no more."""
_CONNECT_SECONDS = 5
_READ_SECONDS = 30
_TRIES = 3
_CONNECTIONS = 16
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_MIMETYPE = "mimetype"
_UNKNOWN_TYPE = "application/octet-stream"
"""Of an object that something else has put there."""


def connect(settings: BucketSettings) -> "S3Client":
    """A client, which finds its credentials where all programs of that kind do; safe to be shared between threads.

    Raises ServiceError if the settings lead nowhere.
    """
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
        max_pool_connections=_CONNECTIONS,
        # Not all servers that speak the protocol know these checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # The names of buckets are no names of hosts anywhere but at Amazon.
        s3={"addressing_style": "path" if settings.endpoint else "auto"},
    )
    with _translated():
        return boto3.client("s3", endpoint_url=settings.endpoint, region_name=settings.region, config=config)


class BucketStore:
    """Contents under a prefix of a bucket, each with its mimetype in the metadata (see MediaStore)."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def put(self, file_id: int, mimetype: str, content: Iterable[bytes]) -> None:
        """See MediaStore."""
        # Headers can't hold everything that a mimetype may be called; JSON is ASCII.
        metadata = {"Metadata": {_MIMETYPE: json.dumps(mimetype)}, "ContentType": "application/octet-stream"}
        parts = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, use_threads=False)
        stream = cast("BinaryIO", _Slices(content))
        with _translated():
            self._client.upload_fileobj(stream, self._bucket, self._key(file_id), metadata, Config=parts)

    def duplicate(self, source_id: int, target_id: int) -> bool:
        """See MediaStore."""
        source: CopySourceTypeDef = {"Bucket": self._bucket, "Key": self._key(source_id)}
        with _translated():
            try:
                self._client.copy_object(Bucket=self._bucket, Key=self._key(target_id), CopySource=source)
            except ClientError as error:
                if _is_missing(error):
                    return False
                raise
        return True

    def open(self, file_id: int) -> StoredFile | None:
        """See MediaStore."""
        key = self._key(file_id)
        with _translated():
            head = self._head(key)
        if head is None:
            return None
        etag, size = head["ETag"], head["ContentLength"]
        mimetype = _mimetype(head["Metadata"].get(_MIMETYPE, ""))
        return StoredFile(_Object(self._client, self._bucket, key, etag, size), mimetype, size, etag.strip('"'))

    def _head(self, key: str) -> "HeadObjectOutputTypeDef | None":
        """What is known of an object, None if it isn't there."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise

    def touched(self) -> dict[int, float]:
        """See MediaStore."""
        found = dict[int, float]()
        with _translated():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for entry in page.get("Contents", ()):
                    name = entry["Key"].removeprefix(self._prefix)
                    if name.isascii() and name.isdigit():
                        found[int(name)] = entry["LastModified"].timestamp()
        return found

    def remove(self, file_id: int, touched: float) -> bool:
        """See MediaStore. What is stored under the id between the look at it and the removal goes with it."""
        key = self._key(file_id)
        with _translated():
            head = self._head(key)
            if head is None or head["LastModified"].timestamp() != touched:
                return False
            self._client.delete_object(Bucket=self._bucket, Key=key)
        return True

    def remove_unfinished(self, before: float) -> int:
        """See MediaStore."""
        removed = 0
        with _translated():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            for page in pages:
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"].timestamp() < before:
                        self._client.abort_multipart_upload(
                            Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                        )
                        removed += 1
        return removed

    def _key(self, file_id: int) -> str:
        return f"{self._prefix}{int(file_id)}"


class _Slices:
    """Slices as a stream that is read once."""

    def __init__(self, slices: Iterable[bytes]) -> None:
        self._slices = iter(slices)
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, fewer at the end only."""
        parts, length = [self._rest], len(self._rest)
        while (size < 0 or length < size) and (piece := next(self._slices, None)) is not None:
            parts.append(piece)
            length += len(piece)
        whole = b"".join(parts)
        end = len(whole) if size < 0 else size
        self._rest = whole[end:]
        return whole[:end]


class _Object(RawIOBase):
    """A stored object, read window by window; fails if it is replaced meanwhile."""

    def __init__(self, client: "S3Client", bucket: str, key: str, etag: str, size: int) -> None:
        super().__init__()
        self._client = client
        self._bucket = bucket
        self._key = key
        self._etag = etag
        self._size = size
        self._position = 0
        self._window = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes; none at the end only."""
        if not self._window and self._position < self._size:
            self._window = memoryview(self._fetch())
        piece = self._window[: len(self._window) if size < 0 else size]
        self._window = self._window[len(piece) :]
        self._position += len(piece)
        return bytes(piece)

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a position, counted from the beginning only."""
        if whence != SEEK_SET:
            raise OSError("positions are counted from the beginning")
        self._position, self._window = offset, memoryview(b"")
        return offset

    def tell(self) -> int:
        """The position."""
        return self._position

    def _fetch(self) -> bytes:
        last = min(self._position + _WINDOW, self._size) - 1
        with _translated():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._key, Range=f"bytes={self._position}-{last}", IfMatch=self._etag
            )
            return answer["Body"].read()


def _mimetype(stored: str) -> str:
    try:
        mimetype = json.loads(stored)
    except ValueError:
        return _UNKNOWN_TYPE
    return mimetype if isinstance(mimetype, str) else _UNKNOWN_TYPE


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in _MISSING


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever goes wrong with the storage as ServiceError; the log has the reason, which names no content."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.warning("the storage of files failed: %s", error)
        raise ServiceError("The storage of files failed or can't be reached.") from None
