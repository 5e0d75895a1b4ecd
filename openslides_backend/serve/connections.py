"""Connections whose clients must come to the point: deadlines around the protocol that Gunicorn's ASGI worker speaks.

That worker waits for ever for the head of a connection's first request. It has no setting for it, but it makes its
connections with asyncio's event loop, and that can be another one.
"""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum, auto
from typing import Any, cast

HEAD_SECONDS = 10.0
"""How long a client may take for the head of a request from its first byte, and a new connection for that byte."""
KEEP_ALIVE = 75
"""Seconds that an idle connection is kept open: longer than the proxies in front usually keep theirs."""
MAX_CONNECTIONS = 900
"""Beyond that, a new connection ends the one that has been waiting for the longest time: file descriptors are few."""
_LEAVE_SECONDS = 0.2
_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Phase(Enum):
    IDLE = auto()
    HEAD = auto()
    BUSY = auto()


class Connection(asyncio.Protocol):
    """One connection: passes everything on to the server's protocol, and ends it if the client is too slow.

    Who handles a request finds it with `current_connection` and tells it how far the request is.
    """

    def __init__(self, inner: asyncio.Protocol, crowd: "Crowd") -> None:
        self._inner = inner
        self._crowd = crowd
        self._phase = _Phase.IDLE
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self._last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast(asyncio.Transport, transport)
        self._crowd.add(self)
        self._wait(_Phase.IDLE, HEAD_SECONDS)
        # The server's protocol starts a task here that handles the connection's requests, and that inherits this.
        _current.set(self)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._phase is _Phase.IDLE:
            self._wait(_Phase.HEAD, HEAD_SECONDS)
        try:
            self._inner.data_received(data)
        except ValueError:  # Gunicorn leaves lengths with more digits than Python reads to whoever called it
            self._transport.write(_BAD_REQUEST)
            self._transport.close()

    def eof_received(self) -> bool:
        """See asyncio.Protocol: a client that has sent its last request still gets the answer."""
        self._last = True
        return self._phase is not _Phase.IDLE

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._stop_timer()
        self._crowd.remove(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._inner.resume_writing()

    def head_is_complete(self) -> None:
        """The head of a request has come: from here on who reads its body sets the limits."""
        self._stop_timer()
        self._crowd.is_busy(self)
        self._phase = _Phase.BUSY

    def is_answered(self, *, last: bool) -> None:
        """The answer is on its way; `last` ends the connection after it."""
        if self._transport.is_closing():
            return
        if last or self._last:
            self._transport.close()
            return
        self._crowd.is_waiting(self)
        self._wait(_Phase.IDLE, KEEP_ALIVE + HEAD_SECONDS)

    def leave(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _wait(self, phase: _Phase, seconds: float) -> None:
        self._stop_timer()
        self._phase = phase
        self._timer = self._crowd.loop.call_later(seconds, self.leave)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_current: ContextVar[Connection] = ContextVar("connection")


def current_connection() -> Connection:
    """The connection of the request that the current task handles."""
    return _current.get()


class Crowd:
    """All connections of a server, and those that wait for a request, in the order of their waiting."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int = MAX_CONNECTIONS) -> None:
        self.loop = loop
        self._limit = limit
        self._all: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}

    def add(self, connection: Connection) -> None:
        """A new connection; if there are too many, the one that has been waiting for the longest time ends."""
        if len(self._all) >= self._limit and self._waiting:
            longest = next(iter(self._waiting))
            self.remove(longest)
            longest.leave()
        self._all.add(connection)
        self._waiting[connection] = None

    def remove(self, connection: Connection) -> None:
        """A connection has ended."""
        self._all.discard(connection)
        self._waiting.pop(connection, None)

    def is_busy(self, connection: Connection) -> None:
        """A connection doesn't wait any more."""
        self._waiting.pop(connection, None)

    def is_waiting(self, connection: Connection) -> None:
        """A connection waits for its next request."""
        self._waiting[connection] = None

    async def leave_with(self, server: asyncio.Server) -> None:
        """When the server takes no more connections, end those that wait: the worker waits for all of them."""
        while server.is_serving():
            await asyncio.sleep(_LEAVE_SECONDS)
        for connection in list(self._waiting):
            connection.leave()


class PunctualLoop(asyncio.SelectorEventLoop):
    """An event loop whose servers have connections with deadlines."""

    def __init__(self) -> None:
        super().__init__()
        self._watchers: list[asyncio.Task[None]] = []

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.Protocol], *args: Any, **options: Any
    ) -> asyncio.Server:
        """See asyncio.AbstractEventLoop."""
        crowd = Crowd(self)
        server = await super().create_server(lambda: Connection(protocol_factory(), crowd), *args, **options)
        self._watchers.append(self.create_task(crowd.leave_with(server)))
        return server


class PunctualPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes every new event loop a punctual one."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """See asyncio.AbstractEventLoopPolicy."""
        return PunctualLoop()
