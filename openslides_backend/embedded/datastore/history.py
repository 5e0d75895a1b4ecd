"""What was: events by position, models as of a position, and the information of the positions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from openslides_backend.embedded.datastore.codec import decode
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.errors import InvalidFormat
from openslides_backend.shared.typing import Fields, Models

CREATE, UPDATE, DELETE, RESTORE = "create", "update", "delete", "restore"

_EVENTS_OF_MODEL = (
    "SELECT position, type, body FROM events WHERE collection = ? AND id = ? AND position <= ? ORDER BY position, seq"
)
_INFORMATION = (
    "SELECT DISTINCT p.position, p.timestamp, p.user_id, p.information FROM events e"
    " JOIN positions p ON p.position = e.position"
    " WHERE e.collection = ? AND e.id = ? AND p.information IS NOT NULL ORDER BY p.position"
)


class Event(NamedTuple):
    """Something that was done to a model; `body` has the keys `fields`, `add` and `remove` where they aren't empty."""

    position: int
    type: str
    body: dict[str, Any]


class AskedModels(Protocol):
    """Models of one collection; `fields` empty means all."""

    @property
    def collection(self) -> str: ...
    @property
    def ids(self) -> Sequence[int]: ...
    @property
    def fields(self) -> tuple[str, ...]: ...


def is_plain_list(value: object) -> bool:
    """Whether the value is a list that `list_fields` can change: of ints and strings."""
    return isinstance(value, list) and all(type(item) is int or type(item) is str for item in value)


def change_list(stored: Any, add: Iterable[Any], remove: Iterable[Any]) -> list[Any] | None:
    """The list after `list_fields`: values are added that it doesn't hold, then values are dropped.

    None stays None if nothing is added. Raises InvalidFormat if it is no list of ints and strings.
    """
    if stored is not None and not is_plain_list(stored):
        raise InvalidFormat("only lists of ints and strings can be changed by list_fields")
    result = list(stored or ())
    known = set(result)
    for value in add:
        if value not in known:
            known.add(value)
            result.append(value)
    dropped = set(remove)
    if dropped:
        result = [value for value in result if value not in dropped]
    return result if stored is not None or result or known else None


def apply_event(fields: Fields, event: Event) -> None:
    """Change the fields of a model as the event did."""
    for name, value in event.body.get("fields", {}).items():
        if value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    add, remove = event.body.get("add", {}), event.body.get("remove", {})
    for name in {**add, **remove}:
        value = change_list(fields.get(name), add.get(name, ()), remove.get(name, ()))
        if value is not None:
            fields[name] = value


def model_at(session: Session, collection: str, id_: int, position: int) -> Fields | None:
    """The model with its meta fields as of the position; None if it did not exist yet."""
    events = [
        Event(row[0], row[1], decode(row[2])) for row in session.rows(_EVENTS_OF_MODEL, (collection, id_, position))
    ]
    if not events:
        return None
    fields: Fields = {}
    deleted = False
    for event in events:
        apply_event(fields, event)
        deleted = event.type == DELETE if event.type in (DELETE, RESTORE) else deleted
    return {**fields, "meta_position": events[-1].position, "meta_deleted": deleted}


def get_many(session: Session, requests: Sequence[AskedModels], position: int, deleted: int) -> dict[str, Models]:
    """`get_many` as of the position."""
    answer: dict[str, Models] = {}
    for request in requests:
        models = answer.setdefault(request.collection, {})
        for id_ in request.ids:
            model = model_at(session, request.collection, id_, position)
            if model is None or not deleted & (2 if model["meta_deleted"] else 1):
                continue
            if request.fields:
                model = {name: model[name] for name in request.fields if name in model}
            models.setdefault(id_, {}).update(model)
    return answer


def information(session: Session, collection: str, id_: int) -> list[dict[str, Any]]:
    """Positions that changed the model, with the information given for them, where it is set."""
    return [
        {"position": position, "timestamp": timestamp, "user_id": user_id, "information": decode(text)}
        for position, timestamp, user_id, text in session.rows(_INFORMATION, (collection, id_))
    ]
