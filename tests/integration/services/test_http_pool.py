"""The HTTP pool against real sockets that misbehave."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from openslides_backend.services import kept_connections
from openslides_backend.services.http import HttpPool
from openslides_backend.services.kept_connections import KeptConnections
from openslides_backend.services.web_session import WebSession
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.request_id import handling_request
from tests.integration.services.misbehaving_server import (
    ANSWER,
    Send,
    Server,
    answer,
    answer_and_close,
    both_ways,
    close,
    over_a_session,
    over_kept_connections,
    serving,
)


@both_ways
def test_connections_are_reused(send: Send) -> None:
    with serving(answer) as server:
        pool = HttpPool()
        for _ in range(3):
            reply = send(pool, server.url, b"[1]", headers={"Authorization": "x"})
            assert (reply.status, reply.json(), reply.headers["x-thing"]) == (200, {}, "5")
        assert server.connections == 1
        assert server.requests[0].startswith(b"POST /x HTTP/1.1\r\n")
        assert server.requests[0].endswith(b"\r\n\r\n[1]")
        assert b"Authorization: x" in server.requests[0]
        assert b"Content-Type: application/json" in server.requests[0]


def test_a_request_goes_out_in_one_piece() -> None:
    """A server that gets head and body one after the other wakes up twice."""
    sent: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                sent.append(connection.recv(65536))
                connection.sendall(ANSWER)

        thread = threading.Thread(target=serve)
        thread.start()
        over_kept_connections(HttpPool(), f"http://127.0.0.1:{listening.getsockname()[1]}/", b"body")
        thread.join()
    assert sent[0].endswith(b"\r\n\r\nbody")


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
    arrived, released = threading.Event(), threading.Event()

    def wait_once(connection: socket.socket, _text: bytes, number: int) -> bool:
        arrived.set()
        if number == 1:
            released.wait(5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
        return True

    with serving(wait_once) as server:
        pool = HttpPool()
        with pool.begin("thing", "GET", server.url):
            assert arrived.wait(5)
        released.set()
        assert over_kept_connections(pool, server.url).json() == 2
        assert server.connections == 2


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_failure_is_told_when_the_answer_is_asked_for(repeatable: bool) -> None:
    with serving(answer) as server:
        url = server.url
    with (
        pytest.raises(ServiceError, match="thing"),
        HttpPool(patience=0.1).begin("thing", "GET", url, repeatable=repeatable) as it,
    ):
        it.result()


@both_ways
def test_environment_proxies_are_ignored(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(answer) as server:
        assert send(HttpPool(patience=0.1), server.url, repeatable=True).ok


@both_ways
def test_a_write_survives_a_connection_that_was_closed_while_idle(send: Send) -> None:
    with serving(answer_and_close) as server:
        pool = HttpPool()
        for number in range(3):
            server.closed.clear()
            assert send(pool, server.url, b"1").ok
            assert server.closed.wait(5)
            assert len(server.requests) == number + 1


def test_connections_are_not_used_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connections, "MAX_IDLE_SECONDS", -1.0)
    with serving(answer) as server:
        pool = HttpPool()
        for _ in range(3):
            assert over_kept_connections(pool, server.url).ok
        assert server.connections == 3


@both_ways
def test_a_write_is_sent_once(send: Send) -> None:
    with serving(close) as server:
        pool = HttpPool()
        with pytest.raises(ServiceError), pool.calls.measure() as calls:
            send(pool, server.url, b"1")
        assert len(server.requests) == 1
        assert calls == {"thing": 1}


@both_ways
def test_a_read_is_sent_again(send: Send) -> None:
    def fail_first(connection: socket.socket, text: bytes, number: int) -> bool:
        return number > 1 and answer(connection, text, number)

    with serving(fail_first) as server:
        assert send(HttpPool(), server.url, b"1", repeatable=True).ok
        assert len(server.requests) == 2
    with serving(close) as server:
        with pytest.raises(ServiceError, match="thing"):
            send(HttpPool(patience=0.1), server.url, repeatable=True)
        assert len(server.requests) > 2


@both_ways
@pytest.mark.parametrize("repeatable", [True, False])
def test_slow_services_time_out_once(send: Send, repeatable: bool) -> None:
    released = threading.Event()

    def wait(_connection: socket.socket, _text: bytes, _number: int) -> bool:
        released.wait(10)
        return False

    with serving(wait) as server:
        with pytest.raises(ServiceError, match="thing"):
            send(HttpPool(read_timeout=0.1), server.url, b"1", repeatable=repeatable)
        assert len(server.requests) == 1
        released.set()


@both_ways
def test_an_answer_that_trickles_in_times_out(send: Send) -> None:
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
            send(HttpPool(read_timeout=0.2), server.url, b"1")
        assert time.monotonic() - started < 1


@both_ways
@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n", b"HTTP/1.0 200 OK\r\nX-Thing: 1\r\n\r\n"],
)
def test_connections_that_the_server_ends_are_not_used_again(send: Send, head: bytes) -> None:
    def answer_and_end(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(head + b"{}")
        return False

    with serving(answer_and_end) as server:
        pool = HttpPool()
        for _ in range(3):
            assert send(pool, server.url, b"1").json() == {}
        assert server.connections == 3


@both_ways
@pytest.mark.parametrize(
    "rubbish",
    [
        b"what?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_rubbish(send: Send, rubbish: bytes, caplog: pytest.LogCaptureFixture) -> None:
    def behave(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(rubbish)
        return False

    with serving(behave) as server:
        with pytest.raises(ServiceError) as raised:
            send(HttpPool(), server.url + "?token=secret", b"secret")
        assert len(server.requests) == 1
    assert "secret" not in raised.value.message + caplog.text
    assert "thing" in caplog.text


@both_ways
def test_nobody_there(send: Send) -> None:
    with serving(answer) as server:
        url = server.url
    with pytest.raises(ServiceError):
        send(HttpPool(patience=0.1), url, b"1", repeatable=True)


def test_any_status_is_an_answer() -> None:
    def redirect(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
        return True

    with serving(redirect) as server:
        reply = over_kept_connections(HttpPool(), server.url)
        assert (reply.status, reply.ok, reply.headers["location"]) == (302, False, "http://127.0.0.1:9/")
        with pytest.raises(ServiceError):
            reply.json()


@both_ways
def test_many_threads_share_a_pool(send: Send) -> None:
    with serving(answer) as server:
        pool = HttpPool()
        failures: list[Exception] = []

        def work() -> None:
            try:
                for _ in range(20):
                    assert send(pool, server.url, b"1").ok
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


@both_ways
def test_a_request_waits_for_a_service_that_starts_anew(send: Send) -> None:
    with serving(answer) as server:
        port, url = server.port, server.url
    pool = HttpPool()
    threading.Timer(0.3, lambda: servers.append(Server(answer, port))).start()
    servers: list[Server] = []
    with pool.calls.measure() as calls:
        assert send(pool, url).ok
    assert calls["thing"] > 1
    assert len(servers[0].requests) == 1
    servers[0].close()


@both_ways
def test_an_answer_may_be_announced_in_a_packet_of_its_own(send: Send) -> None:
    def announce(connection: socket.socket, text: bytes, number: int) -> bool:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)
        return answer(connection, text, number)

    with serving(announce) as server:
        pool = HttpPool()
        for _ in range(2):
            assert send(pool, server.url).json() == {}


@both_ways
def test_what_nobody_asked_for_is_nobodys_answer(send: Send) -> None:
    def answer_twice(connection: socket.socket, _text: bytes, number: int) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number + ANSWER)
        return True

    with serving(answer_twice) as server:
        pool = HttpPool()
        assert [send(pool, server.url).json() for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    "head", [b"Content-Length: 2000\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n"]
)
def test_large_answers_are_refused(head: bytes) -> None:
    def answer_much(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"x" * 2000 + b"\r\n0\r\n\r\n")
        return False

    for transport in (KeptConnections(max_answer=1000), WebSession(max_answer=1000)):
        with serving(answer_much) as server:
            pool = HttpPool(patience=0, transports={"http://": transport})
            with pytest.raises(ServiceError):
                over_kept_connections(pool, server.url)


@both_ways
@pytest.mark.parametrize("head", [b"X: " + b"x" * 70_000, b"\r\n".join(b"X%d: x" % number for number in range(200))])
def test_large_heads_are_refused(send: Send, head: bytes) -> None:
    def answer_much(connection: socket.socket, _text: bytes, _number: int) -> bool:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\nContent-Length: 2\r\n\r\n{}")
        return False

    with serving(answer_much) as server, pytest.raises(ServiceError):
        send(HttpPool(patience=0), server.url)


def test_a_head_that_trickles_in_times_out() -> None:
    def trickle(connection: socket.socket, _text: bytes, _number: int) -> bool:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.02)
        return False

    with serving(trickle) as server:
        started = time.monotonic()
        with pytest.raises(ServiceError):
            over_kept_connections(HttpPool(read_timeout=0.2), server.url)
        assert time.monotonic() - started < 1


@both_ways
def test_urls_beyond_ascii(send: Send) -> None:
    with serving(answer) as server:
        assert send(HttpPool(), server.url + "/ä%20ö?x=ü&y=1").ok
        assert server.requests[0].startswith(b"POST /x/%C3%A4%20%C3%B6?x=%C3%BC&y=1 HTTP/1.1\r\n")


@both_ways
@pytest.mark.parametrize("url", ["ftp://thing/", "thing", "http://", "http://thing:x/", "http://[::1/"])
def test_what_is_no_url(send: Send, url: str) -> None:
    with pytest.raises(ServiceError):
        send(HttpPool(), url)


@both_ways
def test_headers_hold_no_line_breaks(send: Send) -> None:
    with serving(answer) as server:
        with pytest.raises(ServiceError):
            send(HttpPool(), server.url, headers={"X-Thing": "x\r\nX-Other: y"})
        assert server.requests == []


def test_who_asks_twice_sends_once() -> None:
    with serving(answer) as server:
        pending = HttpPool().begin("thing", "POST", server.url, b"1", repeatable=True)
        assert pending.result() is pending.result()
        assert len(server.requests) == 1


@both_ways
def test_the_id_of_the_request_goes_along(send: Send) -> None:
    with serving(answer) as server:
        with handling_request("abc"):
            send(HttpPool(), server.url)
        send(HttpPool(), server.url)
        assert b"X-Request-ID: abc" in server.requests[0]
        assert b"X-Request-ID" not in server.requests[1]


def test_cookies_are_not_kept() -> None:
    def set_cookie(connection: socket.socket, _text: bytes, _number: int) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}")
        return True

    with serving(set_cookie) as server:
        pool = HttpPool()
        over_a_session(pool, server.url)
        over_a_session(pool, server.url, headers={"Cookie": "own=1"})
        assert b"Cookie" not in server.requests[0]
        assert b"Cookie: own=1\r\n" in server.requests[1]
