"""A datastore with nothing but users."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from openslides_backend.services.datastore import FilterModels, Found, GetMany, Query, UpdateEvent, WriteRequest
from openslides_backend.shared.exceptions import ServiceError


@dataclass
class Users:
    """The datastore as the auth service needs it; `after_read` is called once, after the next read.

    A writer that is `stuck` answers when that event is set. `writes` counts all tries.
    """

    models: dict[int, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    read_only: bool = False
    after_read: Callable[[], object] | None = None
    stuck: Event | None = None
    writes: int = 0

    def read(self, queries: Sequence[Query]) -> list[Any]:
        if self.down:
            raise ServiceError("The datastore reader does not answer.")
        answers = [self._answer(query) for query in queries]
        after_read, self.after_read = self.after_read, None
        if after_read:
            after_read()
        return answers

    def write(self, requests: Sequence[WriteRequest]) -> None:
        self.writes += 1
        if self.stuck:
            assert self.stuck.wait(30)
        if self.read_only:
            raise ServiceError("The datastore writer does not answer.")
        for request in requests:
            for event in request.events:
                assert isinstance(event, UpdateEvent)
                self.models[int(event.fqid.partition("/")[2])].update(event.fields)

    def _answer(self, query: Query) -> Any:
        if isinstance(query, GetMany):
            return {id_: self._fields(self.models[id_], query.fields) for id_ in query.ids if id_ in self.models}
        assert isinstance(query, FilterModels)
        models = {id_: model for id_, model in self.models.items() if query.filter.matches(model)}
        return Found({id_: self._fields(model, query.fields) for id_, model in models.items()}, 1)

    @staticmethod
    def _fields(model: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
        return {name: model[name] for name in names if model.get(name) is not None}
