"""The reader's commands on one snapshot of the data."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from openslides_backend.embedded.datastore import history
from openslides_backend.embedded.datastore.codec import decode, decode_items, decode_shared, encode
from openslides_backend.embedded.datastore.database import Session
from openslides_backend.embedded.datastore.errors import InvalidRequest, ModelDoesNotExist
from openslides_backend.embedded.datastore.indexing import OrderedLookup, is_number, ordered_lookup, plan
from openslides_backend.shared.filters import Filter
from openslides_backend.shared.typing import Fields, Models

LIVE, DELETED, ALL = 1, 2, 3
"""Values of `get_deleted_models`."""

MAX_COMPARISONS = 10_000_000
"""A filter that takes more of them to be answered is refused: some seconds."""


class Record(NamedTuple):
    """A row of `models`."""

    id: int
    position: int
    deleted: int
    data: str
    lists: str


@dataclass(frozen=True, slots=True)
class FieldValue:
    """The number that a field holds; `as_int` also reads texts and cuts off fractions."""

    field: str
    as_int: bool

    def of(self, record: Record) -> int | float | None:
        """The number, None if there is none."""
        value = record.position if self.field == "meta_position" else decode_shared(record.data).get(self.field)
        if self.as_int and isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                return None
        if not is_number(value):
            return None
        return int(value) if self.as_int else value


@dataclass(frozen=True, slots=True)
class ModelsRequest:
    """Part of a `get_many`: models of one collection; `fields` empty means all."""

    collection: str
    ids: Sequence[int]
    fields: tuple[str, ...]


_POSITION = "SELECT position FROM state WHERE id = 1"
_MIGRATION_INDEX = "SELECT migration_index FROM state WHERE id = 1"
_ONE_MODEL = "SELECT m.id, m.position, m.deleted, m.data, m.lists FROM models m WHERE m.collection = ? AND m.id = ?"
_MANY_MODELS_SQLITE = (
    "SELECT m.id, m.position, m.deleted, m.data, m.lists FROM models m"
    " WHERE m.collection = ? AND m.id IN (SELECT value FROM json_each(?))"
)
_MODEL_OF_EACH = "CROSS JOIN LATERAL (SELECT * FROM models WHERE collection = e.collection AND id = e.id OFFSET 0) m"
"""PostgreSQL looks up one model after the other by its key, since it doesn't look into subqueries with an offset. With
a plain join it may read the whole collection for each of them, if its statistics are older than the collection."""
_PAIRS = (
    "SELECT m.collection, m.id, m.position, m.deleted, m.data, m.lists"
    " FROM unnest(?::text[], ?::bigint[]) AS e(collection, id) {}"
)
_PAIRS_POSTGRES = _PAIRS.format(_MODEL_OF_EACH)
_COLLECTION = "SELECT m.id, m.position, m.deleted, m.data, m.lists FROM models m WHERE m.collection = ?"
_COLLECTION_STATE = (
    "SELECT m.id, m.position, m.deleted, m.data, m.lists FROM models m WHERE m.collection = ? AND m.deleted = ?"
)
_FOUND = (
    "SELECT m.id, m.position, m.deleted, m.data, m.lists FROM entries e {}"
    " WHERE e.collection = ? AND e.name = ? AND e.key = ? AND e.deleted IN (?, ?)"
)
_FOUND_SQLITE = _FOUND.format("JOIN models m ON m.collection = e.collection AND m.id = e.id")
_FOUND_POSTGRES = _FOUND.format(_MODEL_OF_EACH)
_FOUND_IDS = "SELECT id FROM entries WHERE collection = ? AND name = ? AND key = ? AND deleted IN (?, ?)"
_FOUND_COUNT = "SELECT COUNT(*) FROM entries WHERE collection = ? AND name = ? AND key = ? AND deleted IN (?, ?)"
_COUNT = "SELECT COUNT(*) FROM models WHERE collection = ? AND deleted IN (?, ?)"
_ORDERED = (
    "SELECT id FROM entries WHERE collection = ? AND name = ? AND key = ? AND deleted = ? ORDER BY number {} LIMIT 1"
)
_ORDER_DIRECTIONS = {"min": _ORDERED.format("ASC"), "max": _ORDERED.format("DESC")}
_EVERYTHING = "SELECT m.collection, m.id, m.position, m.deleted, m.data, m.lists FROM models m"
_ALL_ITEMS = "SELECT fqfield, value FROM list_items ORDER BY fqfield, seq"
_ITEMS = "SELECT value FROM list_items WHERE fqfield = ? ORDER BY seq"
_MANY_ITEMS_POSTGRES = "SELECT fqfield, value FROM list_items WHERE fqfield = ANY(?::text[]) ORDER BY fqfield, seq"


def is_visible(deleted: int | bool, wanted: int) -> bool:
    """Whether a model in this state is to be shown."""
    return bool(wanted & (DELETED if deleted else LIVE))


@dataclass(slots=True)
class _Builder:
    """Makes models from records; long lists are read for all of them at once at the end."""

    pending: list[tuple[str, Fields, str]] = field(default_factory=list)

    def build(self, collection: str, record: Record, fields: Collection[str]) -> Fields:
        """The model with these fields, all if there are none."""
        data = decode_shared(record.data)
        if fields:
            model = {name: data[name] for name in fields if name in data}
            if "meta_position" in fields:
                model["meta_position"] = record.position
            if "meta_deleted" in fields:
                model["meta_deleted"] = bool(record.deleted)
        else:
            model = {**data, "meta_position": record.position, "meta_deleted": bool(record.deleted)}
        if record.lists:
            for name in decode(record.lists):
                if not fields or name in fields:
                    self.pending.append((f"{collection}/{record.id}/{name}", model, name))
        return model

    def merge(self, known: Fields, model: Fields) -> None:
        """A model that was asked for twice in one question has all the fields of both."""
        known.update(model)
        self.pending = [(name, known if of is model else of, key) for name, of, key in self.pending]

    def finish(self, session: Session) -> None:
        """Fill in the long lists."""
        if self.pending:
            lists = read_lists(session, [fqfield for fqfield, _, _ in self.pending])
            for fqfield, model, name in self.pending:
                model[name] = list(lists.get(fqfield, ()))
            self.pending.clear()


def read_lists(session: Session, fqfields: Sequence[str]) -> dict[str, list[Any]]:
    """Values of lists that are kept item by item."""
    if len(fqfields) > 1 and session.postgres:
        return _group(session.rows(_MANY_ITEMS_POSTGRES, (list(fqfields),)))
    return {name: decode_items([row[0] for row in session.rows(_ITEMS, (name,))]) for name in fqfields}


def _group(rows: Iterable[Sequence[str]]) -> dict[str, list[Any]]:
    items: dict[str, list[str]] = {}
    for fqfield, value in rows:
        items.setdefault(fqfield, []).append(value)
    return {fqfield: decode_items(values) for fqfield, values in items.items()}


def read_position(session: Session) -> int:
    """The newest position, 0 in an empty datastore."""
    position: int = session.row(_POSITION)[0]
    return position


def read_migration_index(session: Session) -> int | None:
    """The migration index of the data, None if none was ever told."""
    index: int = session.row(_MIGRATION_INDEX)[0]
    return index or None


def read_records(session: Session, wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], Record]:
    """Stored models by collection and id, whatever their state."""
    if session.postgres:
        pairs = [(name, id_) for name, ids in wanted.items() for id_ in ids]
        if len(pairs) == 1:
            row = session.row(_ONE_MODEL, pairs[0])
            return {} if row is None else {pairs[0]: Record._make(row)}
        if not pairs:
            return {}
        rows = session.rows(_PAIRS_POSTGRES, ([name for name, _ in pairs], [id_ for _, id_ in pairs]))
        return {(name, row[0]): Record._make(row) for name, *row in rows}
    records: dict[tuple[str, int], Record] = {}
    for name, ids in wanted.items():
        if len(ids) == 1:
            rows = session.rows(_ONE_MODEL, (name, *ids))
        else:
            rows = session.rows(_MANY_MODELS_SQLITE, (name, encode(list(ids))))
        records.update(((name, row[0]), Record._make(row)) for row in rows)
    return records


def get(session: Session, fqid: tuple[str, int], fields: Collection[str], position: int | None, deleted: int) -> Fields:
    """One model, as it is or as it was; raises ModelDoesNotExist."""
    collection, id_ = fqid
    found = get_many(session, [ModelsRequest(collection, [id_], tuple(fields))], position, deleted)
    if id_ not in found[collection]:
        raise ModelDoesNotExist(f"{collection}/{id_}")
    return found[collection][id_]


def get_many(
    session: Session, requests: Sequence[ModelsRequest], position: int | None, deleted: int
) -> dict[str, Models]:
    """Models by collection and id; those that don't exist are left out."""
    if position is not None:
        return history.get_many(session, requests, position, deleted)
    return get_many_together(session, [(requests, deleted)])[0]


