"""Numbers that follow from what exists: sequential numbers and weights (_shared.md)."""

from collections.abc import Callable, Iterable, Sequence

from openslides_backend.engine.unit_of_work import UnitOfWork, extreme_query
from openslides_backend.services.datastore import DeletedModels, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

SEQUENTIAL_NUMBER = "sequential_number"

Scope = Callable[[Fields], Filter]
"""The models among which the next weight is found for an element."""


def sequential_number_needs(collection: str, meetings: Iterable[int]) -> list[Query]:
    """What `assign_sequential_numbers` reads."""
    return [
        extreme_query("max", collection, SEQUENTIAL_NUMBER, equals(meeting_id=meeting_id), DeletedModels.ALL)
        for meeting_id in sorted(set(meetings))
    ]


def assign_sequential_numbers(uow: UnitOfWork, collection: str, elements: Sequence[Fields]) -> None:
    """Number the elements within their meetings, behind all models that ever were there (deleted ones count)."""
    meetings = [element["meeting_id"] for element in elements]
    uow.prefetch(sequential_number_needs(collection, meetings))
    last: dict[int, int] = {}
    for element in elements:
        meeting_id = element["meeting_id"]
        if meeting_id not in last:
            scope = equals(meeting_id=meeting_id)
            last[meeting_id] = uow.extreme("max", collection, SEQUENTIAL_NUMBER, scope, DeletedModels.ALL) or 0
        last[meeting_id] += 1
        element[SEQUENTIAL_NUMBER] = last[meeting_id]


def weight_needs(collection: str, elements: Iterable[Fields], scope: Scope, name: str = "weight") -> list[Query]:
    """What `assign_weights` reads."""
    scopes = dict.fromkeys(scope(element) for element in elements if element.get(name) is None)
    return [extreme_query("max", collection, name, filter_) for filter_ in scopes]


def assign_weights(
    uow: UnitOfWork, collection: str, elements: Sequence[Fields], scope: Scope, name: str = "weight"
) -> None:
    """Give each element that has no weight the next one of its scope; given weights count for those that follow."""
    uow.prefetch(weight_needs(collection, elements, scope, name))
    stored: dict[Filter, int | None] = {}
    given: dict[Filter, int] = {}
    for element in elements:
        filter_, weight = scope(element), element.get(name)
        if weight is None:
            if filter_ not in stored:
                stored[filter_] = uow.extreme("max", collection, name, filter_)
            weights = [value for value in (stored[filter_], given.get(filter_)) if value is not None]
            weight = element[name] = max(weights, default=0) + 1
        given[filter_] = max(weight, given.get(filter_, weight))
