"""Bodies of the writer's requests, checked and made into objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openslides_backend.embedded.datastore import history
from openslides_backend.embedded.datastore.errors import InvalidFormat, InvalidRequest
from openslides_backend.embedded.datastore.filtering import parse_filter
from openslides_backend.embedded.datastore.names import (
    MAX_ID,
    WITHOUT_EVENTS,
    check_collection,
    check_writable_field,
    split_fqid,
    split_lock_key,
)
from openslides_backend.shared.filters import Filter
from openslides_backend.shared.typing import Fields

MAX_AMOUNT = 10_000_000
"""Ids that may be reserved at once."""
MAX_EVENTS = 1_000_000
"""Events that may be written at once, in all requests together."""
MAX_LEVELS = 100
"""How deeply the value of a field, or information, may be nested."""


class Lock(NamedTuple):
    """What must not have been changed after `position`; `key` is as it came, for the answer."""

    key: str
    collection: str
    id: int | None
    field: str | None
    position: int
    filter: Filter | None = None


@dataclass(frozen=True, slots=True)
class WriteEvent:
    """What is to be done to one model."""

    type: str
    collection: str
    id: int
    fields: Fields = field(default_factory=dict)
    add: Mapping[str, list[Any]] = field(default_factory=dict)
    remove: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def fqid(self) -> str:
        return f"{self.collection}/{self.id}"


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What is to be written in one position."""

    user_id: int
    information: Any
    locks: tuple[Lock, ...]
    events: tuple[WriteEvent, ...]
    migration_index: int | None
    migrated_from: tuple[int, int] | None = None


def require_object(value: object, what: str = "the request") -> dict[str, Any]:
    """The value, if it is an object; raises InvalidRequest if not."""
    if not isinstance(value, dict):
        raise InvalidRequest(f"{what} must be an object")
    return value


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def parse_write(body: object) -> list[WriteRequest]:
    """The requests of a `write`; raises InvalidRequest or InvalidFormat."""
    bodies = body if isinstance(body, list) else [body]
    requests = [_parse_request(require_object(part)) for part in bodies]
    if sum(len(request.events) for request in requests) > MAX_EVENTS:
        raise InvalidRequest(f"there are more than {MAX_EVENTS} events")
    return requests


def parse_without_events(body: object) -> list[WriteEvent]:
    """The events of a `write_without_events`; raises InvalidRequest or InvalidFormat."""
    if not isinstance(body, list) or len(body) != 1:
        raise InvalidRequest("a list of one request is needed")
    events = _parse_events(require_object(body[0]))
    if any(event.collection not in WITHOUT_EVENTS for event in events):
        raise InvalidRequest(f"only these collections are written without events: {', '.join(sorted(WITHOUT_EVENTS))}")
    types = {event.type for event in events}
    if history.RESTORE in types or (types != {history.DELETE} and len(events) != 1):
        raise InvalidRequest("one create or update event, or delete events are needed")
    return list(events)


def parse_amounts(body: object) -> dict[str, int]:
    """Ids to be reserved by collection; raises InvalidRequest or InvalidFormat."""
    amounts: dict[str, int] = {}
    for part in body if isinstance(body, list) else [body]:
        request = require_object(part)
        amount = request.get("amount")
        if "collection" not in request or not isinstance(amount, int) or isinstance(amount, bool):
            raise InvalidRequest("collection and amount are needed")
        if not 1 <= amount <= MAX_AMOUNT:
            raise InvalidFormat(f"amount must be between 1 and {MAX_AMOUNT}")
        collection = check_collection(request["collection"])
        amounts[collection] = amounts.get(collection, 0) + amount
    if sum(amounts.values()) > MAX_AMOUNT:
        raise InvalidFormat(f"no more than {MAX_AMOUNT} ids can be reserved at once")
    return amounts


def _parse_request(body: dict[str, Any]) -> WriteRequest:
    if not _is_int(body.get("user_id")) or abs(body["user_id"]) > MAX_ID:
        raise InvalidRequest("user_id must be an integer")
    if "information" not in body:
        raise InvalidRequest("information is needed")
    _check_levels(body["information"])
    migration_index = body.get("migration_index")
    if migration_index is not None and not (_is_int(migration_index) and 1 <= migration_index <= MAX_ID):
        raise InvalidRequest("migration_index must be an integer of at least 1")
    migrated_from = _parse_migrated_from(body)
    locks = require_object(body.get("locked_fields"), "locked_fields")
    return WriteRequest(
        body["user_id"],
        body["information"],
        tuple(lock for key, value in locks.items() for lock in _parse_locks(key, value)),
        _parse_events(body) if body.get("events") or migrated_from is None else (),
        migration_index,
        migrated_from,
    )


