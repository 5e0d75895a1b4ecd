"""The head of an answer, as it comes out of a socket, in whatever pieces."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, IncompleteRead

import pytest

from openslides_backend.services.kept_response import KeptResponse


@contextmanager
def response(text: bytes, piece: int = 65536) -> Iterator[KeptResponse]:
    """A response that hasn't begun, to what the other side sends in pieces before it closes the connection."""
    here, there = socket.socketpair()
    here.settimeout(5)

    def send() -> None:
        with there:
            for start in range(0, len(text), piece):
                there.sendall(text[start : start + piece])

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield KeptResponse(here)
    finally:
        here.close()
        thread.join()


@pytest.mark.parametrize("piece", [1, 7, 65536])
def test_head_and_body(piece: int) -> None:
    head = b"HTTP/1.1 404 Not  Found\r\nContent-Length: 3\r\nX-Thing:  a: b \r\nx-thing: c\r\nX-Empty:\r\n\r\n"
    with response(head + b"abcHTTP", piece) as got:
        got.begin()
        assert (got.status, got.length, got.chunked, got.will_close) == (404, 3, False, False)
        assert got.fields == {"content-length": "3", "x-thing": "a: b, c", "x-empty": ""}
        assert got.read() == b"abc"


@pytest.mark.parametrize(
    ("head", "body", "will_close"),
    [
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"", False),
        (b"HTTP/1.1 200 OK\n\nrest", b"rest", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nxyz", b"x", True),
        (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", b"x", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", b"ab", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n1\r\na\r\n0\r\n\r\n", b"a", False),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b"", False),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", b"", False),
        (b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x", False),
    ],
)
def test_what_a_head_says_of_the_body(head: bytes, body: bytes, will_close: bool) -> None:
    with response(head) as got:
        got.begin()
        assert got.will_close is will_close
        assert got.read() == body


def test_a_body_that_ends_too_soon() -> None:
    with response(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab") as got:
        got.begin()
        with pytest.raises(IncompleteRead):
            got.read()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/1.1 +20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: folded\r\n Y: into one\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX : blank\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_head(head: bytes) -> None:
    with response(head) as got, pytest.raises(HTTPException):
        got.begin()


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"]
)
def test_a_head_that_never_ends(head: bytes) -> None:
    with response(head) as got, pytest.raises(ConnectionError):
        got.begin()
