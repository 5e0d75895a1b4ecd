"""What a request has been told by the datastore reader so far, so that nothing is asked twice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openslides_backend.services.datastore import (
    DatastoreReader,
    DeletedModels,
    FilterModels,
    Found,
    GetMany,
    Query,
)
from openslides_backend.shared.filters import Or
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, Models

MERGED_FILTERS = 100
"""How many filters are joined into one query at most: databases limit the depth of an expression."""


class Answers:
    """Answers queries with as little as possible: one `read` for what isn't known yet, and none if there is nothing.

    What is asked of a collection in one go becomes one query; each answer is nevertheless made of `Record`s, with the
    fields that its own query asked for. Not to be shared between threads, and to be thrown away when data change.
    """

    def __init__(self, reader: DatastoreReader) -> None:
        self._reader = reader
        self._models: dict[tuple[str, DeletedModels], dict[int, _Known]] = {}
        self._others: dict[Query, Any] = {}
        self.reads = 0

    def answer(self, queries: Sequence[Query]) -> list[Any]:
        """The answers, in order.

        Raises ServiceError if the reader can't be asked.
        """
        unknown = [query for query in queries if not self._knows(query)]
        if unknown:
            self._learn(unknown)
        return [self._look_up(query) for query in queries]

    def _knows(self, query: Query) -> bool:
        if not isinstance(query, GetMany):
            return query in self._others
        models = self._models.get((query.collection, query.deleted), {})
        return all((known := models.get(id_)) is not None and known.covers(query.fields) for id_ in query.ids)

    def _learn(self, queries: Sequence[Query]) -> None:
        plan = [*_merge_ids(queries), *_merge_filters(queries), *_others(queries)]
        self.reads += 1
        for step, answer in zip(plan, self._reader.read([step.query for step in plan]), strict=True):
            if isinstance(step.query, GetMany):
                self._remember_models(step.query, answer)
            else:
                self._others.update(step.share(answer))

    def _remember_models(self, query: GetMany, answer: Models) -> None:
        models = self._models.setdefault((query.collection, query.deleted), {})
        for id_ in query.ids:
            models.setdefault(id_, _Known()).update(answer.get(id_), query.fields)

    def _look_up(self, query: Query) -> Any:
        if not isinstance(query, GetMany):
            return self._others[query]
        models = self._models.get((query.collection, query.deleted), {})
        return _records({id_: model for id_ in query.ids if (model := models[id_].model) is not None}, query.fields)


@dataclass(slots=True)
class _Known:
    """A model as far as it was asked for; `model` None: it isn't stored. `fields` None: all are known."""

    model: Fields | None = None
    fields: set[str] | None = field(default_factory=set)

    def covers(self, fields: tuple[str, ...]) -> bool:
        return self.fields is None or (bool(fields) and self.fields.issuperset(fields))

    def update(self, model: Fields | None, fields: tuple[str, ...]) -> None:
        self.model = None if model is None else {**(self.model or {}), **model}
        if not fields:
            self.fields = None
        elif self.fields is not None:
            self.fields.update(fields)


@dataclass(frozen=True, slots=True)
class _Step:
    """A query that is sent, in place of those that are answered by it."""

    query: Query
    parts: tuple[Query, ...] = ()

    def share(self, answer: Any) -> dict[Query, Any]:
        """The answers to the parts."""
        if not isinstance(answer, Found):
            return dict.fromkeys(self.parts, answer)
        return {
            part: Found(_records(self._found(part, answer.models), part.fields), answer.position)
            for part in self.parts
            if isinstance(part, FilterModels)
        }

    def _found(self, part: FilterModels, models: Models) -> Models:
        if len(self.parts) == 1:
            return models
        return {id_: model for id_, model in models.items() if part.filter.matches(model)}


def _records(models: Models, fields: tuple[str, ...]) -> Models:
    """The models with these fields and no others; with all of them if none is named."""
    if not fields:
        return {id_: Record(model) for id_, model in models.items()}
    return {
        id_: Record({name: model[name] for name in fields if name in model}, fields) for id_, model in models.items()
    }


def _merge_ids(queries: Sequence[Query]) -> Iterator[_Step]:
    groups: dict[tuple[str, DeletedModels], list[GetMany]] = {}
    for query in queries:
        if isinstance(query, GetMany):
            groups.setdefault((query.collection, query.deleted), []).append(query)
    for (collection, deleted), parts in groups.items():
        ids = {id_ for part in parts for id_ in part.ids}
        yield _Step(GetMany(collection, tuple(sorted(ids)), _joined([part.fields for part in parts]), deleted))


def _merge_filters(queries: Sequence[Query]) -> Iterator[_Step]:
    groups: dict[tuple[str, DeletedModels], dict[FilterModels, None]] = {}
    for query in queries:
        if isinstance(query, FilterModels):
            groups.setdefault((query.collection, query.deleted), {})[query] = None
    for (collection, deleted), distinct in groups.items():
        parts = tuple(distinct)
        for start in range(0, len(parts), MERGED_FILTERS):
            yield _one_filter(collection, deleted, parts[start : start + MERGED_FILTERS])


def _one_filter(collection: str, deleted: DeletedModels, parts: tuple[FilterModels, ...]) -> _Step:
    if len(parts) == 1:
        return _Step(parts[0], parts)
    # The filters are applied again to tell the answers apart, and need their fields for that.
    fields = _joined([part.fields and (*part.fields, *part.filter.fields()) for part in parts])
    return _Step(FilterModels(collection, Or(*(part.filter for part in parts)), fields, deleted), parts)


def _others(queries: Sequence[Query]) -> Iterator[_Step]:
    distinct = dict.fromkeys(query for query in queries if not isinstance(query, GetMany | FilterModels))
    return (_Step(query, (query,)) for query in distinct)


def _joined(field_lists: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """All of the fields; none at all if one of the lists is empty, which means all fields."""
    if not all(field_lists):
        return ()
    return tuple(sorted({name for fields in field_lists for name in fields}))
