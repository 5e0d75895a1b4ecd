"""Sessions that were ended, as the message bus tells: the Redis stream `logout` (auth.md)."""

import threading
import time
from collections.abc import Sequence
from typing import cast

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from openslides_backend.services.ended_sessions import MessageBusError

STREAM = "logout"
SESSION_FIELD = "sessionId"
KEEP_SECONDS = 11 * 60

_TRIM_SECONDS = 6 * KEEP_SECONDS
_TIMEOUT_SECONDS = 2.0
_RETRY_SECONDS = 1.0
_BATCH = 1000

_Entries = Sequence[tuple[str, dict[str, str] | None]]


class MessageBus:
    """Reads and writes the stream; safe to be shared between threads and to be made before a fork.

    The stream is read up to its end each time somebody asks, in one round trip, instead of by a thread in the
    background: a logout takes effect with the next request, without any lag.
    """

    def __init__(self, host: str, port: int, stream: str = STREAM) -> None:
        pool = ConnectionPool(
            host=host,
            port=port,
            decode_responses=True,
            protocol=2,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            # Once more for a connection that was closed while it was idle; who asks has a better plan than to wait.
            retry=Retry(NoBackoff(), 1),
        )
        self._redis = Redis(connection_pool=pool)
        self._stream = stream
        self._lock = threading.Lock()
        self._last_id = ""
        self._ended: dict[str, int] = {}
        self._retry_at = 0.0

    def ended(self, session_id: str) -> bool:
        """See EndedSessions. After a failure Redis is left alone for a second, so that requests don't queue up."""
        with self._lock:
            if time.monotonic() < self._retry_at:
                raise MessageBusError("The message bus failed a moment ago.")
            try:
                self._read()
            except (RedisError, OSError, ValueError) as error:
                self._retry_at = time.monotonic() + _RETRY_SECONDS
                raise MessageBusError(str(error)) from error
            return session_id in self._ended

    def publish(self, session_ids: Sequence[str]) -> None:
        """Tell all who listen that these sessions are ended.

        Raises MessageBusError.
        """
        try:
            oldest = f"{self._now() - _TRIM_SECONDS * 1000}-0"
            pipeline = self._redis.pipeline(transaction=False)
            for session_id in session_ids:
                pipeline.xadd(self._stream, {SESSION_FIELD: session_id}, minid=oldest, approximate=True)
            pipeline.execute()
        except (RedisError, OSError) as error:
            raise MessageBusError(str(error)) from error

    def close(self) -> None:
        """Close the connections to Redis."""
        self._redis.close()

    def _now(self) -> int:
        """Milliseconds by the clock that numbers the entries of the stream."""
        seconds, microseconds = self._redis.time()
        return seconds * 1000 + microseconds // 1000

    def _read(self) -> None:
        if not self._last_id:
            self._last_id = f"{self._now() - KEEP_SECONDS * 1000}-0"
        entries = self._next_entries()
        while entries:
            for entry_id, fields in entries:
                self._last_id = entry_id
                if session_id := (fields or {}).get(SESSION_FIELD):
                    self._ended[session_id] = _milliseconds(entry_id)
            self._forget()
            entries = self._next_entries() if len(entries) == _BATCH else ()

    def _next_entries(self) -> _Entries:
        answer = cast(Sequence[tuple[str, _Entries]], self._redis.xread({self._stream: self._last_id}, count=_BATCH))
        return answer[0][1] if answer else ()

    def _forget(self) -> None:
        limit = _milliseconds(self._last_id) - KEEP_SECONDS * 1000
        self._ended = {session_id: ended for session_id, ended in self._ended.items() if ended >= limit}


def _milliseconds(entry_id: str) -> int:
    return int(entry_id.partition("-")[0])
