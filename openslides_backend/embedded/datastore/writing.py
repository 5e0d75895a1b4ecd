"""Carries out write requests: models, index entries, long lists and history, all in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any

from openslides_backend.embedded.datastore import history, locks
from openslides_backend.embedded.datastore.codec import decode, encode, encode_items, encode_large
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.errors import (
    DatastoreNotEmpty,
    LocksBroken,
    ModelDoesNotExist,
    ModelExists,
    ModelNotDeleted,
)
from openslides_backend.embedded.datastore.indexing import Entry, concerns_entries, entries_of, fingerprint, is_indexed
from openslides_backend.embedded.datastore.parsing import Lock, WriteEvent, WriteRequest
from openslides_backend.embedded.datastore.reading import Record, read_migration_index, read_position, read_records
from openslides_backend.shared.typing import Fields

LONGEST_INLINE_LIST = 24
"""Longer lists of ints and strings are kept item by item."""

_LOCK_STATE = "SELECT position FROM state WHERE id = 1 FOR UPDATE"
_INDEXES = "SELECT indexes FROM state WHERE id = 1"
_SET_INDEXES = "UPDATE state SET indexes = ? WHERE id = 1"
_REMOVE_ENTRIES = "DELETE FROM entries"
_ALL_MODELS = "SELECT collection, id, deleted, data FROM models"
_SET_POSITION = "UPDATE state SET position = ? WHERE id = 1"
_MIGRATION_INDEX = "UPDATE state SET migration_index = ? WHERE id = 1"
_ADD_POSITION = "INSERT INTO positions (position, timestamp, user_id, information) VALUES (?, ?, ?, ?)"
_ADD_EVENT = "INSERT INTO events (collection, position, seq, id, type, body) VALUES (?, ?, ?, ?, ?, ?)"
_ADD_MODEL = "INSERT INTO models (collection, id, position, deleted, data, lists) VALUES (?, ?, ?, ?, ?, ?)"
_CHANGE_MODEL = "UPDATE models SET position = ?, deleted = ?, data = ?, lists = ? WHERE collection = ? AND id = ?"
_TOUCH_MODEL = "UPDATE models SET position = ? WHERE collection = ? AND id = ?"
_REMOVE_MODEL = "DELETE FROM models WHERE collection = ? AND id = ?"
_ADD_ENTRY = "INSERT INTO entries (collection, name, key, deleted, number, id) VALUES (?, ?, ?, ?, ?, ?)"
_REMOVE_ENTRY = (
    "DELETE FROM entries WHERE collection = ? AND name = ? AND key = ? AND deleted = ? AND number = ? AND id = ?"
)
_ADD_ITEM_AT = "INSERT INTO list_items (fqfield, seq, value) VALUES (?, ?, ?)"
_ADD_MISSING_ITEM = (
    "INSERT INTO list_items (fqfield, seq, value)"
    " SELECT ?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM list_items WHERE fqfield = ?), ?"
    " WHERE NOT EXISTS (SELECT 1 FROM list_items WHERE fqfield = ? AND value = ?)"
)
_REMOVE_ITEM = "DELETE FROM list_items WHERE fqfield = ? AND value = ?"
_REMOVE_LIST = "DELETE FROM list_items WHERE fqfield = ?"
_RAISE_SEQUENCE = (
    "INSERT INTO sequences (collection, last_id) VALUES (?, ?)"
    " ON CONFLICT (collection) DO UPDATE SET last_id = excluded.last_id WHERE sequences.last_id < excluded.last_id"
)
_RESERVE = (
    "INSERT INTO sequences (collection, last_id) VALUES {}"
    " ON CONFLICT (collection) DO UPDATE SET last_id = sequences.last_id + excluded.last_id"
    " RETURNING collection, last_id"
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a committed position changed of a model, for listeners; `fields` None: it was deleted or restored."""

    position: int
    collection: str
    id: int
    fields: frozenset[str] | None


@dataclass(slots=True)
class _Model:
    """A model while it is being written."""

    collection: str
    id: int
    exists: bool = False
    deleted: bool = False
    text: str = "{}"
    lists: set[str] = field(default_factory=set)
    is_new: bool = False
    data_changed: bool = False
    old_entries: set[Entry] | None = None
    was_deleted: bool = False
    _data: Fields | None = None

    @classmethod
    def of(cls, collection: str, record: Record) -> "_Model":
        lists = set(decode(record.lists)) if record.lists else set()
        deleted = bool(record.deleted)
        return cls(collection, record.id, True, deleted, record.data, lists, was_deleted=deleted)

    @property
    def fqid(self) -> str:
        return f"{self.collection}/{self.id}"

    @property
    def data(self) -> Fields:
        """The fields that are not kept item by item; decoded when first needed, as an addition to a long list isn't."""
        if self._data is None:
            self._data = decode(self.text)
        return self._data

    def remember_entries(self) -> None:
        """To be called before anything changes that index entries are made of."""
        if self.old_entries is None:
            self.old_entries = set() if self.is_new else entries_of(self.data)


