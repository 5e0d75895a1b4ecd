"""A datastore reader over models in memory, that remembers how it was asked."""

from collections.abc import Iterable, Sequence
from typing import Any

from openslides_backend.services.datastore import Aggregate, Aggregated, FilterModels, Found, GetAll, GetMany, Query
from openslides_backend.shared.fqid import is_fqid, split_fqid
from openslides_backend.shared.typing import Fields, Models

POSITION = 7


class StoredData:
    """Answers queries from `models` (fqid -> fields) as datastore.md says: no more than was asked for.

    `rounds` holds the queries of every `read`.
    """

    def __init__(self, models: dict[str, Fields]) -> None:
        assert all(is_fqid(fqid) for fqid in models)
        self.models = models
        self.rounds: list[Sequence[Query]] = []

    @property
    def reads(self) -> int:
        return len(self.rounds)

    def read(self, queries: Sequence[Query]) -> list[Any]:
        assert queries, "a read that asks for nothing"
        self.rounds.append(list(queries))
        return [self._answer(query) for query in queries]

    def _answer(self, query: Query) -> Any:
        match query:
            case GetMany():
                assert query.ids, "a query that asks for nothing"
                assert len(set(query.ids)) == len(query.ids)
                assert all(id_ >= 1 for id_ in query.ids)
                models = self._collection(query.collection)
                return _mapped({id_: models[id_] for id_ in query.ids if id_ in models}, query.fields)
            case FilterModels():
                return Found(_mapped(self._matching(query), query.fields), POSITION)
            case Aggregate():
                assert query.kind in {"exists", "count"}
                count = len(self._matching(query))
                return Aggregated(count if query.kind == "count" else count > 0, POSITION)
            case GetAll():
                return _mapped(self._collection(query.collection), query.fields)

    def _collection(self, collection: str) -> Models:
        named = [(split_fqid(fqid), model) for fqid, model in self.models.items()]
        return {id_: model for (of, id_), model in named if of == collection}

    def _matching(self, query: FilterModels | Aggregate) -> Models:
        models = self._collection(query.collection)
        return {id_: model for id_, model in models.items() if query.filter.matches(model)}


def _mapped(models: Models, fields: Iterable[str]) -> Models:
    names = set(fields)
    return {
        id_: {name: value for name, value in model.items() if not names or name in names}
        for id_, model in models.items()
    }
