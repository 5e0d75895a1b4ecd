"""From Gunicorn's ASGI worker to a WSGI application: only complete requests take a thread.

The event loop reads heads and bodies, under deadlines, and within limits that the application sets. Threads do the
rest. What says whether the service runs is answered in the loop itself, whatever the threads do.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from openslides_backend.serve.connections import current_connection
from openslides_backend.serve.draining import Draining
from openslides_backend.serve.threads import QUEUE_SECONDS, Busy, Threads
from openslides_backend.shared.context import DRAINING
from openslides_backend.shared.exceptions import BackendError, Overload, RequestTimeout
from openslides_backend.shared.request_log import is_health_route

BODY_SECONDS = 10.0
"""How long a body may take, however small it is."""
BODY_RATE = 16 * 1024
"""Bytes a second that come on top: who sends slower than that is not waited for. The same holds for answers."""
_IN_MEMORY = 1024 * 1024
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 2 * 1024 * 1024
"""How much of a refused body is still taken, as few clients read the answer before they have sent all."""

_logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ServedApplication(Protocol):
    """A WSGI application, and what its server has to know."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse, /) -> Iterable[bytes]: ...

    @property
    def anonymous_body(self) -> int:
        """The largest body, in bytes, that is read whoever sends it."""

    def body_limit(self, environ: WSGIEnvironment, /) -> int:
        """The largest body of this request, in bytes; 0 if it is refused anyway. May ask other services."""

    def is_quick(self, path: str, /) -> bool:
        """Whether a route is answered at once, without asking other services or computing much."""


class PlainApplication:
    """A WSGI application to which it is the same who asks: all bodies of up to `max_body` bytes are read.

    Its health routes are quick. Whatever else is to be judged of a body is up to the application.
    """

    def __init__(self, application: WSGIApplication, max_body: int = sys.maxsize) -> None:
        self._application = application
        self.anonymous_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse, /) -> Iterable[bytes]:
        return self._application(environ, start_response)

    def body_limit(self, _environ: WSGIEnvironment, /) -> int:
        """See ServedApplication."""
        return self.anonymous_body

    def is_quick(self, path: str, /) -> bool:
        """See ServedApplication."""
        return is_health_route(path)


class _ClientIsGone(Exception):
    """The client has closed the connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request, complete."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def _refusal(error: BackendError) -> Answer:
    body = json.dumps(error.as_json(), separators=(",", ":")).encode()
    headers = {b"Content-Type": b"application/json", b"Content-Length": str(len(body)).encode()}
    if error.retry_after is not None:
        headers[b"Retry-After"] = str(error.retry_after).encode()
    return Answer(error.status, tuple(headers.items()), body)


TOO_SLOW = _refusal(RequestTimeout("The body came too slowly."))
BUSY = _refusal(Overload("The service has too much to do. Please try again later."))


class Bridge:
    """An ASGI application that has a WSGI application answer, in up to `threads` threads at a time.

    A request waits up to `patience` seconds for a thread.
    """

    def __init__(
        self, application: ServedApplication, threads: int, draining: Draining, patience: float = QUEUE_SECONDS
    ) -> None:
        self._application = application
        self._draining = draining
        self._threads = Threads(threads, patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        connection = current_connection()
        connection.head_is_complete()
        last = True
        try:
            last = await self._handle(scope, receive, send)
        except TimeoutError:  # of sending: a transport that is closed would still try to get rid of the answer
            connection.leave()
        except _ClientIsGone:
            pass
        finally:
            connection.is_answered(last=last)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Read and answer a request; whether it is the last one of its connection."""
        environ = make_environ(scope)
        complete = False
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                complete = await self._read(environ, receive, body)
                answer = await self._answer(environ, body)
            except (Busy, TimeoutError) as error:
                answer = BUSY if isinstance(error, Busy) else TOO_SLOW
                _logger.info("a request was refused with %d", answer.status)
        last = not complete or self._draining.has_begun()
        await _send(replace(answer, headers=(*answer.headers, (b"Connection", b"close"))) if last else answer, send)
        if not complete:
            await _linger(receive)
        return last

    async def _read(self, environ: WSGIEnvironment, receive: Receive, body: IO[bytes]) -> bool:
        """Read the body as far as it is going to be looked at; whether that is all of it.

        Raises TimeoutError if it comes too slowly.
        """
        announced = environ.get("CONTENT_LENGTH")
        if announced is None and "HTTP_TRANSFER_ENCODING" not in environ:
            return True
        reader = BodyReader(self._application.anonymous_body, partial(self._limit, environ))
        if not await reader.may_have(int(announced or 0)):
            return False
        complete = await reader.read(receive, body)
        # What came in chunks does so no longer; by the length the application tells that it is too large.
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(reader.received)
        return complete

    async def _limit(self, environ: WSGIEnvironment) -> int:
        return await self._threads.run(partial(self._application.body_limit, dict(environ)))

    async def _answer(self, environ: WSGIEnvironment, body: IO[bytes]) -> Answer:
        body.seek(0)
        environ["wsgi.input"] = body
        environ[DRAINING] = self._draining.has_begun()
        call = partial(call_application, self._application, environ)
        return call() if self._application.is_quick(environ["PATH_INFO"]) else await self._threads.run(call)


