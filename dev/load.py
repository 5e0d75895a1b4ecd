"""Cheap HTTP clients, and what they measure: threads with raw kept-alive connections, as many as shall work at once."""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from dev.stack import Stack

ACTION_PATH = "/system/action/handle_request"
PRESENTER_PATH = "/system/presenter/handle_request"
_TIMEOUT_SECONDS = 120.0
_LOG_PATIENCE_SECONDS = 1.0
_REQUEST_LINE = re.compile(r"(?:action|presenter) user=\S+ \S+ status=\d+ ms=\S+ datastore_calls=(\d+)")
_SHOWN_FAILURES = 3

Credentials = Mapping[str, str]
"""The headers of a session."""


@dataclass(slots=True)
class Answer:
    """What a client got: status 0 if the connection broke."""

    status: int
    body: Any


class Client:
    """One kept-alive connection, renewed when it broke. Not to be shared between threads."""

    def __init__(self, url: str, path: str, credentials: Credentials) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT_SECONDS)
        self._path = path
        self.use(credentials)

    def use(self, credentials: Credentials) -> None:
        """Send the next requests with this session."""
        self._headers = {"Content-Type": "application/json", **credentials}

    def post(self, payload: object) -> Answer:
        """Send one request; a broken connection is an answer with status 0, an empty body is None."""
        return self._request("POST", json.dumps(payload).encode())

    def get(self) -> Answer:
        """Ask without a body, see `post`."""
        return self._request("GET", None)

    def _request(self, method: str, body: bytes | None) -> Answer:
        try:
            self._connection.request(method, self._path, body, self._headers)
            response = self._connection.getresponse()
            content = response.read()
            return Answer(response.status, json.loads(content) if content else None)
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            return Answer(0, None)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


@dataclass(slots=True)
class Measurement:
    """Latencies of all requests in seconds, the time of all together, and the calls to the datastore."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    datastore_calls: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: int) -> float:
        """The latency in milliseconds that so many percent of the requests keep to."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000

    def add(self, other: "Measurement") -> None:
        """Take over what was measured apart."""
        before = len(self.latencies)
        self.latencies += other.latencies
        self.seconds += other.seconds
        self.failures += other.failures
        calls = self.datastore_calls * before + other.datastore_calls * len(other.latencies)
        self.datastore_calls = calls / max(1, len(self.latencies))

    def __str__(self) -> str:
        text = f"{self.rate:8.1f} {self.percentile(50):9.1f} {self.percentile(95):9.1f} {self.datastore_calls:7.1f}"
        shown = "; ".join(sorted(set(self.failures))[:_SHOWN_FAILURES])
        return f"{text} {len(self.failures):6d}" + (f"  {shown}" if shown else "")


def log_in(stack: Stack, username: str, password: str) -> Credentials:
    """The headers of a new session; raises RuntimeError if the login is refused."""
    parts = urlsplit(stack.auth_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT_SECONDS)
    body = json.dumps({"username": username, "password": password})
    try:
        connection.request("POST", "/system/auth/login", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"the login was refused with status {response.status}")
        cookie = (response.headers["set-cookie"] or "").partition(";")[0]
        return {"authentication": response.headers["authentication"] or "", "Cookie": cookie}
    finally:
        connection.close()


def run_clients(clients: Sequence[Client], work: Callable[[int, Client], None]) -> float:
    """Let each client do the work, called with its number, in a thread of its own; the seconds until all are done."""
    barrier = threading.Barrier(len(clients) + 1)

    def run(number: int, client: Client) -> None:
        with client:
            barrier.wait()
            work(number, client)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def measure(
    stack: Stack, path: str, payloads: Sequence[Sequence[object]], sessions: Sequence[Credentials]
) -> Measurement:
    """Send the payloads, each list of them by a client of its own, with the sessions in turn."""
    url = stack.action_url if path == ACTION_PATH else stack.presenter_url
    clients = [Client(url, path, sessions[number % len(sessions)]) for number in range(len(payloads))]
    result = Measurement()

    def work(number: int, client: Client) -> None:
        for payload in payloads[number]:
            started = time.perf_counter()
            answer = client.post(payload)
            result.latencies.append(time.perf_counter() - started)
            if answer.status != 200:
                message = answer.body.get("message") if isinstance(answer.body, dict) else None
                result.failures.append(f"{answer.status} {message}")

    position = stack.log_file.stat().st_size
    result.seconds = run_clients(clients, work)
    result.datastore_calls = _mean_calls(stack, position, len(result.latencies))
    return result


@contextmanager
def others_meanwhile(stack: Stack, session: Credentials, meeting_id: int) -> Iterator[Measurement]:
    """Small requests of somebody else, one after the other, as long as the block lasts."""
    ended, measured = threading.Event(), Measurement()
    payload = [{"action": "tag.create", "data": [{"name": "meanwhile", "meeting_id": meeting_id}]}]

    def work() -> None:
        begun = time.perf_counter()
        with Client(stack.action_url, ACTION_PATH, session) as client:
            while not ended.is_set():
                started = time.perf_counter()
                answer = client.post(payload)
                measured.latencies.append(time.perf_counter() - started)
                if answer.status != 200:
                    measured.failures.append(str(answer.status))
        measured.seconds = time.perf_counter() - begun

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield measured
    finally:
        ended.set()
        thread.join()


def _mean_calls(stack: Stack, position: int, requests: int) -> float:
    """Calls to the datastore a request, as the log tells from this byte on.

    The line of a request is written after its answer: the last ones may be a moment late.
    """
    deadline = time.monotonic() + _LOG_PATIENCE_SECONDS
    while True:
        with stack.log_file.open("rb") as file:
            file.seek(position)
            calls = [int(match[1]) for match in _REQUEST_LINE.finditer(file.read().decode(errors="replace"))]
        if len(calls) >= requests or time.monotonic() > deadline:
            return sum(calls) / len(calls) if calls else 0.0
        time.sleep(0.002)