def get_many_together(
    session: Session, questions: Sequence[tuple[Sequence[ModelsRequest], int]]
) -> list[dict[str, Models]]:
    """The answers of several `get_many` at once; a question is its requests and what to show of deleted models."""
    wanted: dict[str, set[int]] = {}
    for requests, _ in questions:
        for request in requests:
            wanted.setdefault(request.collection, set()).update(request.ids)
    records = read_records(session, {name: ids for name, ids in wanted.items() if ids})
    builder = _Builder()
    answers = [_assemble(builder, records, requests, deleted) for requests, deleted in questions]
    builder.finish(session)
    return answers


def _assemble(
    builder: _Builder, records: Mapping[tuple[str, int], Record], requests: Sequence[ModelsRequest], deleted: int
) -> dict[str, Models]:
    answer: dict[str, Models] = {}
    for request in requests:
        models = answer.setdefault(request.collection, {})
        for id_ in request.ids:
            record = records.get((request.collection, id_))
            if record is None or not is_visible(record.deleted, deleted):
                continue
            model = builder.build(request.collection, record, request.fields)
            known = models.setdefault(id_, model)
            if known is not model:
                builder.merge(known, model)
    return answer


def get_all(session: Session, collection: str, fields: Collection[str], deleted: int) -> Models:
    """All models of a collection."""
    if deleted == ALL:
        rows = session.rows(_COLLECTION, (collection,))
    else:
        rows = session.rows(_COLLECTION_STATE, (collection, int(deleted == DELETED)))
    builder = _Builder()
    records = [Record._make(row) for row in rows]
    models = {record.id: builder.build(collection, record, fields) for record in records}
    builder.finish(session)
    return models


