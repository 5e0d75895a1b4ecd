"""What Gunicorn's worker does between requests, with a real pair of sockets."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from openslides_backend.serve.worker import PatientWorker

THREADS = 2


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What Gunicorn was given to handle: its part here is to read what there is, and to keep the connection."""
    requests: list[bytes] = []

    def handle(_worker: ThreadWorker, connection: Any) -> bool:
        requests.append(connection.sock.recv(100))
        return requests[-1] != b"last"

    monkeypatch.setattr(ThreadWorker, "handle", handle)
    return requests


@pytest.fixture
def worker() -> PatientWorker:
    """A worker without a process."""
    worker = PatientWorker.__new__(PatientWorker)
    worker.cfg = Config()
    worker.cfg.set("threads", THREADS)
    worker.alive = True
    return worker


@pytest.fixture
def client() -> Iterator[tuple[socket.socket, Any]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        yield ours, SimpleNamespace(sock=theirs)


def test_the_next_request_is_handled_at_once(
    worker: PatientWorker, client: tuple[socket.socket, Any], handled: list[bytes]
) -> None:
    ours, connection = client
    for text in (b"one", b"two", b"last", b"another"):
        ours.send(text)
    assert worker.handle(connection) is False
    assert handled == [b"one", b"two", b"last"]


def test_nobody_is_waited_for_long(
    worker: PatientWorker, client: tuple[socket.socket, Any], handled: list[bytes]
) -> None:
    ours, connection = client
    ours.send(b"one")
    assert worker.handle(connection) is True
    assert handled == [b"one"]


@pytest.mark.parametrize(("occupied", "alive"), [(THREADS, True), (1, False)])
def test_a_thread_that_is_needed_elsewhere_goes_there(
    worker: PatientWorker, client: tuple[socket.socket, Any], handled: list[bytes], occupied: int, alive: bool
) -> None:
    ours, connection = client
    worker.occupied, worker.alive = occupied, alive
    ours.send(b"one")
    ours.send(b"two")
    assert worker.handle(connection) is True
    assert handled == [b"one"]


def test_the_master_is_not_told_at_every_turn(worker: PatientWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(ThreadWorker, "notify", lambda _worker: told.append(1))
    for _ in range(10):
        worker.notify()
    assert told == [1]
