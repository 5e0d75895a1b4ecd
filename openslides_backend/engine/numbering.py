"""Numbers that follow from what exists: sequential numbers and weights (_shared.md)."""

from collections.abc import Callable, Iterable, Sequence

from openslides_backend.engine.action import Known, Part
from openslides_backend.engine.parts import same
from openslides_backend.engine.unit_of_work import UnitOfWork, extreme_query
from openslides_backend.services.datastore import DeletedModels, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

SEQUENTIAL_NUMBER = "sequential_number"


class SequentialNumber(Part):
    """Numbers new models within their meetings, behind all that ever were there (deleted ones count).

    Nothing for models without a sequential number.
    """

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        model = self.action.model
        if SEQUENTIAL_NUMBER not in model.fields:
            return []
        meetings = {meeting_id for element in elements if (meeting_id := self.action.meeting_id(element)) is not None}
        return [
            extreme_query("max", model.collection, SEQUENTIAL_NUMBER, equals(meeting_id=id_), DeletedModels.ALL)
            for id_ in sorted(meetings)
        ]

    def prepare(self, elements: list[Fields]) -> None:
        collection = self.action.model.collection
        if SEQUENTIAL_NUMBER not in self.action.model.fields:
            return
        last: dict[int, int] = {}
        for element in elements:
            meeting_id = element["meeting_id"]
            if meeting_id not in last:
                scope = equals(meeting_id=meeting_id)
                stored = self.uow.extreme("max", collection, SEQUENTIAL_NUMBER, scope, DeletedModels.ALL)
                last[meeting_id] = stored or 0
            last[meeting_id] += 1
            element[SEQUENTIAL_NUMBER] = last[meeting_id]


class NextWeight(Part):
    """Gives new models without weight the next one among those with the same values of some fields.

    A weight that is given counts for those that follow. `over_default`: the payload has no weight, and the model's
    default is for imports, not for new models. `null_stays`: a null that is given is a weight, too.
    """

    def __init__(
        self, *names: str, optional: Sequence[str] = (), over_default: bool = False, null_stays: bool = False
    ) -> None:
        self.scope = same(*names, optional=optional)
        self.over_default = over_default
        self.null_stays = null_stays

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        known = [Known(element, self.action.meeting_id(element)) for element in elements if self._is_open(element)]
        scopes = dict.fromkeys(self.scope(element) for element in known)
        return [extreme_query("max", self.action.model.collection, "weight", s) for s in scopes if s is not None]

    def prepare(self, elements: list[Fields]) -> None:
        if self.over_default:
            for element in elements:
                element["weight"] = None
        counted = [e for e in elements if e.get("weight") is not None or self._is_open(e)]
        assign_weights(self.uow, self.action.model.collection, counted, lambda element: self.scope(Known(element)))

    def _is_open(self, element: Fields) -> bool:
        return "weight" not in element if self.null_stays else element.get("weight") is None


def assign_weights(
    uow: UnitOfWork, collection: str, elements: Sequence[Fields], scope: Callable[[Fields], Filter | None]
) -> None:
    """Give each element that has no weight the next one of its scope; given weights count for those that follow."""
    stored: dict[Filter, int | None] = {}
    given: dict[Filter, int] = {}
    for element in elements:
        filter_, weight = scope(element), element.get("weight")
        if filter_ is None:
            continue
        if weight is None:
            if filter_ not in stored:
                stored[filter_] = uow.extreme("max", collection, "weight", filter_)
            weights = [value for value in (stored[filter_], given.get(filter_)) if value is not None]
            weight = element["weight"] = max(weights, default=0) + 1
        given[filter_] = max(weight, given.get(filter_, weight))
