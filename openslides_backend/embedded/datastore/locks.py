"""Checks whether what a request relies on was changed (datastore.md, "Writer", `locked_fields`).

The position of a model decides most locks; the events after the lock's position decide where a single field is locked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from openslides_backend.embedded.datastore import history
from openslides_backend.embedded.datastore.codec import decode
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.parsing import Lock
from openslides_backend.embedded.datastore.reading import ALL, ModelsRequest, Record, get_many
from openslides_backend.shared.typing import Fields

_EVENTS_OF_MODEL = "SELECT type, body, id, position FROM events WHERE collection = ? AND id = ? AND position > ?"
_EVENTS_OF_COLLECTION = "SELECT type, body, id, position FROM events WHERE collection = ? AND position > ?"
_EVENTS_OF_COLLECTIONS = (
    "SELECT collection, type, body, id, position FROM events WHERE collection = ANY(?::text[]) AND position > ?"
)


class _Change(NamedTuple):
    type: str
    body: str
    id: int
    position: int

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


def broken_keys(session: Session, locks: Iterable[Lock], records: Mapping[tuple[str, int], Record]) -> list[str]:
    """Keys of the broken locks, each once; `records` are the stored models of all fqids and fqfields."""
    locks = list(locks)
    changes = _recent_changes(session, [lock for lock in locks if lock.id is None])
    broken = []
    for lock in locks:
        if lock.id is None:
            is_broken = _is_collectionfield_broken(session, lock, changes.get(lock.collection, ()))
        else:
            is_broken = _is_model_broken(session, lock, records.get((lock.collection, lock.id)))
        if is_broken:
            broken.append(lock.key)
    return list(dict.fromkeys(broken))


def _is_model_broken(session: Session, lock: Lock, record: Record | None) -> bool:
    if record is None or record.position <= lock.position:
        return False
    if lock.field is None:
        return True
    events = session.rows(_EVENTS_OF_MODEL, (lock.collection, lock.id, lock.position))
    return any(_Change._make(row).touches(lock.field, of_collection=False) for row in events)


def _recent_changes(session: Session, locks: Sequence[Lock]) -> dict[str, list[_Change]]:
    """Changes of each collection since the oldest position that a collectionfield of it is locked at, or earlier."""
    since: dict[str, int] = {}
    for lock in locks:
        since[lock.collection] = min(lock.position, since.get(lock.collection, lock.position))
    if session.postgres and len(since) > 1:
        changes: dict[str, list[_Change]] = {}
        for name, *row in session.rows(_EVENTS_OF_COLLECTIONS, (list(since), min(since.values()))):
            changes.setdefault(name, []).append(_Change._make(row))
        return changes
    return {
        name: [_Change._make(row) for row in session.rows(_EVENTS_OF_COLLECTION, (name, position))]
        for name, position in since.items()
    }


def _is_collectionfield_broken(session: Session, lock: Lock, changes: Iterable[_Change]) -> bool:
    field = lock.field or ""
    ids = {
        change.id for change in changes if change.position > lock.position and change.touches(field, of_collection=True)
    }
    if lock.filter is None or not ids:
        return bool(ids)
    filter_ = lock.filter
    return any(filter_.matches(model) for model in _states(session, lock, sorted(ids)))


def _states(session: Session, lock: Lock, ids: list[int]) -> Iterator[Fields]:
    """The models as they are and as they were: a model that left the set in question changed it as well."""
    request = ModelsRequest(lock.collection, ids, ())
    yield from get_many(session, [request], None, ALL)[lock.collection].values()
    yield from history.get_many(session, [request], lock.position, ALL)[lock.collection].values()