class BodyReader:
    """Reads the body of one request, within a deadline that grows with what has come."""

    def __init__(self, limit: int, ask: Callable[[], Awaitable[int]]) -> None:
        self.received = 0
        self._limit = limit
        self._ask: Callable[[], Awaitable[int]] | None = ask

    async def may_have(self, size: int) -> bool:
        """Whether a body of that many bytes is read; only for a large one it is asked who sends it."""
        if size > self._limit and self._ask is not None:
            ask, self._ask = self._ask, None
            self._limit = max(self._limit, await ask())
        return size <= self._limit

    async def read(self, receive: Receive, body: IO[bytes]) -> bool:
        """Copy the body, until its end (True) or until it is too large (False)."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with asyncio.timeout_at(started + BODY_SECONDS) as deadline:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _ClientIsGone
                chunk = message.get("body", b"")
                self.received += len(chunk)
                body.write(chunk)
                if not message.get("more_body"):
                    return await self.may_have(self.received)
                if deadline.expired():  # with this very chunk, which is what has been waited for
                    raise TimeoutError
                deadline.reschedule(started + BODY_SECONDS + self.received / BODY_RATE)
                if not await self.may_have(self.received):
                    return False


def make_environ(scope: Scope) -> WSGIEnvironment:
    """The environment of a request for WSGI (PEP 3333), without its body."""
    path: bytes = scope["raw_path"]
    if not path.startswith(b"/"):  # the absolute form, as for proxies
        with suppress(ValueError):  # of what is no URL: it is no route either
            path = urlsplit(path).path
    server, client = scope.get("server") or ("", 0), scope.get("client") or ("", 0)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope["root_path"],
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        key, value = _environ_key(raw_name), raw_value.decode("latin-1")
        before = environ.get(key)
        environ[key] = value if before is None else f"{before}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
    return environ


@lru_cache(maxsize=256)
def _environ_key(header: bytes) -> str:
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"


def call_application(application: ServedApplication, environ: WSGIEnvironment) -> Answer:
    """The whole answer of a WSGI application."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks: list[bytes] = []

    # In quotes: annotations of an inner function are made anew at each call.
    def start_response(
        status: str, headers: "list[tuple[str, str]]", _error: Any = None, /
    ) -> "Callable[[bytes], object]":
        started.append((status, headers))
        return chunks.append

    result = application(environ, start_response)
    try:
        chunks.extend(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    encoded = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return Answer(int(status.split(" ", 1)[0]), encoded, b"".join(chunks))


async def _send(answer: Answer, send: Send) -> None:
    """Raises TimeoutError if the client doesn't take the answer."""
    async with asyncio.timeout(BODY_SECONDS + len(answer.body) / BODY_RATE):
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _linger(receive: Receive) -> None:
    """Take a bit more of a body that was refused, and throw it away."""
    left = _LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
