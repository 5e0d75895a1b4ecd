"""The unit of work: the only way of a batch to data (architecture.md, "The unit of work")."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from openslides_backend.engine.changes import ModelChange
from openslides_backend.engine.fresh import empty_value, passes_new_ones_only
from openslides_backend.engine.locks import NOWHERE, Locks
from openslides_backend.models.base import Model
from openslides_backend.services.datastore import (
    Aggregate,
    Aggregated,
    Datastore,
    DeletedModels,
    Event,
    FilterModels,
    Found,
    GetAll,
    GetMany,
    Query,
    WriteRequest,
)
from openslides_backend.shared.exceptions import ModelDoesNotExist, ModelLocked
from openslides_backend.shared.filters import FieldFilter, Filter
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, Models

POSITION = "meta_position"
_ID = ("id",)


def filter_query(collection: str, filter_: Filter, *fields: str) -> FilterModels:
    """The query that `UnitOfWork.filter` asks, to be prefetched together with others."""
    needed = tuple(dict.fromkeys([*fields, *filter_.fields(), POSITION])) if fields else ()
    return FilterModels(collection, filter_, needed)


def models_query(collection: str, ids: Iterable[int | None], *fields: str) -> GetMany:
    """The query for fields of models, to be prefetched together with others. Ids may repeat, and be None."""
    return GetMany(collection, tuple(sorted({id_ for id_ in ids if id_ is not None})), fields)


def extreme_query(
    kind: Literal["min", "max"],
    collection: str,
    name: str,
    filter_: Filter,
    deleted: DeletedModels = DeletedModels.LIVE,
) -> Aggregate:
    """The query that `UnitOfWork.extreme` asks, to be prefetched together with others."""
    return Aggregate(kind, collection, filter_, name, deleted)


@dataclass(slots=True)
class _Stored:
    """What is known of a model as it is stored: `known` names the fields that were asked, set or not."""

    fields: Fields = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    complete: bool = False
    missing: bool = False
    position: int = 0

    def lacks(self, names: Sequence[str]) -> bool:
        """Whether something of these fields isn't known; no names are all fields."""
        return not (self.missing or self.complete or (names and self.known.issuperset(names)))