def _parse_migrated_from(body: dict[str, Any]) -> tuple[int, int] | None:
    """Migration index and position that a migration was computed from."""
    if "migrated_from" not in body:
        return None
    place = require_object(body["migrated_from"], "migrated_from")
    index, position = place.get("migration_index"), place.get("position")
    if not (isinstance(index, int) and isinstance(position, int) and body.get("migration_index") is not None):
        raise InvalidRequest("migrated_from needs migration_index and position, and goes with a migration_index")
    return index, position


def _parse_locks(key: str, value: object) -> list[Lock]:
    collection, id_, field_ = split_lock_key(key)
    if type(value) is int:
        return [Lock(key, collection, id_, field_, _lock_position(key, value))]
    if id_ is not None:
        raise InvalidRequest(f"the lock {key:.100} needs a position")
    parts = value if isinstance(value, list) else [value]
    if not parts:
        raise InvalidRequest(f"the lock {key:.100} is empty")
    locks = []
    for part in parts:
        details = require_object(part, "a lock")
        filter_ = details.get("filter")
        parsed = None if filter_ is None else parse_filter(filter_)
        locks.append(Lock(key, collection, None, field_, _lock_position(key, details.get("position")), parsed))
    return locks


def _lock_position(key: str, position: object) -> int:
    if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position <= MAX_ID:
        raise InvalidRequest(f"the position of the lock {key:.100} must be an integer of at least 0")
    return position


def _parse_events(body: dict[str, Any]) -> tuple[WriteEvent, ...]:
    events = body.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise InvalidRequest(f"events must be a list of 1 to {MAX_EVENTS}")
    return tuple(_parse_event(require_object(event, "an event")) for event in events)


def _parse_event(event: dict[str, Any]) -> WriteEvent:
    type_ = event.get("type")
    if "fqid" not in event:
        raise InvalidRequest("an event needs an fqid")
    collection, id_ = split_fqid(event["fqid"])
    if type_ == history.CREATE:
        if "fields" not in event:
            raise InvalidRequest("a create event needs fields")
        fields = _parse_fields(event["fields"])
        return WriteEvent(type_, collection, id_, {name: value for name, value in fields.items() if value is not None})
    if type_ == history.UPDATE:
        return _parse_update(event, collection, id_)
    if type_ in (history.DELETE, history.RESTORE):
        return WriteEvent(type_, collection, id_)
    raise InvalidRequest("unknown type of an event")


def _parse_update(event: dict[str, Any], collection: str, id_: int) -> WriteEvent:
    fields = _parse_fields(event.get("fields") or {})
    changes = require_object(event.get("list_fields") or {}, "list_fields")
    if changes.keys() - {"add", "remove"}:
        raise InvalidRequest("list_fields has add and remove only")
    add, remove = _parse_list_changes(changes.get("add")), _parse_list_changes(changes.get("remove"))
    if not fields and not add and not remove:
        raise InvalidFormat("an update needs at least one field")
    if fields.keys() & (add.keys() | remove.keys()):
        raise InvalidFormat("a field can't be in fields and in list_fields")
    return WriteEvent(history.UPDATE, collection, id_, fields, add, remove)


def _parse_fields(value: object) -> Fields:
    fields = require_object(value, "fields")
    for name, field_value in fields.items():
        check_writable_field(name)
        _check_levels(field_value)
    return fields


def _check_levels(value: object) -> None:
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        level = [part for outer in level for part in _contents(outer) if isinstance(part, dict | list)]
        if not level:
            return
    raise InvalidRequest(f"a value has more than {MAX_LEVELS} levels")


def _contents(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _parse_list_changes(value: object) -> dict[str, list[Any]]:
    changes = require_object(value if value is not None else {}, "add and remove of list_fields")
    for name, values in changes.items():
        check_writable_field(name)
        if not history.is_plain_list(values):
            raise InvalidFormat("list_fields takes lists of ints and strings")
    return changes
