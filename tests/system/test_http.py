"""HTTP as the public components speak it."""

import json
import socket
import subprocess
from collections.abc import Iterator

import pytest

from dev.stack import free_ports
from tests.system.processes import PATIENCE, python, wait_until_healthy

PATH = b"/system/presenter/handle_request"
BODY = b'[{"presenter": "nothing"}]'
HEAD = b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
POST = b"POST " + PATH + HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
LAST = b"GET /system/presenter/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
UNKNOWN = 'Presenter "nothing" does not exist.'


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    (port,) = free_ports(1)
    variables = {
        "OPENSLIDES_BACKEND_COMPONENT": "presenter",
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_BACKEND_RELOAD": "0",
        "PRESENTER_PORT": str(port),
    }
    with python("openslides_backend", variables) as process:
        wait_until_healthy(f"http://127.0.0.1:{port}/system/presenter/health")
        yield port, process


@pytest.fixture
def connection(server: tuple[int, subprocess.Popen[str]]) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server[0]), timeout=PATIENCE) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    received = b""
    while more := connection.recv(65536):
        received += more
    return received


def test_keep_alive_and_pipelining(connection: socket.socket) -> None:
    connection.sendall(POST * 3 + LAST)
    answers = everything(connection)
    assert answers.count(b"HTTP/1.1 400 Bad Request") == 3
    assert answers.count(b"HTTP/1.1 200 OK") == 1
    assert answers.endswith(b'{"status":"running"}')
    assert answers.index(b"does not exist") < answers.index(b"running")


@pytest.mark.parametrize("method", [b"POST ", b"GET "])
@pytest.mark.parametrize("rest", [b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY, CHUNKS], ids=["length", "chunks"])
def test_bodies(connection: socket.socket, method: bytes, rest: bytes) -> None:
    connection.sendall(method + PATH + HEAD + rest + LAST)
    answers = everything(connection)
    assert UNKNOWN in json.loads(answers.split(b"\r\n\r\n")[1].split(b"HTTP/1.1")[0])["message"]
    assert answers.endswith(b'{"status":"running"}')


def test_head(connection: socket.socket) -> None:
    connection.sendall(b"HEAD /system/presenter/health HTTP/1.1\r\nHost: x\r\n\r\n" + LAST)
    first, second, _ = everything(connection).split(b"\r\n\r\n")
    assert b"Content-Length: 20" in first
    assert second.startswith(b"HTTP/1.1 200 OK")


def test_continue(connection: socket.socket) -> None:
    connection.sendall(b"POST " + PATH + HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
    assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(BODY + LAST)
    assert everything(connection).startswith(b"HTTP/1.1 400 Bad Request")


def test_a_client_that_closes_its_side_gets_the_answer(connection: socket.socket) -> None:
    connection.sendall(POST)
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection).startswith(b"HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /system/presenter/health/ HTTP/1.1\r\nHost: x\r\nSCRIPT_NAME: /system\r\n\r\n",
        b"GET /system/presenter/health HTTP/1.1\r\nHost: x\r\nScript-Name: /x\r\n\r\n",
        b"GET /system/presenter/he%61lth?a=%00 HTTP/1.0\r\n\r\n",
        b"GET http://x/system/presenter/health HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_odd_but_good(connection: socket.socket, head: bytes) -> None:
    connection.sendall(head)
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection).startswith((b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK"))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST " + PATH + HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n", 400),
        (b"POST " + PATH + HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n[]\r\n0\r\n\r\n", 400),
        (b"POST " + PATH + HEAD + b"Content-Length: x\r\n\r\n", 400),
        (b"POST " + PATH + HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (b"POST " + PATH + HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", 413),
        (b"POST " + PATH + HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
        (b"POST " + PATH + HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET http://[x/ HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"POST /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 431),
    ],
)
def test_bad(connection: socket.socket, request_: bytes, status: int) -> None:
    connection.sendall(request_)
    connection.shutdown(socket.SHUT_WR)
    assert everything(connection).split(b" ")[1] == str(status).encode()


def test_upgrade_is_refused(connection: socket.socket) -> None:
    connection.sendall(
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert everything(connection).startswith(b"HTTP/1.1 4")
