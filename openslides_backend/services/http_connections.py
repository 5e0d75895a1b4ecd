"""Kept-alive HTTP/1.1 connections for service-to-service calls.

A call over them costs a tenth of what it takes with the adapters of requests, and they never repeat a request: whether
a write may be sent again is for the caller to say. Answers are parsed by httptools; errors are those of requests.
"""

import socket
import ssl
import struct
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
from httptools import HttpParserError, HttpResponseParser

MAX_IDLE_SECONDS = 1.5
"""Connections that were idle for longer are not used again: the server may be about to close them."""
_CHUNK = 65536
_TIMED_OUT = (TimeoutError, BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class _Origin(NamedTuple):
    secure: bool
    host: str
    port: int


@lru_cache(maxsize=256)
def _beginning(method: str, url: str) -> tuple[_Origin, bytes]:
    """Where a request goes, and how its head begins."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise requests.exceptions.InvalidURL("not an http URL")
    origin = _Origin(secure, parts.hostname, parts.port or (443 if secure else 80))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: identity\r\nContent-Length: "
    return origin, head.encode("ascii")


def _message(beginning: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [beginning + str(len(body)).encode("ascii")]
    for name, value in headers.items():
        if "\r" in value or "\n" in value:
            raise requests.exceptions.InvalidHeader("a header holds a line break")
        lines.append(f"{name}: {value}".encode("latin-1"))
    return b"\r\n".join([*lines, b"", body])


class Reply:
    """What a server answered: `status`, `headers` by lower-case name, and the body."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.complete = False
        self._chunks: list[bytes] = []

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    @property
    def has_length(self) -> bool:
        """Whether its end can be told from the end of the connection."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    # Called by the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        self.complete = True


class _Connection:
    """One connection to a server, used by one request at a time.

    Its timeouts are those of the system's sockets: Python's own take several system calls to send or receive once.
    """

    def __init__(self, origin: _Origin, timeout: float) -> None:
        try:
            self._socket = socket.create_connection((origin.host, origin.port), timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if origin.secure:
                self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=origin.host)
            self._socket.settimeout(None)
        except TimeoutError as error:
            raise requests.ConnectTimeout from error
        except OSError as error:
            raise requests.ConnectionError from error
        self.last_used = time.monotonic()
        self.reusable = True
        self._limit = 0.0
        self._deadline = 0.0

    def is_fresh(self) -> bool:
        """Whether the server hasn't closed the connection and isn't likely to do so now."""
        if time.monotonic() - self.last_used > MAX_IDLE_SECONDS:
            return False
        try:
            socket.socket.recv(self._socket, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def send(self, message: bytes, timeout: float) -> None:
        """Send a request; the whole answer is expected within `timeout` seconds from now."""
        self._deadline = time.monotonic() + timeout
        try:
            self._set_limit(timeout)
            self._socket.sendall(message)
        except _TIMED_OUT as error:
            raise requests.ReadTimeout from error
        except OSError as error:
            raise requests.ConnectionError from error

    def receive(self) -> Reply:
        """Read the whole answer to what was sent."""
        reply = Reply()
        parser = HttpResponseParser(reply)
        try:
            while not reply.complete:
                chunk = self._socket.recv(_CHUNK)
                if not chunk:
                    _check_end(reply)
                    break
                parser.feed_data(chunk)
                if not reply.complete:
                    self._set_limit(self._deadline - time.monotonic())
        except _TIMED_OUT as error:
            raise requests.ReadTimeout from error
        except (OSError, HttpParserError) as error:
            raise requests.ConnectionError from error
        self.last_used = time.monotonic()
        reply.status = parser.get_status_code()
        closing = reply.headers.get("connection", "").lower() == "close" or parser.get_http_version() == "1.0"
        self.reusable = reply.complete and not closing
        return reply

    def _set_limit(self, seconds: float) -> None:
        """How long the next sending or receiving may take."""
        if seconds <= 0:
            raise TimeoutError
        if seconds != self._limit:
            self._limit = seconds
            limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000) or 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def close(self) -> None:
        self._socket.close()


def _check_end(reply: Reply) -> None:
    """An answer without a length ends with the connection; any other one is cut off."""
    if not reply.headers or reply.has_length:
        raise requests.ConnectionError("the connection was closed before the answer was complete")


class Exchange:
    """A request that was sent. Its connection is free for others once the answer has been read."""

    def __init__(self, connection: _Connection, give_back: Callable[[_Connection], None]) -> None:
        self._connection: _Connection | None = connection
        self._give_back = give_back

    def finish(self) -> Reply:
        """Read the answer; raises requests.RequestException if there is no proper one."""
        connection, self._connection = self._connection, None
        if connection is None:
            raise requests.ConnectionError("the exchange is finished")
        try:
            reply = connection.receive()
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        if reply.headers.get("content-encoding", "identity") != "identity":
            raise requests.exceptions.ContentDecodingError("compressed, although identity was asked for")
        return reply

    def close(self) -> None:
        """Give up on an answer that wasn't read; its connection can't be used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Connections:
    """Connections to all servers, at most `pool_size` idle ones to each; safe to be shared between threads."""

    def __init__(self, pool_size: int) -> None:
        self._pool_size = pool_size
        self._idle: defaultdict[_Origin, deque[_Connection]] = defaultdict(deque)

    def begin(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout: tuple[float, float]
    ) -> Exchange:
        """Send a request; `timeout` is the pair of connect and read timeout in seconds.

        The latter is for the whole answer. Raises requests.RequestException if it can't be sent.
        """
        connect_timeout, read_timeout = timeout
        origin, beginning = _beginning(method, url)
        message = _message(beginning, headers, body)
        connection = self._take(origin, connect_timeout)
        try:
            connection.send(message, read_timeout)
        except BaseException:
            connection.close()
            raise
        return Exchange(connection, partial(self._give_back, origin))

    def close(self) -> None:
        """Close all idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _take(self, origin: _Origin, timeout: float) -> _Connection:
        idle = self._idle[origin]
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                return _Connection(origin, timeout)
            if connection.is_fresh():
                return connection
            connection.close()

    def _give_back(self, origin: _Origin, connection: _Connection) -> None:
        idle = self._idle[origin]
        if connection.reusable and len(idle) < self._pool_size:
            idle.append(connection)
        else:
            connection.close()
