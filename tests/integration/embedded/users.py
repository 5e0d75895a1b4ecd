"""A datastore reader with nothing but users."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openslides_backend.services.datastore import FilterModels, Found, Query
from openslides_backend.shared.exceptions import ServiceError


@dataclass
class Users:
    """The datastore reader as the auth service needs it."""

    models: dict[int, dict[str, Any]] = field(default_factory=dict)
    down: bool = False

    def read(self, queries: Sequence[Query]) -> list[Any]:
        if self.down:
            raise ServiceError("The datastore reader does not answer.")
        return [self._found(query) for query in queries]

    def _found(self, query: Query) -> Found:
        assert isinstance(query, FilterModels)
        models = {id_: model for id_, model in self.models.items() if query.filter.matches(model)}
        return Found({id_: {name: model.get(name) for name in query.fields} for id_, model in models.items()}, 1)
