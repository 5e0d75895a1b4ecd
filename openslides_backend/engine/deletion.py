"""Deletes models with everything that hangs on them (engine.md, "Deleting")."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from openslides_backend.engine.relations import Relations, relation_fields, targets_of
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.models.fields import OnDelete
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import ProtectedModels
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

Execute = Callable[[str, Sequence[Fields]], object]


class Deletion:
    """One deletion with its cascade.

    Used as a context by every delete action: inner ones, called by the cascade, join the outermost. When that ends, the
    protected models are judged and the reverse sides of everything deleted are cleared, in bulk.
    """

    def __init__(
        self, uow: UnitOfWork, relations: Relations, models: Mapping[str, type[Model]], execute: Execute
    ) -> None:
        self._uow = uow
        self._relations = relations
        self._models = models
        self._execute = execute
        self._depth = 0
        self._deleted: list[tuple[type[Model], int]] = []
        self._protected: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)

    def __enter__(self) -> "Deletion":
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if kind is None and self._depth == 0:
            self._end()

    def load(self, model: type[Model], ids: Sequence[int]) -> None:
        """Read everything that deleting these models follows."""
        names = [field.name for field in relation_fields(model, model.fields)]
        self._uow.load(model.collection, ids, "id", *names)

    def delete(self, model: type[Model], ids: Sequence[int], keeps: Sequence[str] = ()) -> None:
        """Mark live models deleted and cascade, without following the relations named in `keeps`."""
        begun = [id_ for id_ in ids if self._uow.begin_delete(model.collection, id_)]
        self._deleted += [(model, id_) for id_ in begun]
        cascade: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for field in relation_fields(model, model.fields):
            if field.on_delete is OnDelete.SET_NULL or field.name in keeps:
                continue
            for id_ in begun:
                value = self._uow.last_value(model.collection, id_, field.name)
                for collection, target in targets_of(field, value):
                    if field.on_delete is OnDelete.CASCADE:
                        cascade[collection][target] = None
                    else:
                        self._protected[make_fqid(model.collection, id_)].append((collection, target))
        self._cascade(cascade)

    def _cascade(self, targets: Mapping[str, Mapping[int, None]]) -> None:
        queries: list[Query] = [GetMany(c, tuple(ids), self._names(c)) for c, ids in targets.items()]
        self._uow.prefetch(queries)
        for collection, ids in targets.items():
            live = [{"id": id_} for id_ in ids if self._uow.is_live(collection, id_)]
            if live:
                self._execute(f"{collection}.delete", live)

    def _names(self, collection: str) -> tuple[str, ...]:
        model = self._models[collection]
        return ("id", *(field.name for field in relation_fields(model, model.fields)))

    def _end(self) -> None:
        deleted, self._deleted = self._deleted, []
        protected, self._protected = self._protected, defaultdict(list)
        self._judge(protected)
        self._relations.detach_all(deleted)

    def _judge(self, protected: Mapping[str, list[tuple[str, int]]]) -> None:
        left = {
            fqid: [target for target in targets if not self._uow.is_deleting(*target)]
            for fqid, targets in protected.items()
        }
        self._uow.prefetch([GetMany(c, (id_,), ("id",)) for targets in left.values() for c, id_ in targets])
        for fqid, targets in left.items():
            live = [make_fqid(*target) for target in targets if self._uow.exists(*target)]
            if live:
                raise ProtectedModels(fqid, live)
