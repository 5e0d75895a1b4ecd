"""What anybody may send costs little: neither memory nor processor time, nor others' patience."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from dev.stack import descendants, free_ports
from tests.system.processes import PATIENCE, python, wait_until_healthy

MEGABYTE = 1024 * 1024
MOST_SECONDS = 0.1
MOST_BYTES = 20 * MEGABYTE
HEALTH_SECONDS = 0.2
JSON = {"Content-Type": "application/json"}


class Action:
    """An action component without any other service."""

    def __init__(self, port: int, master: subprocess.Popen[str]) -> None:
        self.address = ("127.0.0.1", port)
        self.url = f"http://127.0.0.1:{port}"
        self.worker = list(descendants(master.pid))[-1]

    def processor_seconds(self) -> float:
        """What the worker has taken so far."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget_peak(self) -> None:
        """Let the peak of memory begin anew."""
        Path(f"/proc/{self.worker}/clear_refs").write_text("5")

    def memory(self, kind: str) -> int:
        """Resident memory in bytes: VmRSS now, VmHWM at its peak."""
        (line,) = [line for line in Path(f"/proc/{self.worker}/status").read_text().splitlines() if kind in line]
        return int(line.split()[1]) * 1024

    def health_seconds(self) -> float:
        """How long health and readiness take, at the most."""
        times = []
        for route in ("health", "ready"):
            started = time.monotonic()
            assert requests.get(f"{self.url}/system/action/{route}", timeout=PATIENCE).status_code == 200
            times.append(time.monotonic() - started)
        return max(times)

    def status_of(self, head: bytes, pieces: Iterator[bytes]) -> bytes:
        """Send a request as far as the server takes it; the status of the answer."""
        with socket.create_connection(self.address, timeout=PATIENCE) as connection:
            with suppress(ConnectionError):
                connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + head)
                for piece in pieces:
                    connection.sendall(piece)
            return connection.recv(1000).split(b" ")[1]


@pytest.fixture(scope="module")
def action() -> Iterator[Action]:
    (port,) = free_ports(1)
    variables = {
        "OPENSLIDES_BACKEND_COMPONENT": "action",
        "OPENSLIDES_DEVELOPMENT": "1",
        "OPENSLIDES_BACKEND_RELOAD": "0",
        "OPENSLIDES_LOGLEVEL": "warning",
        "ACTION_PORT": str(port),
    }
    with python("openslides_backend", variables) as master:
        wait_until_healthy(f"http://127.0.0.1:{port}/system/action/health")
        action = Action(port, master)
        for _ in range(3):  # what the first requests load isn't what is measured
            requests.post(action.url, json=[], timeout=PATIENCE)
        yield action


def send_brackets(action: Action, megabytes: int, chunked: bool) -> None:
    """Send so much of `[],`; fails if that costs anything."""
    piece = b"[]," * (MEGABYTE // 3)
    if chunked:
        head = b"Transfer-Encoding: chunked\r\n\r\n"
        piece = b"%x\r\n%b\r\n" % (len(piece), piece)
    else:
        head = b"Content-Length: %d\r\n\r\n" % (len(piece) * megabytes)
    action.forget_peak()
    memory, seconds = action.memory("VmRSS"), action.processor_seconds()
    assert action.status_of(head, (piece for _ in range(megabytes))) == b"413"
    assert action.processor_seconds() - seconds <= MOST_SECONDS
    assert action.memory("VmHWM") - memory < MOST_BYTES
    assert action.health_seconds() < HEALTH_SECONDS


@pytest.mark.parametrize("chunked", [False, True])
def test_brackets(action: Action, chunked: bool) -> None:
    send_brackets(action, 10, chunked)


@pytest.mark.long
@pytest.mark.parametrize("chunked", [False, True])
def test_300_megabytes_of_brackets(action: Action, chunked: bool) -> None:
    send_brackets(action, 300, chunked)


@pytest.mark.parametrize("text", ["&" * 400_000, "<u><p>" * 16_000, "[" * 60_000, "[]," * 20_000, '"' * 60_000])
@pytest.mark.parametrize("quoted", [True, False])
def test_what_nobody_may_send(action: Action, text: str, quoted: bool) -> None:
    batch = [{"action": "topic.create", "data": [{"meeting_id": 1, "title": "x", "text": text}]}]
    body = json.dumps(batch) if quoted else text
    seconds = action.processor_seconds()
    statuses = {requests.post(action.url, data=body, headers=JSON, timeout=PATIENCE).status_code for _ in range(3)}
    assert statuses <= {400, 413, 503}
    assert action.processor_seconds() - seconds <= 3 * MOST_SECONDS
    assert action.health_seconds() < HEALTH_SECONDS


def test_who_sends_much_is_asked_first(action: Action) -> None:
    headers = {**JSON, "authentication": "bearer x", "Cookie": "refreshId=bearer%20x"}
    answer = requests.post(action.url, data=b" " * 200_000, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 403
    assert answer.headers["Connection"] == "close"
    internal = f"{action.url}/internal/handle_request"
    assert requests.post(internal, data=b" " * 200_000, headers=JSON, timeout=PATIENCE).status_code == 401
