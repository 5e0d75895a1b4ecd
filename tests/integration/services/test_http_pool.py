"""The HTTP pool against real sockets that misbehave."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from openslides_backend.services import http_connections
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.exceptions import ServiceError

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: 5\r\n\r\n{}"
Behaviour = Callable[[socket.socket, bytes, int], bool]


class Server:
    """Calls its behaviour with each request (connection, text, its number); False closes the connection."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/x"
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while text := self._read(connection):
                self.requests.append(text)
                if not self._behaviour(connection, text, len(self.requests)):
                    break
        self.closed.set()

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        text = b""
        try:
            while b"\r\n\r\n" not in text:
                part = connection.recv(65536)
                if not part:
                    return b""
                text += part
            head, _, body = text.partition(b"\r\n\r\n")
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            while len(body) < length:
                body += connection.recv(65536)
        except OSError:
            return b""
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    server = Server(behaviour)
    try:
        yield server
    finally:
        server.close()


def answer(connection: socket.socket, _text: bytes, _number: int) -> bool:
    connection.sendall(ANSWER)
    return True


def answer_and_close(connection: socket.socket, _text: bytes, _number: int) -> bool:
    connection.sendall(ANSWER)
    return False


def close(_connection: socket.socket, _text: bytes, _number: int) -> bool:
    return False


def test_connections_are_reused() -> None:
    with serving(answer) as server:
        pool = HttpPool()
        for _ in range(3):
            reply = pool.post("thing", server.url, b"[1]", {"Authorization": "x"})
            assert (reply.status, reply.json(), reply.headers["x-thing"]) == (200, {}, "5")
        assert server.connections == 1
        assert server.requests[0].startswith(b"POST /x HTTP/1.1\r\n")
        assert server.requests[0].endswith(b"\r\n\r\n[1]")
        assert b"Authorization: x" in server.requests[0]
        assert b"Content-Type: application/json" in server.requests[0]


def test_several_requests_are_under_way_at_once() -> None:
    both = threading.Barrier(2)

    def wait_for_the_other(connection: socket.socket, text: bytes, number: int) -> bool:
        both.wait(5)
        return answer(connection, text, number)

    with serving(wait_for_the_other) as server:
        pool = HttpPool()
        first, second = (pool.begin("thing", "POST", server.url, text) for text in (b"1", b"2"))
        assert (second.result().status, first.result().status) == (200, 200)
        assert (len(server.requests), server.connections) == (2, 2)


def test_what_nobody_waits_for_does_not_reach_others() -> None:
    released = threading.Event()

    def wait_once(connection: socket.socket, _text: bytes, number: int) -> bool:
        if number == 1:
            released.wait(5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
        return True

    with serving(wait_once) as server:
        pool = HttpPool()
        with pool.begin("thing", "GET", server.url):
            pass
        released.set()
        assert pool.get("thing", server.url).json() == 2
        assert server.connections == 2


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_failure_is_told_when_the_answer_is_asked_for(repeatable: bool) -> None:
    with serving(answer) as server:
        url = server.url
    with pytest.raises(ServiceError, match="thing"), HttpPool().begin("thing", "GET", url, repeatable=repeatable) as it:
        it.result()


def test_environment_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(answer) as server:
        assert HttpPool().get("thing", server.url).ok


def test_a_write_survives_a_connection_that_was_closed_while_idle() -> None:
    with serving(answer_and_close) as server:
        pool = HttpPool()
        for number in range(3):
            server.closed.clear()
            assert pool.post("thing", server.url, b"1").ok
            assert server.closed.wait(5)
            assert len(server.requests) == number + 1


def test_connections_are_not_used_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "MAX_IDLE_SECONDS", -1.0)
    with serving(answer) as server:
        pool = HttpPool()
        for _ in range(3):
            assert pool.post("thing", server.url, b"1").ok
        assert server.connections == 3


def test_a_write_is_sent_once() -> None:
    with serving(close) as server:
        pool = HttpPool()
        with pytest.raises(ServiceError), pool.calls.measure() as calls:
            pool.post("thing", server.url, b"1")
        assert len(server.requests) == 1
        assert calls == {"thing": 1}


def test_a_read_is_sent_twice() -> None:
    def fail_first(connection: socket.socket, text: bytes, number: int) -> bool:
        return number > 1 and answer(connection, text, number)

    with serving(fail_first) as server:
        assert HttpPool().post("thing", server.url, b"1", repeatable=True).ok
        assert len(server.requests) == 2
    with serving(close) as server:
        with pytest.raises(ServiceError, match="thing"):
            HttpPool().get("thing", server.url)
        assert len(server.requests) == 2


@pytest.mark.parametrize("repeatable", [True, False])
def test_slow_services_time_out_once(repeatable: bool) -> None:
    released = threading.Event()

    def wait(_connection: socket.socket, _text: bytes, _number: int) -> bool:
        released.wait(10)
        return False

    with serving(wait) as server:
        with pytest.raises(ServiceError, match="thing"):
            HttpPool(read_timeout=0.1).post("thing", server.url, b"1", repeatable=repeatable)
        assert len(server.requests) == 1
        released.set()


def test_an_answer_that_trickles_in_times_out() -> None:
    def trickle(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with suppress(OSError):
            for _ in range(100):
                connection.sendall(b" ")
                time.sleep(0.02)
        return False

    with serving(trickle) as server:
        started = time.monotonic()
        with pytest.raises(ServiceError, match="thing"):
            HttpPool(read_timeout=0.2).post("thing", server.url, b"1")
        assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n", b"HTTP/1.0 200 OK\r\nX-Thing: 1\r\n\r\n"],
)
def test_connections_that_the_server_ends_are_not_used_again(head: bytes) -> None:
    def answer_and_end(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(head + b"{}")
        return False

    with serving(answer_and_end) as server:
        pool = HttpPool()
        for _ in range(3):
            assert pool.post("thing", server.url, b"1").json() == {}
        assert server.connections == 3


@pytest.mark.parametrize(
    "rubbish",
    [
        b"what?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_rubbish(rubbish: bytes, caplog: pytest.LogCaptureFixture) -> None:
    def behave(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(rubbish)
        return False

    with serving(behave) as server:
        with pytest.raises(ServiceError) as raised:
            HttpPool().post("thing", server.url + "?token=secret", b"secret")
        assert len(server.requests) == 1
    assert "secret" not in raised.value.message + caplog.text
    assert "thing" in caplog.text


def test_nobody_there() -> None:
    with serving(answer) as server:
        url = server.url
    with pytest.raises(ServiceError):
        HttpPool().post("thing", url, b"1", repeatable=True)


def test_any_status_is_an_answer() -> None:
    def redirect(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
        return True

    with serving(redirect) as server:
        reply = HttpPool().get("thing", server.url)
        assert (reply.status, reply.ok, reply.headers["location"]) == (302, False, "http://127.0.0.1:9/")
        with pytest.raises(ServiceError):
            reply.json()


def test_many_threads_share_a_pool() -> None:
    with serving(answer) as server:
        pool = HttpPool()
        failures: list[Exception] = []

        def work() -> None:
            try:
                for _ in range(20):
                    assert pool.post("thing", server.url, b"1").ok
            except Exception as error:  # handed over to the test
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(server.requests) == 160
        assert server.connections <= 8
