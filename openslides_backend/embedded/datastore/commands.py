"""The reader's commands: from a JSON body to what is asked of the data, and back to JSON values.

Each command is checked first and gives back the work to be done on a session, so that a batch can do all its work on
the same snapshot.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from openslides_backend.embedded.datastore import history, reading
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.errors import InvalidRequest
from openslides_backend.embedded.datastore.filtering import parse_filter
from openslides_backend.embedded.datastore.names import (
    check_collection,
    check_field,
    check_id,
    split_fqfield,
    split_fqid,
)
from openslides_backend.embedded.datastore.parsing import require_object
from openslides_backend.embedded.datastore.reading import ALL, DELETED, LIVE, FieldValue, ModelsRequest
from openslides_backend.shared.filters import Filter

MAX_PARTS = 200_000
"""Parts of a `get_many`, queries of a batch, fqids of `history_information`."""
MAX_IDS = 1_000_000
"""Ids that a `get_many`, or all of a batch together, may ask for."""

Work = Callable[[Session], Any]
Body = dict[str, Any]


def _fields(body: Body) -> tuple[str, ...]:
    fields = body.get("mapped_fields") or ()
    if not isinstance(fields, list | tuple):
        raise InvalidRequest("mapped_fields must be a list")
    return tuple(dict.fromkeys(check_field(name) for name in fields))


def _deleted(body: Body) -> int:
    value = body.get("get_deleted_models", LIVE)
    if isinstance(value, bool) or value not in (LIVE, DELETED, ALL):
        raise InvalidRequest("get_deleted_models must be 1, 2 or 3")
    return cast(int, value)


def _position(body: Body) -> int | None:
    value = body.get("position")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidRequest("position must be an integer of at least 1")
    return min(value, 2**62)


def _require(body: Body, *keys: str) -> list[Any]:
    for key in keys:
        if key not in body:
            raise InvalidRequest(f"{key} is needed")
    return [body[key] for key in keys]


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRequest(f"{what} must be a list")
    if len(value) > MAX_PARTS:
        raise InvalidRequest(f"{what} has more than {MAX_PARTS} entries")
    return value


def _check_number_of_ids(works: Iterable[Work]) -> None:
    """Raises InvalidRequest."""
    asked = [request for work in works if isinstance(work, _GetMany) for request in work.requests]
    if sum(len(request.ids) for request in asked) > MAX_IDS:
        raise InvalidRequest(f"more than {MAX_IDS} ids are asked for")


def _newest(session: Session) -> int | None:
    return reading.read_position(session) or None


def get(body: Body) -> Work:
    """One model."""
    (fqid,) = _require(body, "fqid")
    pair, fields, position, deleted = split_fqid(fqid), _fields(body), _position(body), _deleted(body)
    return lambda session: reading.get(session, pair, fields, position, deleted)


@dataclass(frozen=True, slots=True)
class _GetMany:
    """The work of a `get_many`, known as such so that a batch can join it with others."""

    requests: list[ModelsRequest]
    position: int | None
    deleted: int

    def __call__(self, session: Session) -> Any:
        return reading.get_many(session, self.requests, self.position, self.deleted)


def get_many(body: Body) -> Work:
    """Many models of many collections."""
    (parts,) = _require(body, "requests")
    common = _fields(body)
    requests = [_models_request(part, common) for part in _list(parts, "requests")]
    work = _GetMany(requests, _position(body), _deleted(body))
    _check_number_of_ids([work])
    return work


def _models_request(part: object, common: tuple[str, ...]) -> ModelsRequest:
    if isinstance(part, str):
        collection, id_, field = split_fqfield(part)
        return ModelsRequest(collection, [id_], tuple(dict.fromkeys((field, *common))))
    request = require_object(part, "a part of requests")
    collection, ids = _require(request, "collection", "ids")
    checked = [check_id(id_) for id_ in _list(ids, "ids")]
    return ModelsRequest(check_collection(collection), checked, tuple(dict.fromkeys((*_fields(request), *common))))


def get_all(body: Body) -> Work:
    """All models of a collection."""
    collection = check_collection(_require(body, "collection")[0])
    fields, deleted = _fields(body), _deleted(body)
    return lambda session: reading.get_all(session, collection, fields, deleted)


def get_everything(body: Body) -> Work:
    """All models."""
    deleted = _deleted(body)
    return lambda session: reading.get_everything(session, deleted)


def _filtered(body: Body) -> tuple[str, Filter]:
    collection, filter_ = _require(body, "collection", "filter")
    return check_collection(collection), parse_filter(filter_)


def filter_(body: Body) -> Work:
    """Models that pass a filter."""
    collection, condition = _filtered(body)
    fields = _fields(body)
    return lambda session: {
        "position": _newest(session),
        "data": reading.filter_models(session, collection, condition, fields),
    }


def exists(body: Body) -> Work:
    """Whether models pass a filter."""
    collection, condition = _filtered(body)
    return lambda session: {"position": _newest(session), "exists": reading.count(session, collection, condition) > 0}


def count(body: Body) -> Work:
    """How many models pass a filter."""
    collection, condition = _filtered(body)
    return lambda session: {"position": _newest(session), "count": reading.count(session, collection, condition)}


def _extreme(kind: Literal["min", "max"]) -> Callable[[Body], Work]:
    def command(body: Body) -> Work:
        collection, condition = _filtered(body)
        type_ = body.get("type")
        if type_ not in (None, "int"):
            raise InvalidRequest("type can only be int")
        value = FieldValue(check_field(_require(body, "field")[0]), as_int=type_ is not None)
        return lambda session: {
            "position": _newest(session),
            kind: reading.extreme(session, kind, collection, condition, value),
        }

    return command


def history_information(body: Body) -> Work:
    """What was told about the changes of models."""
    pairs = [split_fqid(fqid) for fqid in _list(_require(body, "fqids")[0], "fqids")]
    return lambda session: {f"{name}/{id_}": history.information(session, name, id_) for name, id_ in pairs}


def migration_index(_body: Body) -> Work:
    """The migration index of the data as of now (an extension of the contract, docs/datastore.md)."""
    return lambda session: {"migration_index": reading.read_migration_index(session)}


def batch(body: Body) -> Work:
    """Several commands on one snapshot (an extension of the contract, docs/datastore.md)."""
    works = [_batched(require_object(query, "a query")) for query in _list(_require(body, "queries")[0], "queries")]
    _check_number_of_ids(works)

    def work(session: Session) -> dict[str, Any]:
        position = _newest(session)
        joined = {
            index: part for index, part in enumerate(works) if isinstance(part, _GetMany) and part.position is None
        }
        questions = [(part.requests, part.deleted) for part in joined.values()]
        answers: dict[int, Any] = dict(zip(joined, reading.get_many_together(session, questions), strict=True))
        for index, part in enumerate(works):
            if index not in joined:
                answers[index] = part(session)
        return {"answers": [answers[index] for index in range(len(works))], "position": position}

    return work


def _batched(query: Body) -> Work:
    command = COMMANDS.get(query["command"]) if isinstance(query.get("command"), str) else None
    if command is None or command is batch:
        raise InvalidRequest("unknown command of a query")
    return command(query)


COMMANDS: dict[str, Callable[[Body], Work]] = {
    "get": get,
    "get_many": get_many,
    "get_all": get_all,
    "get_everything": get_everything,
    "filter": filter_,
    "exists": exists,
    "count": count,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "history_information": history_information,
    "migration_index": migration_index,
    "batch": batch,
}
