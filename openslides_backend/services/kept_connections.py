"""Kept-alive connections of the standard library, for the calls that each request makes.

Sending and receiving are apart, so that several services work at the same time. Nothing is ever sent twice here: what
may be repeated is for the caller to say.
"""

import select
import socket
import ssl
import time
from collections import defaultdict, deque
from functools import cached_property, lru_cache, partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urlsplit

from openslides_backend.services.kept_response import KeptResponse, time_left
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


class _Kept(HTTPConnection):
    """What connections have in common, with and without TLS.

    Head and body of a request go out together: a server that gets one after the other wakes up twice.
    """

    response_class = KeptResponse
    # Never connect anew on the quiet: whether to send again is for others to say.
    auto_open = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._parts: list[bytes] = []

    def send(self, data: bytes) -> None:  # type: ignore[override] # nothing else is sent here
        """See HTTPConnection; it goes out with `flush`."""
        self._parts.append(data)

    def flush(self) -> None:
        """Send what has gathered; raises OSError."""
        parts, self._parts = self._parts, []
        super().send(b"".join(parts))


class _Secure(_Kept, HTTPSConnection):
    """The same over TLS."""


class _Connection:
    """A connection to a server, used by one request at a time."""

    def __init__(self, http: _Kept) -> None:
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
            self._http.sock.settimeout(time_left(request.deadline))
            self._http.request(request.method, path, request.body, dict(request.headers))
            self._http.flush()
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
            connection.settimeout(time_left(deadline))
            response = cast(KeptResponse, self._http.getresponse())
            body = _body(response, max_answer)
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (OSError, IncompleteRead) as error:
            raise ConnectionLost(type(error).__name__) from None
        except (ValueError, HTTPException) as error:
            raise BadAnswer(type(error).__name__) from None
        response.close()
        self._last_used = time.monotonic()
        return HttpAnswer(service, response.status, response.fields, body), self._is_reusable(response, connection)

    @staticmethod
    def _is_reusable(response: KeptResponse, connection: socket.socket) -> bool:
        if response.will_close or response.stream.leftover:
            return False
        return not (isinstance(connection, ssl.SSLSocket) and connection.pending())

    def close(self) -> None:
        """Close it, whatever is under way."""
        self._http.close()


def _body(response: KeptResponse, max_answer: int) -> bytes:
    """The body of an answer, if it is one and not too large; raises BadAnswer and what reading raises."""
    if response.status < 200:
        raise BadAnswer("a status that is no answer")
    if response.fields.get("content-encoding", "identity") != "identity":
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
            http: _Kept = _Secure(origin.host, origin.port, timeout=timeout, context=self._tls)
        else:
            http = _Kept(origin.host, origin.port, timeout=timeout)
        connection = _Connection(http)
        try:
            connection.connect()
        except BaseException:
            connection.close()
            raise
        return connection
