"""Kept-alive connections of the standard library, for the calls that each request makes.

Sending and receiving are apart, so that several services work at the same time. Nothing is ever sent twice here: what
may be repeated is for the caller to say.
"""

import io
import select
import socket
import ssl
import time
from collections import defaultdict, deque
from functools import cached_property, lru_cache, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from openslides_backend.services.transport import (
    MAX_ANSWER,
    BadAnswer,
    BadRequestData,
    ConnectionLost,
    HttpAnswer,
    HttpRequest,
    NotSent,
    TimedOut,
)
from openslides_backend.shared.pending import Pending

MAX_IDLE_SECONDS = 1.5
"""Connections that were idle for longer are not used again: the server may be about to close them."""
POOL_SIZE = 64
"""Idle connections kept for each server."""
_UNCHANGED = "/%:@!$&'()*+,;=~?"


class _Origin(NamedTuple):
    secure: bool
    host: str
    port: int


@lru_cache(maxsize=256)
def _target(url: str) -> tuple[_Origin, str]:
    """Where a request goes, and the path with the query as it is sent: what isn't ASCII is quoted.

    Raises BadRequestData.
    """
    try:
        parts = urlsplit(url)
        host, port, secure = parts.hostname, parts.port, parts.scheme == "https"
    except ValueError:
        raise BadRequestData("no URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadRequestData("no http URL")
    path = quote(parts.path or "/", safe=_UNCHANGED)
    query = f"?{quote(parts.query, safe=_UNCHANGED)}" if parts.query else ""
    return _Origin(secure, host, port or (443 if secure else 80)), path + query


class _Incoming(io.RawIOBase):
    """The bytes of one answer, which all have to be there within the timeout that the socket has at the beginning."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._socket = connection
        self._file = connection.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (connection.gettimeout() or 0)
        self.ended = False

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """See io.RawIOBase. A socket's own timeout would begin anew with each byte."""
        if self.ended:
            return 0
        self._socket.settimeout(_left(self._deadline))
        return self._file.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._file.close()
        super().close()


class _Stream(io.BufferedReader):
    """An answer as it is read; `leftover` tells, once it is closed, whether there came more than that."""

    def __init__(self, incoming: _Incoming) -> None:
        super().__init__(incoming, 16384)
        self._incoming = incoming
        self.leftover = False

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._incoming.ended = True
            self.leftover = bool(self.peek(1))
        super().close()


class _Source:
    """A socket as a response needs it: something that has a file."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def makefile(self, _mode: str) -> _Stream:
        """The file."""
        return self._stream


class _Response(HTTPResponse):
    """A response with a time limit for all of it: the timeout of the socket when it is made."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        self.stream = _Stream(_Incoming(sock))
        super().__init__(_Source(self.stream), debuglevel, method, url)  # type: ignore[arg-type] # it asks for no more


class _PlainConnection(HTTPConnection):
    response_class = _Response
    # Never connect anew on the quiet: whether to send again is for others to say.
    auto_open = 0


class _SecureConnection(HTTPSConnection):
    response_class = _Response
    auto_open = 0


class _Connection:
    """A connection to a server, used by one request at a time."""

    def __init__(self, http: HTTPConnection) -> None:
        self._http = http
        self._last_used = 0.0

    def connect(self) -> None:
        """Raises NotSent."""
        try:
            self._http.connect()
        except (OSError, ValueError, HTTPException) as error:
            raise NotSent(type(error).__name__) from None

    def is_fresh(self) -> bool:
        """Whether the server has neither closed the connection nor sent anything, and isn't likely to close it now."""
        if time.monotonic() - self._last_used > MAX_IDLE_SECONDS:
            return False
        poll = select.poll()
        poll.register(self._http.sock, select.POLLIN)
        return not poll.poll(0)

    def send(self, request: HttpRequest, path: str) -> None:
        """Raises ConnectionLost, TimedOut or BadRequestData."""
        try:
            self._http.sock.settimeout(_left(request.deadline))
            self._http.request(request.method, path, request.body, dict(request.headers))
        except TimeoutError:
            raise TimedOut("not sent in time") from None
        except OSError as error:
            raise ConnectionLost(type(error).__name__) from None
        except (ValueError, HTTPException) as error:
            raise BadRequestData(type(error).__name__) from None

    def receive(self, service: str, deadline: float, max_answer: int) -> tuple[HttpAnswer, bool]:
        """The answer, and whether the connection can be used again.

        Raises ConnectionLost, TimedOut or BadAnswer.
        """
        connection = self._http.sock
        try:
            connection.settimeout(_left(deadline))
            response = self._http.getresponse()
            body = _body(response, max_answer)
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (OSError, IncompleteRead) as error:
            raise ConnectionLost(type(error).__name__) from None
        except (ValueError, HTTPException) as error:
            raise BadAnswer(type(error).__name__) from None
        response.close()
        self._last_used = time.monotonic()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return HttpAnswer(service, response.status, headers, body), self._is_reusable(response, connection)

    @staticmethod
    def _is_reusable(response: HTTPResponse, connection: socket.socket) -> bool:
        if response.will_close or not isinstance(response, _Response) or response.stream.leftover:
            return False
        return not (isinstance(connection, ssl.SSLSocket) and connection.pending())

    def close(self) -> None:
        """Close it, whatever is under way."""
        self._http.close()


def _left(deadline: float) -> float:
    """The seconds until a point of time; raises TimeoutError if there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _body(response: HTTPResponse, max_answer: int) -> bytes:
    """The body of an answer, if it is one and not too large; raises BadAnswer and what reading raises."""
    if response.status < 200:
        raise BadAnswer("a status that is no answer")
    if response.getheader("content-encoding", "identity") != "identity":
        raise BadAnswer("compressed, although identity was asked for")
    if response.length is not None:
        if response.length > max_answer:
            raise BadAnswer("too large")
        return response.read()
    body = response.read(max_answer + 1)
    if len(body) > max_answer:
        raise BadAnswer("too large")
    return body


class _Exchange:
    """A request that was sent. Its connection is free for others once the answer has been read."""

    def __init__(self, connection: _Connection, idle: deque[_Connection]) -> None:
        self._connection = connection
        self._idle = idle

    def finish(self, service: str, deadline: float, max_answer: int) -> HttpAnswer:
        """Read the answer; raises TransportError."""
        try:
            answer, reusable = self._connection.receive(service, deadline, max_answer)
        except BaseException:
            self.close()
            raise
        if reusable and len(self._idle) < POOL_SIZE:
            self._idle.append(self._connection)
        else:
            self.close()
        return answer

    def close(self) -> None:
        """Give up on an answer that wasn't read; the connection can't be used again."""
        self._connection.close()


class KeptConnections:
    """A transport over connections that are kept; `max_answer` is the largest body of an answer in bytes."""

    def __init__(self, max_answer: int = MAX_ANSWER) -> None:
        self._max_answer = max_answer
        self._idle: defaultdict[_Origin, deque[_Connection]] = defaultdict(deque)

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """See Transport: it is sent before this returns."""
        origin, path = _target(request.url)
        connection = self._take(origin, request)
        try:
            connection.send(request, path)
        except BaseException:
            connection.close()
            raise
        exchange = _Exchange(connection, self._idle[origin])
        return Pending(partial(exchange.finish, service, request.deadline, self._max_answer), exchange.close)

    def close(self) -> None:
        """See Transport."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all: it takes 20 ms to load the certificates that are trusted."""
        return ssl.create_default_context()

    def _take(self, origin: _Origin, request: HttpRequest) -> _Connection:
        idle = self._idle[origin]
        while True:
            try:
                connection = idle.pop()
            except IndexError:
                return self._new(origin, request)
            if connection.is_fresh():
                return connection
            connection.close()

    def _new(self, origin: _Origin, request: HttpRequest) -> _Connection:
        timeout = min(request.connect_timeout, max(request.deadline - time.monotonic(), 0.001))
        if origin.secure:
            http: HTTPConnection = _SecureConnection(origin.host, origin.port, timeout=timeout, context=self._tls)
        else:
            http = _PlainConnection(origin.host, origin.port, timeout=timeout)
        connection = _Connection(http)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection
