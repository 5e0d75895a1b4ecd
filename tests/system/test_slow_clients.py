"""Clients that say nothing, or not enough, don't stop the others."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from dev.stack import descendants, free_ports
from openslides_backend.embedded.auth.application import MAX_BODY
from openslides_backend.serve.connections import HEAD_SECONDS, MAX_CONNECTIONS
from openslides_backend.serve.probe import is_healthy
from tests.system.processes import python, wait_until_healthy

THREADS = 2
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def auth(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    password = tmp_path / "password"
    password.write_text("internal")
    variables = {
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_DATA_FOLDER": str(tmp_path / "data"),
        "INTERNAL_AUTH_PASSWORD_FILE": str(password),
        "AUTH_PORT": str(port),
    }
    with python("openslides_backend.embedded.servers", variables, "auth") as server:
        wait_until_healthy(f"http://127.0.0.1:{port}/system/auth/health")
        yield server


@pytest.fixture
def presenter(port: int) -> Iterator[subprocess.Popen[str]]:
    variables = {
        "OPENSLIDES_BACKEND_COMPONENT": "presenter",
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_BACKEND_RELOAD": "0",
        "OPENSLIDES_BACKEND_NUM_THREADS": str(THREADS),
        "PRESENTER_PORT": str(port),
    }
    with python("openslides_backend", variables) as master:
        wait_until_healthy(url(port))
        yield master


def url(port: int) -> str:
    return f"http://127.0.0.1:{port}/system/presenter/health"


def connections(stack: ExitStack, port: int, count: int) -> list[socket.socket]:
    return [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(count)]


HEAD = b"POST /system/presenter/handle_request HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = b'[{"presenter": "nothing"}]'
COMPLETE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


def seconds_of_others(port: int) -> float:
    """How long others wait for a health route and for a usual request, at the most."""
    times = []
    for _ in range(5):
        started = time.monotonic()
        assert is_healthy(url(port), timeout=HEAD_SECONDS)
        times.append(time.monotonic() - started)
        started = time.monotonic()
        question = f"http://127.0.0.1:{port}/system/presenter/handle_request"
        assert requests.post(question, data=BODY, headers=JSON, timeout=HEAD_SECONDS).status_code == 400
        times.append(time.monotonic() - started)
    return max(times)


@pytest.mark.usefixtures("presenter")
@pytest.mark.parametrize("beginning", [b"", HEAD, COMPLETE[:-1]], ids=["silent", "head", "body"])
def test_slow_clients_do_not_slow_others(port: int, beginning: bytes) -> None:
    with ExitStack() as stack:
        for connection in connections(stack, port, 200):
            connection.sendall(beginning)
        assert seconds_of_others(port) < 0.5


@pytest.mark.usefixtures("auth")
@pytest.mark.parametrize("body", [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])
def test_slow_logins_do_not_keep_others_from_the_auth_service(port: int, body: bytes) -> None:
    """All other services ask it at each request, where there is no message bus."""
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        for connection in connections(stack, port, 200):
            connection.sendall(HEAD.replace(b"presenter/handle_request", b"auth/login") + body)
        started = time.monotonic()
        assert is_healthy(f"{url}/system/auth/health", timeout=HEAD_SECONDS)
        answer = requests.post(f"{url}/system/auth/login", json={"username": 1}, timeout=HEAD_SECONDS)
        assert time.monotonic() - started < HEAD_SECONDS / 4
    assert (answer.status_code, answer.json()["field"]) == (400, "username")


@pytest.mark.usefixtures("auth")
@pytest.mark.parametrize("chunked", [False, True])
def test_large_bodies_for_the_auth_service(port: int, chunked: bool) -> None:
    body = b" " * (MAX_BODY + 1)
    answer = requests.post(
        f"http://127.0.0.1:{port}/system/auth/login",
        iter([body]) if chunked else body,
        headers=JSON,
        timeout=HEAD_SECONDS,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def seconds_until_closed(connection: socket.socket, bit: bytes) -> tuple[float, bytes]:
    """How long a client may send bit after bit until the connection is closed, and what it is told."""
    started = time.monotonic()
    connection.settimeout(0.5)
    answer = b""
    while time.monotonic() < started + 3 * HEAD_SECONDS:
        try:
            connection.sendall(bit)
            received = connection.recv(4096)
            if not received:
                break
            answer += received
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - started, answer


@pytest.mark.long
@pytest.mark.usefixtures("presenter")
@pytest.mark.parametrize(
    ("beginning", "bit", "status"),
    [
        (HEAD, b"X: y\r\n", b""),
        (COMPLETE, b"P", b"HTTP/1.1 400"),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b" ", b"HTTP/1.1 408"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", b"HTTP/1.1 408"),
    ],
    ids=["head", "second head", "body", "chunks"],
)
def test_trickling_ends(port: int, beginning: bytes, bit: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(beginning)
        seconds, answer = seconds_until_closed(connection, bit)
    assert HEAD_SECONDS - 1 < seconds < HEAD_SECONDS + 5
    assert answer.startswith(status)


@pytest.mark.long
@pytest.mark.usefixtures("presenter")
def test_200_trickling_clients(port: int) -> None:
    """Half of them in the head, half of them in the body, a byte every second."""
    with ExitStack() as stack:
        clients = connections(stack, port, 200)
        for number, connection in enumerate(clients):
            connection.sendall(HEAD if number % 2 else COMPLETE[:-20])
        for _ in range(8):
            for connection in clients:
                connection.sendall(b" ")
            assert seconds_of_others(port) < 0.5
            time.sleep(1)


@pytest.mark.usefixtures("presenter")
def test_more_connections_than_there_may_be(port: int) -> None:
    """The ones that have been silent for the longest time make room for others."""
    with ExitStack() as stack:
        silent = connections(stack, port, MAX_CONNECTIONS + 20)
        assert is_healthy(url(port), timeout=HEAD_SECONDS)
        silent[0].settimeout(HEAD_SECONDS)
        with suppress(ConnectionResetError):
            assert silent[0].recv(1) == b""
        silent[-1].sendall(COMPLETE)
        assert silent[-1].recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.usefixtures("presenter")
def test_busy_clients_do_not_keep_others_waiting(port: int) -> None:
    """As many as there are threads ask again and again, each over its connection, and others come in between."""
    ended = threading.Event()

    def ask() -> int:
        count = 0
        with requests.Session() as session:
            while not ended.is_set():
                assert session.get(url(port), timeout=HEAD_SECONDS).status_code == 200
                count += 1
        return count

    with ThreadPoolExecutor(THREADS) as executor:
        busy = [executor.submit(ask) for _ in range(THREADS)]
        started = time.monotonic()
        try:
            for _ in range(20):
                assert is_healthy(url(port), timeout=HEAD_SECONDS)
        finally:
            ended.set()
        assert time.monotonic() - started < HEAD_SECONDS / 2
        assert all(future.result() for future in busy)


def test_a_worker_without_work_stays_alive(port: int) -> None:
    variables = {
        "OPENSLIDES_BACKEND_COMPONENT": "presenter",
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_BACKEND_RELOAD": "0",
        "OPENSLIDES_BACKEND_WORKER_TIMEOUT": "2",
        "PRESENTER_PORT": str(port),
    }
    with python("openslides_backend", variables) as master:
        wait_until_healthy(url(port))
        before = list(descendants(master.pid))
        time.sleep(5)  # what is tested is that time may pass: more than twice the timeout
        assert is_healthy(url(port))
        assert list(descendants(master.pid)) == before


def test_silent_connections_do_not_delay_the_end(presenter: subprocess.Popen[str], port: int) -> None:
    with ExitStack() as stack:
        connections(stack, port, 3)
        presenter.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert presenter.wait(30) == 0
        assert time.monotonic() - started < HEAD_SECONDS
