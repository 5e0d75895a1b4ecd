"""Two replicas behind a load balancer are restarted one after the other, under load: no request is lost."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from select import select

import pytest
import requests

from dev.stack import Stack, descendants, free_ports
from openslides_backend.serve.probe import is_healthy
from tests.system.processes import PATIENCE, python, wait_until

BODY = b'[{"presenter": "nothing"}]'
DELAY = 1.5
PROBE_SECONDS = 0.1
CLIENTS = 6


def ready_url(port: int) -> str:
    return f"http://127.0.0.1:{port}/system/presenter/ready"


@contextmanager
def replica(port: int, delay: float = DELAY) -> Iterator[subprocess.Popen[str]]:
    """A presenter component, ready."""
    variables = {
        "OPENSLIDES_BACKEND_COMPONENT": "presenter",
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_BACKEND_RELOAD": "0",
        "OPENSLIDES_LOGLEVEL": "warning",
        "OPENSLIDES_BACKEND_SHUTDOWN_DELAY": str(delay),
        "PRESENTER_PORT": str(port),
    }
    with python("openslides_backend", variables) as process:
        wait_until(lambda: is_healthy(ready_url(port)), "ready")
        yield process


def is_ended(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has closed a kept connection: nothing else is there to be read before a request."""
    return connection.sock is not None and bool(select([connection.sock], [], [], 0)[0])


class Balancer:
    """Sends requests to the replicas that say they are ready, over connections that it keeps as long as it may.

    Those that have ended with a replica are opened anew, as load balancers do it: who sent nothing while the replica
    announced its end still has one when another replica is there.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ready = list(ports)
        self.answers: Counter[int] = Counter()
        self.failures: list[Exception] = []
        self._ports = ports
        self._ended = threading.Event()

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Probe the replicas, and send requests all the time."""
        with ThreadPoolExecutor(CLIENTS + 1) as executor:
            executor.submit(self._probe)
            for number in range(CLIENTS):
                executor.submit(self._send, number)
            try:
                yield
            finally:
                self._ended.set()

    def _probe(self) -> None:
        while not self._ended.wait(PROBE_SECONDS):
            self.ready = [port for port in self._ports if is_healthy(ready_url(port))]

    def _send(self, number: int) -> None:
        connections = {port: http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE) for port in self._ports}
        while not self._ended.is_set():
            number += 1
            ready = self.ready
            port = ready[number % len(ready)]
            try:
                if is_ended(connections[port]):
                    connections[port].close()
                connections[port].request("POST", "/", BODY, {"Content-Type": "application/json"})
                answer = connections[port].getresponse()
                assert b"does not exist" in answer.read()
                self.answers[port] += 1
            except Exception as error:
                self.failures.append(error)
                connections[port].close()


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.long)])
def test_no_request_is_lost(rounds: int) -> None:
    ports = free_ports(2)
    balancer = Balancer(ports)
    with ExitStack() as stack:
        replicas = {port: stack.enter_context(replica(port)) for port in ports}
        with balancer.under_load():
            for port in ports * rounds:
                replicas[port].terminate()
                assert replicas[port].wait(PATIENCE) == 0
                replicas[port] = stack.enter_context(replica(port))
                wait_until(lambda port=port: port in balancer.ready, "noticed")  # type: ignore[misc]
                served = balancer.answers[port]
                wait_until(lambda port=port, served=served: balancer.answers[port] > served, "used")  # type: ignore[misc]
    assert balancer.failures == []


def test_kept_connections_end_with_their_replica() -> None:
    """A client that was idle all the time finds out before it sends its next request to the next replica."""
    (port,) = free_ports(1)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with replica(port, delay=0) as process:
        for _ in range(2):
            assert not is_ended(connection)
            connection.request("GET", "/system/presenter/version")
            assert connection.getresponse().read()
        process.terminate()
        assert process.wait(PATIENCE) == 0
    with replica(port):
        wait_until(lambda: is_ended(connection), "closed")
        connection.close()
        connection.request("GET", "/system/presenter/version")
        assert connection.getresponse().read()
        connection.close()


def test_the_end_is_announced() -> None:
    (port,) = free_ports(1)
    health, version = (ready_url(port).replace("ready", route) for route in ("health", "version"))
    with replica(port) as process, requests.Session() as idle:
        assert "Connection" not in idle.get(version, timeout=PATIENCE).headers
        process.terminate()
        wait_until(lambda: not is_healthy(ready_url(port)), "not ready any more")
        answer = requests.get(ready_url(port), timeout=PATIENCE)
        assert (answer.status_code, answer.json()) == (503, {"status": "stopping"})
        assert answer.headers["Connection"] == "close"
        assert is_healthy(health)
        last = idle.get(version, timeout=PATIENCE)
        assert (last.status_code, last.headers["Connection"]) == (200, "close")
        assert process.poll() is None
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("second", ["terminate", "interrupt", "death"])
def test_a_second_signal_or_a_death_cuts_it_short(second: str) -> None:
    (port,) = free_ports(1)
    with replica(port, delay=600) as process:
        process.terminate()
        wait_until(lambda: not is_healthy(ready_url(port)), "not ready any more")
        started = time.monotonic()
        if second == "death":
            os.kill(next(descendants(process.pid)), signal.SIGKILL)
        else:
            process.send_signal(signal.SIGTERM if second == "terminate" else signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - started < PATIENCE / 2


@pytest.mark.long
def test_the_supervisor_waits_for_it() -> None:
    """Longer than it would wait without a delay."""
    stack = Stack({"OPENSLIDES_BACKEND_SHUTDOWN_DELAY": "12", "OPENSLIDES_BACKEND_WORKER_TIMEOUT": "1"})
    with stack:
        started = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - started > 12
        assert "ended with" not in stack.log