def get_everything(session: Session, deleted: int) -> dict[str, Models]:
    """All models with all fields, `id` among them."""
    lists = _group(session.rows(_ALL_ITEMS))
    answer: dict[str, Models] = {}
    builder = _Builder()
    for collection, *row in session.rows(_EVERYTHING):
        record = Record._make(row)
        if is_visible(record.deleted, deleted):
            model = builder.build(collection, record, ())
            model["id"] = record.id
            answer.setdefault(collection, {})[record.id] = model
    for fqfield, model, name in builder.pending:
        model[name] = lists.get(fqfield, [])
    return answer


def _states(deleted: bool | None) -> tuple[int, int]:
    return (0, 1) if deleted is None else (int(deleted), int(deleted))


def _candidates(session: Session, collection: str, filter_: Filter) -> tuple[Iterator[Record], bool]:
    """Records among which all that pass the filter are, and whether they all pass it."""
    found = plan(filter_)
    states = _states(found.deleted)
    if found.keys is None:
        records = (Record._make(row) for row in session.rows(_COLLECTION, (collection,)))
        return (record for record in records if record.deleted in states), found.exact
    if len(found.keys) == 1:
        [(name, key)] = found.keys
        statement = _FOUND_POSTGRES if session.postgres else _FOUND_SQLITE
        return (Record._make(row) for row in session.rows(statement, (collection, name, key, *states))), found.exact
    ids = {row[0] for name, key in found.keys for row in session.rows(_FOUND_IDS, (collection, name, key, *states))}
    return iter(_records_of(session, collection, ids)), found.exact


def _records_of(session: Session, collection: str, ids: Collection[int]) -> list[Record]:
    records = read_records(session, {collection: ids}) if ids else {}
    return [records[key] for key in sorted(records)]


def passing(session: Session, collection: str, filter_: Filter) -> Iterator[Record]:
    """Records of the models that pass the filter.

    Raises InvalidRequest if that takes too many comparisons.
    """
    candidates, exact = _candidates(session, collection, filter_)
    if exact:
        yield from candidates
        return
    fields = frozenset(filter_.fields())
    most = MAX_COMPARISONS // max(1, filter_.cost())
    for judged, record in enumerate(candidates):
        if judged >= most:
            raise InvalidRequest(f"the filter takes more than {MAX_COMPARISONS} comparisons")
        if filter_.matches(_judged(session, collection, record, fields)):
            yield record


def _judged(session: Session, collection: str, record: Record, fields: frozenset[str]) -> Mapping[str, Any]:
    builder = _Builder()
    model = builder.build(collection, record, fields)
    builder.finish(session)
    return model


def filter_models(session: Session, collection: str, filter_: Filter, fields: Collection[str]) -> Models:
    """The models that pass the filter."""
    builder = _Builder()
    records = list(passing(session, collection, filter_))
    models = {record.id: builder.build(collection, record, fields) for record in records}
    builder.finish(session)
    return models


def extreme(
    session: Session, kind: Literal["min", "max"], collection: str, filter_: Filter, value: FieldValue
) -> int | float | None:
    """The smallest or largest value of a field of the models that pass the filter, None if there is none."""
    lookup = ordered_lookup(filter_, value.field)
    if lookup is not None:
        candidates: Iterable[Record] = _extremes(session, kind, collection, lookup)
    else:
        candidates = passing(session, collection, filter_)
    values = [number for record in candidates if (number := value.of(record)) is not None]
    return (min if kind == "min" else max)(values, default=None)


def count(session: Session, collection: str, filter_: Filter) -> int:
    """How many models pass the filter."""
    found = plan(filter_)
    states = _states(found.deleted)
    number: int
    if found.exact and found.keys is None:
        number = session.row(_COUNT, (collection, *states))[0]
    elif found.exact and found.keys is not None and len(found.keys) == 1:
        [(name, key)] = found.keys
        number = session.row(_FOUND_COUNT, (collection, name, key, *states))[0]
    else:
        number = sum(1 for _ in passing(session, collection, filter_))
    return number


def _extremes(session: Session, kind: Literal["min", "max"], collection: str, lookup: OrderedLookup) -> list[Record]:
    statement = _ORDER_DIRECTIONS[kind]
    name, key, deleted = lookup
    ids = [
        row[0]
        for state in sorted(set(_states(deleted)))
        for row in session.rows(statement, (collection, name, key, state))
    ]
    return _records_of(session, collection, set(ids))
