"""Tells listeners of changes: the Redis stream `ModifiedFields` (datastore.md, "Writer")."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence

import redis
from redis.typing import EncodableT, FieldT

from openslides_backend.embedded.datastore.codec import encode
from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.embedded.datastore.writing import Change
from openslides_backend.shared.typing import Fields

logger = logging.getLogger(__name__)

STREAM = "ModifiedFields"
MAX_QUEUE = 10_000
TIMEOUT_SECONDS = 3.0

ReadModels = Callable[[Sequence[tuple[str, int]]], dict[tuple[str, int], Fields]]
"""Reads models, deleted ones included, with all fields and meta fields."""


class RedisPublisher:
    """Adds one entry to the stream for each committed write, from a thread of its own.

    A message bus that is away costs entries, which is logged, and neither time nor success of a write.
    """

    def __init__(self, host: str, port: int, read_models: ReadModels) -> None:
        self._redis = redis.Redis(
            host=host, port=port, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._read_models = read_models
        self._queue: queue.Queue[Sequence[Change]] = queue.Queue(MAX_QUEUE)
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def publish(self, changes: Sequence[Change]) -> None:
        """Queue the changes of committed writes, in their order; they are dropped if too many wait already."""
        self._start()
        try:
            self._queue.put_nowait(changes)
        except queue.Full:
            logger.warning("the message bus is too slow: changes are not published")

    def _start(self) -> None:
        """The thread is made on first use: a process that forks afterwards would not have it."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            changes = self._queue.get()
            try:
                self._redis.xadd(STREAM, self._entry(changes))
            except (redis.RedisError, OSError, DatabaseFailure) as error:
                logger.warning("changes are not published: %s", type(error).__name__)

    def _entry(self, changes: Sequence[Change]) -> dict[FieldT, EncodableT]:
        models = self._read_models(list({(change.collection, change.id): None for change in changes}))
        entry: dict[FieldT, EncodableT] = {}
        for change in changes:
            model = models.get((change.collection, change.id), {})
            gone = not model or model["meta_deleted"]
            fields = model.keys() - {"meta_position", "meta_deleted"} if change.fields is None else change.fields
            fqid = f"{change.collection}/{change.id}"
            for name in sorted(fields):
                entry[f"{fqid}/{name}"] = encode(None if gone else model.get(name))
            entry[f"{fqid}/meta_deleted"] = encode(bool(gone))
            entry[f"{fqid}/meta_position"] = str(change.position)
        return entry