ListOperation = tuple[str, tuple[Any, ...]]


def make_entries_anew(session: Session) -> None:
    """Make the index entries of all models if the stored ones are those of other indexes than are declared now."""
    lock_state(session)
    if session.row(_INDEXES)[0] == fingerprint():
        return
    session.run(_REMOVE_ENTRIES)
    for collection, id_, deleted, data in session.rows(_ALL_MODELS):
        entries = [(collection, name, key, deleted, number, id_) for name, key, number in entries_of(decode(data))]
        if entries:
            session.many(_ADD_ENTRY, entries)
    session.run(_SET_INDEXES, (fingerprint(),))


def lock_state(session: Session) -> int:
    """The newest position, 0 in an empty datastore; to be the first statement of every transaction that writes.

    It lets transactions of several processes wait for each other in one place, where they can't block one another.
    SQLite has one writer at a time anyway.
    """
    return int(session.row(_LOCK_STATE)[0]) if session.postgres else read_position(session)


def reserve_ids(session: Session, amounts: Mapping[str, int]) -> dict[str, list[int]]:
    """Fresh ids by collection, in one statement.

    Writers raise the same rows in the same order, so that nobody waits for each other in a circle.
    """
    wanted = sorted(amounts.items())
    statement = _RESERVE.format(", ".join(["(?, ?)"] * len(wanted)))
    last_ids = session.rows(statement, [value for pair in wanted for value in pair])
    return {name: list(range(last - amounts[name] + 1, last + 1)) for name, last in last_ids}


