"""Checks whether what a request relies on was changed (datastore.md, "Writer", `locked_fields`).

The position of a model decides most locks; the events after the lock's position decide where a single field is locked.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from openslides_backend.embedded.datastore import history
from openslides_backend.embedded.datastore.codec import decode
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.parsing import Lock
from openslides_backend.embedded.datastore.reading import ALL, ModelsRequest, get_many
from openslides_backend.shared.typing import Fields

_POSITION = "SELECT position FROM models WHERE collection = ? AND id = ? AND position > ?"
_EVENTS_OF_MODEL = "SELECT type, body, id FROM events WHERE collection = ? AND id = ? AND position > ?"
_EVENTS_OF_COLLECTION = "SELECT type, body, id FROM events WHERE collection = ? AND position > ?"


class _Change(NamedTuple):
    type: str
    body: str
    id: int

    def touches(self, field: str, of_collection: bool) -> bool:
        """Whether the event changed the field.

        Creating, deleting or restoring a model changes each of its fields. For a collectionfield, a creation counts
        only if it sets the field: nothing that was read of the collection is different otherwise.
        """
        if self.type in (history.DELETE, history.RESTORE):
            return True
        if self.type == history.CREATE and (not of_collection or field == "id"):
            return True
        body = decode(self.body)
        return field.startswith("meta_") or any(field in part for part in body.values())


def broken_keys(session: Session, locks: Iterable[Lock]) -> list[str]:
    """Keys of the broken locks, each once."""
    return list(dict.fromkeys(lock.key for lock in locks if _is_broken(session, lock)))


def _is_broken(session: Session, lock: Lock) -> bool:
    if lock.id is None:
        return _is_collectionfield_broken(session, lock)
    if session.row(_POSITION, (lock.collection, lock.id, lock.position)) is None:
        return False
    if lock.field is None:
        return True
    events = session.rows(_EVENTS_OF_MODEL, (lock.collection, lock.id, lock.position))
    return any(_Change._make(row).touches(lock.field, of_collection=False) for row in events)


def _is_collectionfield_broken(session: Session, lock: Lock) -> bool:
    rows = session.rows(_EVENTS_OF_COLLECTION, (lock.collection, lock.position))
    field = lock.field or ""
    ids = {change.id for change in map(_Change._make, rows) if change.touches(field, of_collection=True)}
    if lock.filter is None or not ids:
        return bool(ids)
    filter_ = lock.filter
    return any(filter_.matches(model) for model in _states(session, lock, sorted(ids)))


def _states(session: Session, lock: Lock, ids: list[int]) -> Iterator[Fields]:
    """The models as they are and as they were: a model that left the set in question changed it as well."""
    request = ModelsRequest(lock.collection, ids, ())
    yield from get_many(session, [request], None, ALL)[lock.collection].values()
    yield from history.get_many(session, [request], lock.position, ALL)[lock.collection].values()