class UnitOfWork:
    """Reads and pending changes of one batch.

    Answers reads from what has been read before, overlaid with what the batch has changed; remembers as locks what
    decided something; collects the changes and makes the one write request of them. Thrown away after a lock conflict.
    With `models`, questions about the relatives of models that it has created itself aren't passed on.
    """

    def __init__(self, datastore: Datastore, models: Mapping[str, type[Model]] | None = None) -> None:
        self._datastore = datastore
        self._models = models or {}
        self._stored: defaultdict[str, dict[int, _Stored]] = defaultdict(dict)
        self._changes: defaultdict[str, dict[int, ModelChange]] = defaultdict(dict)
        self._found: dict[FilterModels, Found] = {}
        self._aggregated: dict[Aggregate, Aggregated] = {}
        self._reserved: dict[str, list[int]] = {}
        self._deleting: set[tuple[str, int]] = set()
        self._locks = Locks()

    # Reading

    def prefetch(self, queries: Iterable[Query]) -> None:
        """Read what is not known yet of all these queries in one round trip, without locking it."""
        self.begin_prefetch(queries).result()

    def unknown(self, queries: Iterable[Query]) -> list[Query]:
        """What must be read for these queries to be answered."""
        return list(self._unknown(queries))

    def begin_prefetch(self, queries: Iterable[Query]) -> Pending[None]:
        """Like `prefetch`, but other things can be done until the answers are there; nothing else may be read then."""
        wanted = self.unknown(queries)
        if not wanted:
            return Pending.known(None)
        return self._datastore.begin_read(wanted).then(partial(self._remember_all, wanted))

    def load(self, collection: str, ids: Iterable[int], *fields: str) -> None:
        """Read fields of models of one collection, in one round trip, unless they are known."""
        self.prefetch([GetMany(collection, tuple(dict.fromkeys(ids)), fields)])

    def get(self, collection: str, id_: int, *fields: str) -> Record:
        """The current values of the fields of a live model. Relied on: locked.

        Without field names all fields of the model.

        Raises ModelDoesNotExist.
        """
        model = self.find(collection, id_, *fields)
        if model is None:
            raise ModelDoesNotExist(make_fqid(collection, id_))
        return model

    def find(self, collection: str, id_: int, *fields: str) -> Record | None:
        """Like `get`; None if the model doesn't exist or is deleted."""
        self._ensure(collection, id_, fields)
        if not self.is_live(collection, id_):
            return None
        model = self._current(collection, id_, fields)
        self._lock_fields(collection, id_, fields or model)
        return model

    def find_fields(self, collection: str, id_: int, *fields: str) -> Record:
        """Like `get`; nothing is set if the model doesn't exist or is deleted."""
        return self.find(collection, id_, *fields) or Record({}, fields)

    def peek(self, collection: str, id_: int, *fields: str) -> Record | None:
        """What is known of a live model already, if that is all of these fields; neither read nor locked.

        For naming further reads: who decides something by it must `get` it.
        """
        if self._is_unknown(collection, id_, fields) or not self.is_live(collection, id_):
            return None
        return self._current(collection, id_, fields)

    def peek_all(self, collection: str, ids: Iterable[int], *fields: str) -> list[Record]:
        """Those of the models of which that much is known already."""
        return [model for id_ in ids if (model := self.peek(collection, id_, *fields)) is not None]

    def peek_aggregate(self, query: Aggregate) -> Any:
        """What an aggregate was answered, without the batch's own changes; None if it wasn't asked. Not locked."""
        answer = self._aggregated.get(query)
        return None if answer is None else answer.value

    def get_many(self, collection: str, ids: Iterable[int], *fields: str) -> Models:
        """The live models among the ids, in their order; read in one round trip. Relied on: locked."""
        unique = list(dict.fromkeys(ids))
        self.load(collection, unique, *fields)
        return {id_: model for id_ in unique if (model := self.find(collection, id_, *fields)) is not None}

    def get_found(self, collection: str, ids: Sequence[int], *fields: str) -> Models:
        """More fields of models that a filter has found.

        Raises ModelLocked if one of them has gone between both reads: the batch must be computed again.
        """
        models = self.get_many(collection, ids, *fields)
        if gone := [id_ for id_ in dict.fromkeys(ids) if id_ not in models]:
            raise ModelLocked([make_fqid(collection, id_) for id_ in gone])
        return models

    def exists(self, collection: str, id_: int) -> bool:
        """Whether the model is stored and live, or created in this batch."""
        self._ensure(collection, id_, _ID)
        if not self.is_live(collection, id_):
            return False
        self._lock_fields(collection, id_, _ID)
        return True

    def filter(self, collection: str, filter_: Filter, *fields: str, constant: bool = False) -> Models:
        """The live models that pass the filter now, the batch's own changes included, by id in ascending order.

        Relied on: locked, so that a model which comes to pass the filter meanwhile leads to a retry. `constant` says
        that no model ever ceases to pass or comes to pass by a change, because the filter looks at fields that are set
        on creation only: then one lock a field does for all models, however many they are.
        """
        query = filter_query(collection, filter_, *fields)
        found = self._answer_found(query)
        names = tuple(name for name in query.fields if name != POSITION)
        for name in {*filter_.fields(), *(names if constant else ())}:
            self._locks.collection_field(collection, name, filter_, found.position)
        models = self._overlay_found(collection, filter_, names, found.models)
        if not constant:
            for id_, model in models.items():
                self._lock_fields(collection, id_, names or model)
        return models

    def any(self, collection: str, filter_: Filter) -> bool:
        """Whether a live model passes the filter."""
        return bool(self.filter(collection, filter_, "id"))

    def count(self, collection: str, filter_: Filter) -> int:
        """How many live models pass the filter; their ids aren't read unless the batch has changed the collection."""
        if self._changes.get(collection):
            return len(self.filter(collection, filter_, "id"))
        query = Aggregate("count", collection, filter_)
        answer = self._answer_aggregate(query)
        for name in set(filter_.fields()):
            self._locks.collection_field(collection, name, filter_, answer.position)
        return int(answer.value)

    def extreme(
        self,
        kind: Literal["min", "max"],
        collection: str,
        name: str,
        filter_: Filter,
        deleted: DeletedModels = DeletedModels.LIVE,
    ) -> int | None:
        """The lowest or highest value of a field among the models that pass the filter; None if there is none."""
        answer = self._answer_aggregate(extreme_query(kind, collection, name, filter_, deleted))
        for locked in {name, *filter_.fields()}:
            self._locks.collection_field(collection, locked, filter_, answer.position)
        choose = min if kind == "min" else max
        changes = self._changes.get(collection, {})
        names = {name, *filter_.fields()}
        unsure = any(not c.created and (c.deleted or c.touched() & names) for c in changes.values())
        if unsure and deleted is DeletedModels.LIVE:
            values = [m[name] for m in self.filter(collection, filter_, name).values() if name in m]
            return choose(values, default=None)
        values = [] if answer.value is None else [answer.value]
        for change in changes.values():
            value = change.fields.get(name)
            if value is not None and change.created and not change.deleted and filter_.matches(change.fields):
                values.append(value)
        return choose(values, default=None)

    def read(self, queries: Sequence[Query]) -> list[Any]:
        """Answers of queries, the batch's own changes included: the unit of work is a `DatastoreReader`, too."""
        self.prefetch(query for query in queries if not isinstance(query, GetAll))
        return [self._read_one(query) for query in queries]

    # State of models

    def is_created(self, collection: str, id_: int) -> bool:
        """Whether the model was created in this batch."""
        changes = self._changes.get(collection)
        return changes is not None and (change := changes.get(id_)) is not None and change.created

    def is_deleting(self, collection: str, id_: int) -> bool:
        """Whether the model is being deleted in this batch."""
        return (collection, id_) in self._deleting

    def is_live(self, collection: str, id_: int) -> bool:
        """Whether the model exists and isn't deleted or being deleted; it must have been read or created before."""
        if (collection, id_) in self._deleting:
            return False
        if self.is_created(collection, id_):
            return True
        stored = self._stored[collection].get(id_)
        return stored is not None and not stored.missing

    def stored(self, collection: str, id_: int, name: str) -> Any:
        """The value that the field had before this batch; None for a new model."""
        if self.is_created(collection, id_):
            return None
        self._ensure(collection, id_, (name,))
        return self._stored[collection][id_].fields.get(name)

    def last_value(self, collection: str, id_: int, name: str) -> Any:
        """The last value of a field of a model, also if it is being deleted."""
        self._ensure(collection, id_, (name,))
        return self._current(collection, id_, (name,)).get(name)

    def changed(self, collection: str) -> Iterator[tuple[int, ModelChange]]:
        """The pending changes in a collection."""
        yield from list(self._changes.get(collection, {}).items())

    def changes(self) -> Iterator[tuple[str, int, ModelChange]]:
        """All pending changes, in the order of their beginnings."""
        for collection, models in self._changes.items():
            for id_, change in models.items():
                yield collection, id_, change

    # Changing

    def reserve(self, amounts: Mapping[str, int]) -> None:
        """Reserve ids for several collections in one round trip; `next_ids` hands them out."""
        self.begin_reserve(amounts).result()

    def begin_reserve(self, amounts: Mapping[str, int]) -> Pending[None]:
        """Like `reserve`, but other things can be done until the ids are there."""
        wanted = {c: n - len(self._reserved.get(c, ())) for c, n in amounts.items()}
        wanted = {collection: amount for collection, amount in wanted.items() if amount > 0}
        if not wanted:
            return Pending.known(None)
        return self._datastore.begin_reserve_ids(wanted).then(self._keep_reserved)

    def next_ids(self, collection: str, amount: int) -> list[int]:
        """Fresh ids of a collection, in ascending order."""
        self.reserve({collection: amount})
        reserved = self._reserved.get(collection, [])
        self._reserved[collection] = reserved[amount:]
        return reserved[:amount]

    def create(self, collection: str, id_: int, fields: Fields) -> None:
        """A new model. Its relations' reverse sides are not touched: see `relations`."""
        change = ModelChange(make_fqid(collection, id_), created=True)
        change.assign({"id": id_, **fields})
        self._changes[collection][id_] = change

    def update(self, collection: str, id_: int, fields: Fields) -> None:
        """New values of fields; None unsets. Reverse sides are not touched."""
        if fields:
            self._change(collection, id_).assign(fields)

    def add_to(self, collection: str, id_: int, name: str, value: Any) -> None:
        """Append a value to a list field unless it is there; the list isn't read."""
        self._change(collection, id_).add_to(name, value)

    def remove_from(self, collection: str, id_: int, name: str, value: Any) -> None:
        """Drop a value from a list field if it is there; the list isn't read."""
        self._change(collection, id_).remove_from(name, value)

    def begin_delete(self, collection: str, id_: int) -> bool:
        """Mark a model as being deleted, so that nobody changes it any more; False if it is already."""
        if (collection, id_) in self._deleting:
            return False
        self._deleting.add((collection, id_))
        self._change(collection, id_).deleted = True
        return True

    def write_request(self, user_id: int) -> WriteRequest | None:
        """Everything that the batch changes, with its locks; None if it changes nothing."""
        created: list[Event] = []
        others: list[Event] = []
        for _, _, change in self.changes():
            (created if change.created else others).extend(change.events())
        if not created and not others:
            return None
        return WriteRequest([*created, *others], user_id, self._locks.as_json())

    # Private parts

    def _change(self, collection: str, id_: int) -> ModelChange:
        models = self._changes[collection]
        if id_ not in models:
            models[id_] = ModelChange(make_fqid(collection, id_))
        return models[id_]

    def _unknown(self, queries: Iterable[Query]) -> Iterator[Query]:
        for query in queries:
            if isinstance(query, GetMany):
                ids = tuple(id_ for id_ in query.ids if self._is_unknown(query.collection, id_, query.fields))
                if ids:
                    fields = tuple(dict.fromkeys([*query.fields, POSITION])) if query.fields else ()
                    yield GetMany(query.collection, ids, fields)
            elif query not in self._found and query not in self._aggregated and not self._is_answered(query):
                yield query

    def _is_answered(self, query: Query) -> bool:
        """Whether no stored model can be an answer; remembers that there is none, at no position."""
        if isinstance(query, GetMany | GetAll) or query.collection not in self._models:
            return False
        if not passes_new_ones_only(query.filter, self._models[query.collection], self.is_created):
            return False
        if isinstance(query, FilterModels):
            self._found[query] = Found({}, NOWHERE)
        else:
            self._aggregated[query] = Aggregated(empty_value(query.kind), NOWHERE)
        return True

    def _is_unknown(self, collection: str, id_: int, names: Sequence[str]) -> bool:
        """Whether the datastore must be asked for these fields of a model; for all if none is named."""
        if self.is_created(collection, id_):
            return False
        stored = self._stored[collection].get(id_)
        return stored is None or stored.lacks(names)

    def _ensure(self, collection: str, id_: int, names: Sequence[str]) -> None:
        if self._is_unknown(collection, id_, names):
            self.prefetch([GetMany(collection, (id_,), tuple(names))])

    def _keep_reserved(self, ids_by_collection: Mapping[str, list[int]]) -> None:
        for collection, ids in ids_by_collection.items():
            self._reserved.setdefault(collection, []).extend(ids)

    def _remember_all(self, queries: Sequence[Query], answers: Sequence[Any]) -> None:
        for query, answer in zip(queries, answers, strict=True):
            self._remember(query, answer)

    def _remember(self, query: Query, answer: Any) -> None:
        if isinstance(query, GetMany):
            for id_ in query.ids:
                self._remember_model(query.collection, id_, answer.get(id_), query.fields)
        elif isinstance(query, FilterModels):
            for id_, model in answer.models.items():
                self._remember_model(query.collection, id_, model, query.fields)
            self._found[query] = answer
        elif isinstance(query, Aggregate):
            self._aggregated[query] = answer

    def _remember_model(self, collection: str, id_: int, model: Fields | None, asked: Sequence[str]) -> None:
        stored = self._stored[collection].setdefault(id_, _Stored())
        if model is None:
            stored.missing = True
            return
        stored.position = stored.position or model.get(POSITION, 0)
        stored.fields.update({name: value for name, value in model.items() if not name.startswith("meta_")})
        # The id is known without asking: nothing is read once more because of it.
        stored.fields["id"] = id_
        stored.known.update(asked, _ID)
        stored.complete = stored.complete or not asked

    def _current(self, collection: str, id_: int, names: Sequence[str]) -> Record:
        change = self._changes.get(collection, {}).get(id_)
        known = self._stored[collection].get(id_)
        stored = known.fields if known else {}
        if change is None:
            return Record({name: stored[name] for name in names if name in stored} if names else stored, names)
        wanted = names or [*stored, *(name for name in change.touched() if name not in stored)]
        values = {name: change.value(name, stored.get(name)) for name in wanted}
        return Record({name: value for name, value in values.items() if value is not None}, names)

    def _lock_fields(self, collection: str, id_: int, names: Iterable[str]) -> None:
        known = self._stored[collection].get(id_)
        if known is not None and known.position:
            self._locks.model_fields(collection, id_, names, known.position)

    def _answer_found(self, query: FilterModels) -> Found:
        self.prefetch([query])
        return self._found[query]

    def _answer_aggregate(self, query: Aggregate) -> Aggregated:
        self.prefetch([query])
        return self._aggregated[query]

    def _overlay_found(self, collection: str, filter_: Filter, names: Sequence[str], found: Models) -> Models:
        changes = self._changes.get(collection, {})
        if not changes:
            ids = list(found)
        else:
            judged = tuple(dict.fromkeys(filter_.fields()))
            undecided = {
                id_ for id_, c in changes.items() if not (c.created or c.deleted) and any(map(c.touches, judged))
            }
            self.load(collection, undecided, *(names or ()))
            ids = [id_ for id_ in found if id_ not in changes]
            for id_, change in changes.items():
                if id_ in undecided:
                    passes = filter_.matches(self._current(collection, id_, judged))
                else:
                    passes = filter_.matches(change.fields) if change.created else id_ in found
                if passes and not change.deleted and self.is_live(collection, id_):
                    ids.append(id_)
        return {id_: self._current(collection, id_, names) for id_ in sorted(ids)}

    def _read_one(self, query: Query) -> Any:
        if isinstance(query, GetMany):
            return self.get_many(query.collection, query.ids, *query.fields)
        if isinstance(query, FilterModels):
            models = self.filter(query.collection, query.filter, *query.fields)
            return Found(models, 0)
        if isinstance(query, Aggregate):
            return self._read_aggregate(query)
        return self.filter(query.collection, FieldFilter("id", "!=", None), *query.fields)

    def _read_aggregate(self, query: Aggregate) -> Aggregated:
        if query.kind in ("min", "max"):
            kind: Literal["min", "max"] = "min" if query.kind == "min" else "max"
            value: Any = self.extreme(kind, query.collection, query.field, query.filter, query.deleted)
        elif query.kind == "count":
            value = self.count(query.collection, query.filter)
        else:
            value = self.any(query.collection, query.filter)
        return Aggregated(value, 0)
