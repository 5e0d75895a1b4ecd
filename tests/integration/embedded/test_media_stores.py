"""Folder and bucket keep contents alike."""

import os
import re
import runpy
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dev.stack import ROOT
from openslides_backend.embedded import media_bucket
from openslides_backend.embedded.media import MediaSettings, open_stores
from openslides_backend.embedded.media_bucket import connect
from openslides_backend.embedded.media_store import MediaStore
from openslides_backend.environment import BucketSettings, ConfigurationError
from openslides_backend.shared.exceptions import ServiceError
from tests.bucket import CREDENTIALS, REGION, bucket_server, new_bucket

LARGE = bytes(range(256)) * 90_000
"""More than two parts of an upload, and than five windows of a download."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with bucket_server() as url, pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield url


@pytest.fixture(params=["folder", "bucket"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, endpoint: str) -> MediaSettings:
    return MediaSettings(tmp_path, bucket=new_bucket(endpoint, "media/") if request.param == "bucket" else None)


@pytest.fixture
def store(settings: MediaSettings) -> MediaStore:
    return open_stores(settings)[0]


def content_of(store: MediaStore, file_id: int) -> bytes | None:
    found = store.open(file_id)
    if found is None:
        return None
    with found.stream as stream:
        content = b"".join(iter(lambda: stream.read(100_000) or b"", b""))
    assert len(content) == found.size
    return content


def broken() -> Iterator[bytes]:
    yield LARGE
    raise ValueError("no more")


@pytest.mark.parametrize("content", [b"", b"abc", LARGE], ids=["nothing", "small", "large"])
@pytest.mark.parametrize("mimetype", ["text/plain", 'späce "  \r\n\\'])
def test_stored(store: MediaStore, content: bytes, mimetype: str) -> None:
    store.put(7, mimetype, (content[start : start + 70_000] for start in range(0, len(content), 70_000)))
    found = store.open(7)
    assert found is not None
    found.stream.close()
    assert (found.mimetype, found.size) == (mimetype, len(content))
    assert content_of(store, 7) == content
    assert store.open(8) is None


def test_any_part_can_be_read(store: MediaStore) -> None:
    store.put(7, "text/plain", [LARGE])
    found = store.open(7)
    assert found is not None
    with found.stream as stream:
        assert stream.seekable()
        for position in (5_000_000, 3, len(LARGE) - 2, len(LARGE)):
            assert stream.seek(position) == position
            assert stream.read(3) == LARGE[position : position + 3]
        assert stream.tell() == len(LARGE)


def test_replaced(store: MediaStore) -> None:
    store.put(7, "text/plain", [b"old"])
    old = store.open(7)
    assert old is not None
    old.stream.close()
    store.put(7, "text/css", [b"new"])
    new = store.open(7)
    assert new is not None
    new.stream.close()
    assert (content_of(store, 7), new.mimetype) == (b"new", "text/css")
    assert new.etag != old.etag


def test_what_fails_leaves_the_old_one(store: MediaStore) -> None:
    store.put(7, "text/plain", [b"old"])
    with pytest.raises(ValueError, match="no more"):
        store.put(7, "text/plain", broken())
    assert content_of(store, 7) == b"old"
    assert store.remove_unfinished(time.time() + 1000) == 0


def test_duplicated(store: MediaStore) -> None:
    store.put(7, "text/css", [b"abc"])
    assert store.duplicate(7, 8)
    assert not store.duplicate(9, 10)
    assert content_of(store, 8) == b"abc"
    assert store.remove(7, store.touched()[7])
    assert (content_of(store, 7), content_of(store, 8)) == (None, b"abc")
    assert sorted(store.touched()) == [8]


def test_touched_and_removed(store: MediaStore) -> None:
    before = time.time() - 2
    store.put(7, "text/plain", [b"abc"])
    touched = store.touched()
    assert list(touched) == [7]
    assert before < touched[7] < time.time() + 2
    assert not store.remove(7, touched[7] - 10)
    assert not store.remove(8, touched[7])
    assert store.remove(7, touched[7])
    assert store.touched() == {}


def test_replicas_share_contents(settings: MediaSettings) -> None:
    first, second = open_stores(settings)[0], open_stores(settings)[0]
    first.put(7, "text/plain", [b"abc"])
    assert content_of(second, 7) == b"abc"
    assert second.touched() == first.touched()


def test_resources_are_kept_apart(settings: MediaSettings) -> None:
    files, resources = open_stores(settings)
    files.put(7, "text/plain", [b"abc"])
    assert resources.open(7) is None
    assert resources.touched() == {}


class TestBucket:
    """What only a bucket does."""

    @pytest.fixture
    def bucket(self, endpoint: str) -> BucketSettings:
        return new_bucket(endpoint, "media/")

    @pytest.fixture
    def store(self, bucket: BucketSettings) -> MediaStore:
        return open_stores(MediaSettings(Path(os.devnull), bucket=bucket))[0]

    def test_unfinished_uploads_are_removed(self, store: MediaStore, bucket: BucketSettings) -> None:
        client = connect(bucket)
        client.create_multipart_upload(Bucket=bucket.name, Key="media/files/7")
        # For this server all of them were begun in 2010.
        assert store.remove_unfinished(datetime(2009, 1, 1, tzinfo=UTC).timestamp()) == 0
        assert store.remove_unfinished(time.time()) == 1
        assert store.remove_unfinished(time.time() + 1000) == 0

    def test_a_file_that_is_replaced_is_not_mixed(self, store: MediaStore) -> None:
        store.put(7, "text/plain", [LARGE])
        found = store.open(7)
        assert found is not None
        found.stream.read(10)
        store.put(7, "text/plain", [LARGE[::-1]])
        found.stream.seek(5_000_000)
        with found.stream, pytest.raises(ServiceError):
            found.stream.read(10)

    def test_objects_of_others_are_let_be(self, store: MediaStore, bucket: BucketSettings) -> None:
        client = connect(bucket)
        for key in ("media/files/x", "media/filesystem", "7", "media/files/7/8"):
            client.put_object(Bucket=bucket.name, Key=key, Body=b"")
        assert store.touched() == {}
        client.put_object(Bucket=bucket.name, Key="media/files/7", Body=b"abc")
        found = store.open(7)
        assert found is not None
        found.stream.close()
        assert found.mimetype == "application/octet-stream"

    @pytest.mark.parametrize("mimetype", ["text/plain", "[1]", ""])
    def test_objects_of_others_have_no_type(self, store: MediaStore, bucket: BucketSettings, mimetype: str) -> None:
        client = connect(bucket)
        client.put_object(Bucket=bucket.name, Key="media/files/7", Body=b"abc", Metadata={"mimetype": mimetype})

        file = store.open(7)

        assert file is not None
        assert file.mimetype == "application/octet-stream"

    def test_no_bucket(self, endpoint: str) -> None:
        store, _ = open_stores(MediaSettings(Path(os.devnull), bucket=BucketSettings("none", "", endpoint, REGION)))
        for call in (
            lambda: store.put(7, "text/plain", [b""]),
            lambda: store.duplicate(7, 8),
            store.touched,
            lambda: store.remove_unfinished(0),
        ):
            with pytest.raises(ServiceError, match="storage"):
                call()

    def test_no_server(self, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
        monkeypatch.setattr(media_bucket, "_TRIES", 1)
        nowhere = BucketSettings("none", "", "http://127.0.0.1:1", REGION)
        store, _ = open_stores(MediaSettings(Path(os.devnull), bucket=nowhere))
        with pytest.raises(ServiceError, match="storage"):
            store.open(7)


def test_moving_to_a_bucket(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/operations.md tells it."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    bucket = new_bucket(endpoint)
    program = program.replace("s3://files?endpoint=http://127.0.0.1:9000", f"s3://{bucket.name}?endpoint={endpoint}")
    folder = tmp_path / ".local" / "media"
    for store, content in zip(open_stores(MediaSettings(folder)), (LARGE, b"abc"), strict=True):
        store.put(7, "text/css", [content])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    (tmp_path / "move.py").write_text(program, encoding="utf-8")
    runpy.run_path("move.py")
    files, resources = open_stores(MediaSettings(folder, bucket=bucket))
    assert (content_of(files, 7), content_of(resources, 7)) == (LARGE, b"abc")
    moved = files.open(7)
    assert moved is not None
    moved.stream.close()
    assert moved.mimetype == "text/css"


def test_library_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, media_bucket.__name__)
    with pytest.raises(ConfigurationError, match=r"requirements/s3\.txt"):
        open_stores(MediaSettings(tmp_path, bucket=BucketSettings("none", "", None, None)))