class Writer:
    """Writes within one session, that is: one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._models: dict[tuple[str, int], _Model] = {}
        self._list_operations: list[ListOperation] = []
        self.changes: list[Change] = []

    def write(self, request: WriteRequest) -> int:
        """Write a request and return its position.

        Raises LocksBroken, ModelExists, ModelDoesNotExist, ModelNotDeleted, DatastoreNotEmpty and InvalidFormat.
        """
        session = self._session
        position = lock_state(session) + 1
        session.run(_SET_POSITION, (position,))
        if request.migration_index is not None:
            self._set_migration_index(request, position)
        records = self._load(request.events, request.locks)
        if broken := locks.broken_keys(session, request.locks, records):
            raise LocksBroken(broken)
        information = encode(request.information) if request.information else None
        session.run(_ADD_POSITION, (position, int(time()), request.user_id, information))
        for event in request.events:
            self._apply(event)
        self._flush(position)
        session.many(
            _ADD_EVENT,
            [
                (event.collection, position, seq, event.id, event.type, _event_body(event))
                for seq, event in enumerate(request.events)
            ],
        )
        self._note_changes(position, request.events)
        return position

    def write_without_events(self, events: Iterable[WriteEvent]) -> None:
        """Create or change models, or really remove them, outside of positions and history."""
        events = list(events)
        position = lock_state(self._session)
        self._load(events)
        for event in events:
            model = self._models[event.collection, event.id]
            if event.type == history.DELETE:
                self._purge(model)
                continue
            if not model.exists:
                self._create(model, event.fields)
            else:
                model.deleted = False
                self._update(model, event)
        self._flush(position)

    def _set_migration_index(self, request: WriteRequest, position: int) -> None:
        if request.migrated_from is None and position != 1:
            raise DatastoreNotEmpty("the migration index is set in an empty datastore only, or by a migration")
        if request.migrated_from is not None:
            now = (read_migration_index(self._session), position - 1)
            if request.migrated_from != now:
                raise LocksBroken(["migration_index"])
        self._session.run(_MIGRATION_INDEX, (request.migration_index,))

    def _load(self, events: Iterable[WriteEvent], locked: Iterable[Lock] = ()) -> dict[tuple[str, int], Record]:
        """Read all models in question; those of the events are going to be changed."""
        changed = {(event.collection, event.id) for event in events}
        wanted: dict[str, set[int]] = {}
        for name, id_ in changed | {(lock.collection, lock.id) for lock in locked if lock.id is not None}:
            wanted.setdefault(name, set()).add(id_)
        records = read_records(self._session, wanted)
        self._models = {
            key: _Model.of(key[0], records[key]) if key in records else _Model(*key) for key in sorted(changed)
        }
        return records

    def _apply(self, event: WriteEvent) -> None:
        model = self._models[event.collection, event.id]
        if event.type == history.CREATE:
            if model.exists:
                raise ModelExists(model.fqid)
            self._create(model, event.fields)
        elif not model.exists or (model.deleted and event.type != history.RESTORE):
            raise ModelDoesNotExist(model.fqid)
        elif event.type == history.UPDATE:
            self._update(model, event)
        else:
            if event.type == history.RESTORE and not model.deleted:
                raise ModelNotDeleted(model.fqid)
            model.remember_entries()
            model.deleted = event.type == history.DELETE
            model.data_changed = True

    def _create(self, model: _Model, fields: Fields) -> None:
        model.exists = model.is_new = model.data_changed = True
        model.remember_entries()
        self._set_fields(model, fields)

    def _update(self, model: _Model, event: WriteEvent) -> None:
        self._set_fields(model, event.fields)
        for name in {**event.add, **event.remove}:
            add, remove = event.add.get(name, ()), event.remove.get(name, ())
            if name in model.lists:
                fqfield = f"{model.fqid}/{name}"
                for value in encode_items(add):
                    self._list_operations.append((_ADD_MISSING_ITEM, (fqfield, fqfield, value, fqfield, value)))
                self._list_operations += [(_REMOVE_ITEM, (fqfield, value)) for value in encode_items(remove)]
            else:
                self._set_fields(model, {name: history.change_list(model.data.get(name), add, remove)})

    def _set_fields(self, model: _Model, fields: Fields) -> None:
        if not fields:
            return
        if any(concerns_entries(name) for name in fields):
            model.remember_entries()
        model.data_changed = True
        data = model.data
        for name, value in fields.items():
            if name in model.lists:
                model.lists.discard(name)
                self._list_operations.append((_REMOVE_LIST, (f"{model.fqid}/{name}",)))
            if value is None:
                data.pop(name, None)
            elif _is_long_list(name, value):
                data.pop(name, None)
                model.lists.add(name)
                fqfield = f"{model.fqid}/{name}"
                # The list is empty now: the places of its items are known.
                self._list_operations += [
                    (_ADD_ITEM_AT, (fqfield, place, item)) for place, item in enumerate(encode_items(value), 1)
                ]
            else:
                data[name] = value

    def _purge(self, model: _Model) -> None:
        if not model.exists:
            return
        model.remember_entries()
        self._set_fields(model, dict.fromkeys([*model.data, *model.lists]))
        model.exists = False
        self._session.run(_REMOVE_MODEL, (model.collection, model.id))

    def _flush(self, position: int) -> None:
        """Bring the changed models into the tables."""
        session = self._session
        created, changed, touched, gone, fresh = [], [], [], [], []
        sequences: dict[str, int] = {}
        for model in self._models.values():
            key = (model.collection, model.id)
            if model.is_new:
                created.append((*key, position, int(model.deleted), encode_large(model.data), _lists_text(model)))
                sequences[model.collection] = max(model.id, sequences.get(model.collection, 0))
            elif model.data_changed:
                changed.append((position, int(model.deleted), encode_large(model.data), _lists_text(model), *key))
            else:
                touched.append((position, *key))
            if model.old_entries is not None:
                removed, added = _entry_changes(model)
                gone += removed
                fresh += added
        for statement, parameters in (
            (_ADD_MODEL, created),
            (_CHANGE_MODEL, changed),
            (_TOUCH_MODEL, touched),
            (_REMOVE_ENTRY, gone),
            (_ADD_ENTRY, fresh),
            (_RAISE_SEQUENCE, sorted(sequences.items())),
        ):
            if parameters:
                session.many(statement, parameters)
        self._flush_lists()

    def _flush_lists(self) -> None:
        """Operations on lists keep their order; equal statements in a row go together."""
        operations, self._list_operations = self._list_operations, []
        start = 0
        for end in range(1, len(operations) + 1):
            if end == len(operations) or operations[end][0] != operations[start][0]:
                self._session.many(operations[start][0], [parameters for _, parameters in operations[start:end]])
                start = end

    def _note_changes(self, position: int, events: Iterable[WriteEvent]) -> None:
        for event in events:
            whole = event.type in (history.DELETE, history.RESTORE)
            names = None if whole else frozenset((*event.fields, *event.add, *event.remove))
            self.changes.append(Change(position, event.collection, event.id, names))


def _is_long_list(name: str, value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > LONGEST_INLINE_LIST
        and not is_indexed(name)
        and history.is_plain_list(value)
    )


def _lists_text(model: _Model) -> str:
    return encode(sorted(model.lists)) if model.lists else ""


def _entry_changes(model: _Model) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows of `entries` to remove and to add."""
    old = {(name, key, int(model.was_deleted), number) for name, key, number in model.old_entries or ()}
    current = entries_of(model.data) if model.exists else set()
    new = {(name, key, int(model.deleted), number) for name, key, number in current}
    removed = [(model.collection, *entry, model.id) for entry in old - new]
    return removed, [(model.collection, *entry, model.id) for entry in new - old]


def _event_body(event: WriteEvent) -> str:
    parts = {"fields": event.fields, "add": event.add, "remove": event.remove}
    return encode({name: part for name, part in parts.items() if part})
