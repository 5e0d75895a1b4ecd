"""Removes contents that no file has any more, or never got because its batch failed."""

import logging
import threading
import time
from collections.abc import Callable

from openslides_backend.embedded.media_store import MediaStore
from openslides_backend.services.datastore import DatastoreReader, GetMany
from openslides_backend.shared.exceptions import BackendError
from openslides_backend.shared.fqid import ORGANIZATION_ID

logger = logging.getLogger(__name__)

GRACE_SECONDS = 24 * 60 * 60
"""So long contents stay at least: the batch that they were uploaded for may not be written yet."""
INTERVAL_SECONDS = 6 * 60 * 60
_AT_ONCE = 1000


def sweep(store: MediaStore, datastore: DatastoreReader, now: float) -> int:
    """Remove the contents of files that aren't stored (any more) and haven't been touched for a day; how many.

    `now` is in Unix seconds. From a datastore without an organization nothing follows: it may be a new or broken one.
    What is left of uploads that never ended goes in any case.

    Raises ServiceError if the datastore doesn't answer; what it hasn't told of stays.
    """
    store.remove_unfinished(now - GRACE_SECONDS)
    old = {id_: touched for id_, touched in store.touched().items() if touched < now - GRACE_SECONDS}
    ids, removed = sorted(old), 0
    for start in range(0, len(ids), _AT_ONCE):
        some = tuple(ids[start : start + _AT_ONCE])
        organizations, files = datastore.read(
            [GetMany("organization", (ORGANIZATION_ID,), ("id",)), GetMany("mediafile", some, ("id",))]
        )
        if not organizations:
            return removed
        removed += sum(store.remove(id_, old[id_]) for id_ in some if id_ not in files)
    return removed


def sweep_for_ever(
    store: MediaStore,
    datastore: DatastoreReader,
    ended: threading.Event,
    *,
    interval: float = INTERVAL_SECONDS,
    clock: Callable[[], float] = time.time,
) -> None:
    """Sweep every `interval` seconds, until the event is set; what the services are to blame for is tried again."""
    while not ended.wait(interval):
        try:
            removed = sweep(store, datastore, clock())
        except (BackendError, OSError):
            logger.warning("contents that no file has were not looked for", exc_info=True)
        else:
            logger.info("%d contents that no file had were removed", removed)
