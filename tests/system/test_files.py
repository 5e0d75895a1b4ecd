"""Files over HTTP: uploaded, moved and published by some, downloaded by those who may."""

import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from dev.file_benchmark import text_of, watched
from dev.stack import Stack
from tests.bucket import CREDENTIALS, REGION, bucket_server, new_bucket
from tests.system.people import PASSWORD, Person, account
from tests.system.processes import wait_until_healthy

CONTENT = bytes(range(32, 127)) * 5000
OVERHEAD = 20_000_000
"""Bytes that a process may need besides, for whatever it does the first time."""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    waiting = {"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1", **waiting}) as running:
        yield running


def download(stack: Stack, file: int, person: Person | None = None, **headers: str) -> requests.Response:
    url = f"http://127.0.0.1:{stack.ports['MEDIA']}/system/media/get/{file}"
    return requests.get(url, headers=headers, timeout=30) if person is None else person.gets(url, **headers)


def upload(person: Person, owner_id: str, title: str, content: bytes) -> int:
    element = {"owner_id": owner_id, "title": title, "filename": title, "file": base64.b64encode(content).decode()}
    return int(person.does("mediafile.upload", element)["id"])


def test_from_upload_to_download(stack: Stack) -> None:
    superadmin = Person(stack, "superadmin", "superadmin")
    chair_id = account(superadmin, "files-chair")
    account(superadmin, "files-stranger")
    committee = {"name": "Files committee", "organization_id": 1, "manager_ids": [chair_id]}
    committee_id = superadmin.does("committee.create", committee)["id"]
    meeting = {"committee_id": committee_id, "name": "Files", "language": "en", "admin_ids": [chair_id]}
    owner_id = f"meeting/{superadmin.does('meeting.create', meeting)['id']}"
    chair, stranger = Person(stack, "files-chair", PASSWORD), Person(stack, "files-stranger", PASSWORD)

    file = upload(chair, owner_id, "long.txt", CONTENT)
    directory = chair.does("mediafile.create_directory", {"owner_id": owner_id, "title": "d"})["id"]
    chair.does("mediafile.move", {"owner_id": owner_id, "ids": [file], "parent_id": directory})
    whole = download(stack, file, chair)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    part = download(stack, file, chair, Range="bytes=100000-100009")
    assert (part.status_code, part.content) == (206, CONTENT[100000:100010])
    assert download(stack, file, chair, **{"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert download(stack, file, chair, Range="bytes=999999-").status_code == 416
    assert download(stack, file, stranger).status_code == 403
    assert download(stack, file).status_code == 403
    stranger.is_refused("mediafile.update", {"id": file, "title": "mine"})

    shared = upload(superadmin, "organization/1", "shared.txt", b"for all")
    superadmin.does("mediafile.publish", {"id": shared, "publish": True})
    assert download(stack, shared, stranger).content == b"for all"
    assert download(stack, shared).status_code == 403

    for name, content in (("a.svg", SVG), ("a.html", HTML)):
        answer = download(stack, upload(chair, owner_id, name, content), chair)
        assert answer.content == content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        policy = answer.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy
        assert "allow-scripts" not in policy


def test_memory_of_an_upload(stack: Stack) -> None:
    superadmin, size = Person(stack, "superadmin", "superadmin"), 40_000_000
    content = text_of(size)
    upload(superadmin, "organization/1", "small.txt", content[:1000])
    with watched(stack, "action", "media") as peak:
        file = upload(superadmin, "organization/1", "large.txt", content)
    assert peak.growth.keys() == {"action", "media"}
    for service, grown in peak.growth.items():
        assert grown < 3 * size + OVERHEAD, f"{service}: {grown / size:.1f} times the file"
    assert download(stack, file, superadmin).content == content


def test_slow_downloads_do_not_keep_others_waiting(stack: Stack) -> None:
    """As of an audience that opens the same file over a weak network."""
    superadmin, port = Person(stack, "superadmin", "superadmin"), stack.ports["MEDIA"]
    file = upload(superadmin, "organization/1", "slow.txt", text_of(20_000_000))
    tiny = upload(superadmin, "organization/1", "tiny.txt", b"tiny")
    lines = "".join(f"{name}: {value}\r\n" for name, value in superadmin.session.items())
    with ExitStack() as clients:
        for _ in range(30):
            client = clients.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.settimeout(30)
            client.sendall(f"GET /system/media/get/{file} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
            assert client.recv(12) == b"HTTP/1.1 200"
        assert download(stack, tiny, superadmin).content == b"tiny"


def test_files_in_a_bucket() -> None:
    with bucket_server() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        bucket = new_bucket(endpoint)
        storage = f"s3://{bucket.name}/media?endpoint={endpoint}&region={REGION}"
        variables = {"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1", "MEDIA_STORAGE_URL": storage, **CREDENTIALS}
        with Stack(variables) as stack:
            superadmin = Person(stack, "superadmin", "superadmin")
            file = upload(superadmin, "organization/1", "long.txt", CONTENT)
            assert not (stack.folder / "data" / "media").exists()
            # Another replica knows it, too.
            stack.kill("media", workers_only=True)
            wait_until_healthy(f"{stack.media_url}/health")
            assert download(stack, file, superadmin).content == CONTENT
            part = download(stack, file, superadmin, Range="bytes=100000-100009")
            assert (part.status_code, part.content) == (206, CONTENT[100000:100010])
