"""Parts that only name what is read, for actions to look at (docs/architecture.md, "Actions").

An action lists its parts in `parts`; those that it asks something have a name of their own:

    class ProjectorCountdownCreate(CreateAction):
        parts = (OfMeeting("projector_countdown_default_time"),)
        namesakes = Matching("projector_countdown", same("meeting_id", "title"))

        def check(self, element: Fields) -> None:
            if self.namesakes.of(element): ...
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Self

from openslides_backend.engine.action import Action, Known, Part
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.fields import RelationField
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.fqid import ORGANIZATION_ID, is_fqid, make_fqid, split_fqid
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

Scope = Callable[[Known], Filter | None]
"""The filter that follows from what is known of an element; None if that isn't enough."""


def same(*names: str, optional: Sequence[str] = (), **keys: str) -> Scope:
    """Models with the element's values of these fields, none of which may be missing, except for the optional ones.

    `keys` are fields for which the element has other names: `same(list_of_speakers_id="id")`.
    """
    needed = {**{name: name for name in names}, **keys}
    known = {**needed, **{name: name for name in optional}}

    def scope(element: Known) -> Filter | None:
        if any(element[key] is None for key in needed.values()):
            return None
        return equals(**{name: element[key] for name, key in known.items()})

    return scope


def ids_in(models: Iterable[ReadOnlyFields], *names: str) -> list[int]:
    """The ids that these relation fields of models or elements hold, one or many, each once, ascending."""
    values = [value for model in models for name in names if (value := model.get(name)) is not None]
    return sorted({id_ for value in values for id_ in (value if isinstance(value, list) else [value])})


class OfMeeting(Part):
    """Fields of the elements' meetings, to be found with `action.meeting(element)`."""

    def __init__(self, *names: str) -> None:
        self.meeting_fields = names


class Stored(Part):
    """Fields of the models that the elements name by their ids, to be found with `action.stored(element)`."""

    def __init__(self, *names: str) -> None:
        self.stored_fields = names


class Organization(Part):
    """Fields of the organization."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [GetMany("organization", (ORGANIZATION_ID,), self.names)]

    @property
    def record(self) -> Record:
        """The fields; none is set if there is no organization."""
        return self.uow.find_fields("organization", ORGANIZATION_ID, *self.names)


class Author(Part):
    """The requesting user, to whom history ascribes what the action tells."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [GetMany("user", (self.run.user_id,), ("id",))] if self.run.user_id > ANONYMOUS else []


class Related(Part):
    """Fields of the models that a relation field of the payload names.

    `field` is one of the action's model, unless the collection is given that the ids are of.
    """

    def __init__(self, field: str, *names: str, collection: str = "") -> None:
        self.field = field
        self.names = ("id", *names)
        self.collection = collection

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        ids: dict[str, dict[int, None]] = {}
        for element in elements:
            for collection, id_ in self._targets(element):
                ids.setdefault(collection, {})[id_] = None
        return [GetMany(collection, tuple(numbers), self.names) for collection, numbers in ids.items()]

    def of(self, element: Fields) -> Record | None:
        """The one model that the field names; None if it names none.

        Raises ModelDoesNotExist.
        """
        return next(iter(self.all_of(element)), None)

    def all_of(self, element: Fields) -> list[Record]:
        """All models that the field names.

        Raises ModelDoesNotExist.
        """
        return [self._get(collection, id_) for collection, id_ in self._targets(element)]

    def _get(self, collection: str, id_: int) -> Record:
        model = self.uow.find(collection, id_, *self.names)
        if model is None:
            raise ModelDoesNotExist(make_fqid(collection, id_), self.field)
        return model

    def found(self, element: Fields) -> list[Record]:
        """Those of the models that exist."""
        models = (self.uow.find(collection, id_, *self.names) for collection, id_ in self._targets(element))
        return [model for model in models if model is not None]

    def _targets(self, element: Fields) -> list[tuple[str, int]]:
        value, collection = element.get(self.field), self.collection
        if not collection and isinstance(field := self.action.model.fields[self.field], RelationField):
            collection = "" if field.is_generic else field.target
        values = value if isinstance(value, list) else [] if value is None else [value]
        if collection:
            return [(collection, id_) for id_ in values]
        return [split_fqid(fqid) for fqid in values if is_fqid(fqid) and split_fqid(fqid)[0] in self.run.models]


class Matching(Part):
    """Models that pass a filter which follows from an element.

    They are of the action's own collection if none is named; `constant` as in `UnitOfWork.filter`.
    """

    def __init__(self, collection: str, scope: Scope, *names: str, constant: bool = False) -> None:
        self.collection = collection
        self.scope = scope
        self.names = names or ("id",)
        self.constant = constant

    def bind(self, action: Action) -> Self:
        bound = super().bind(action)
        bound.collection = self.collection or action.model.collection
        return bound

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        scopes = dict.fromkeys(self._scope(element) for element in elements)
        return [filter_query(self.collection, scope, *self.names) for scope in scopes if scope is not None]

    def of(self, element: Fields) -> Models:
        """The models now, by id; none if the element doesn't say enough."""
        scope = self._scope(element)
        return {} if scope is None else self.uow.filter(self.collection, scope, *self.names, constant=self.constant)

    def others(self, element: Fields) -> Models:
        """The models now without the one that the element names itself, or is about to create."""
        return {id_: model for id_, model in self.of(element).items() if id_ != element.get("id")}

    def _scope(self, element: Fields) -> Filter | None:
        known = element if isinstance(element, Known) else Known(element, self.action.meeting_id(element))
        return self.scope(known)
