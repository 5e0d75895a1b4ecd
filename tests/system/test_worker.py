"""Clients that say nothing, or not enough, don't stop the others."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from dev.stack import descendants, free_ports
from openslides_backend.serve.probe import is_healthy
from openslides_backend.serve.worker import SILENCE_SECONDS
from tests.system.processes import python, wait_until_healthy

THREADS = 2


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


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


@pytest.mark.usefixtures("presenter")
def test_silent_connections_take_no_threads(port: int) -> None:
    with ExitStack() as stack:
        connections(stack, port, 10 * THREADS)
        started = time.monotonic()
        assert is_healthy(url(port), timeout=SILENCE_SECONDS)
        assert time.monotonic() - started < SILENCE_SECONDS / 4


@pytest.mark.usefixtures("presenter")
def test_half_a_head_holds_a_thread_for_a_while_only(port: int) -> None:
    with ExitStack() as stack:
        for connection in connections(stack, port, THREADS):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        assert is_healthy(url(port), timeout=3 * SILENCE_SECONDS)


@pytest.mark.usefixtures("presenter")
def test_busy_clients_do_not_keep_others_waiting(port: int) -> None:
    """As many as there are threads ask again and again, each over its connection, and others come in between."""
    ended = threading.Event()

    def ask() -> int:
        count = 0
        with requests.Session() as session:
            while not ended.is_set():
                assert session.get(url(port), timeout=SILENCE_SECONDS).status_code == 200
                count += 1
        return count

    with ThreadPoolExecutor(THREADS) as executor:
        busy = [executor.submit(ask) for _ in range(THREADS)]
        started = time.monotonic()
        try:
            for _ in range(20):
                assert is_healthy(url(port), timeout=SILENCE_SECONDS)
        finally:
            ended.set()
        assert time.monotonic() - started < SILENCE_SECONDS / 2
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
        assert time.monotonic() - started < SILENCE_SECONDS
