"""Values that no two models have (_shared.md, "Unique value in a context")."""

from collections.abc import Collection, Iterable, Sequence

from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


class Unique(Part):
    """No other model, and no earlier element, may have the value of an element's field. Empty values may repeat.

    `early`: also users without permission are told.
    """

    def __init__(self, name: str, *, early: bool = False) -> None:
        self.name = name
        self.early = early

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        scopes = dict.fromkeys(map(self._scope, elements))
        return [filter_query(self.action.model.collection, scope, "id") for scope in scopes if scope is not None]

    def check_early(self, elements: Sequence[Fields]) -> None:
        given: set[Filter | None] = set()
        for index, element in enumerate(elements if self.early else ()):
            with blaming(index):
                self._check(element, given)
            given.add(self._scope(element))

    def check(self, element: Fields) -> None:
        if not self.early:
            self._check(element)

    def _check(self, element: Fields, given: Collection[Filter | None] = ()) -> None:
        scope = self._scope(element)
        if scope is None:
            return
        others = self.uow.filter(self.action.model.collection, scope, "id").keys() - {element.get("id")}
        if (others or scope in given) and not self._keeps(element):
            raise InvalidField(self.name, f"'{element[self.name]}' exists already.")

    def _keeps(self, element: Fields) -> bool:
        """Whether the model may have the value because it has had it before."""
        return False

    def _scope(self, element: Fields) -> Filter | None:
        """The models with the element's value; None if it sets none."""
        value = element.get(self.name)
        return equals(**{self.name: value}) if value else None


class UniqueInMeeting(Unique):
    """The same among the models of the element's meeting; a model may keep what it has."""

    def __init__(self, name: str, *, early: bool = False) -> None:
        super().__init__(name, early=early)
        self.stored_fields = (name,)

    def _keeps(self, element: Fields) -> bool:
        collection, id_ = self.action.model.collection, element.get("id")
        return id_ is not None and self.uow.stored(collection, id_, self.name) == element[self.name]

    def _scope(self, element: Fields) -> Filter | None:
        meeting_id, value = self.action.meeting_id(element), element.get(self.name)
        return equals(meeting_id=meeting_id, **{self.name: value}) if value and meeting_id is not None else None
