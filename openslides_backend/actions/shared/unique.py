"""Values that are unique within their meeting (_shared.md, "Unique value in a context")."""

from collections.abc import Iterator, Sequence

from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


def unique_needs(action: Action, elements: Sequence[Fields], name: str) -> list[Query]:
    """What `check_unique_in_meeting` reads, for elements whose meetings are known."""
    scopes = dict.fromkeys(scope for _, _, scope in _scopes(action, elements, name))
    return [filter_query(action.model.collection, scope, "id") for scope in scopes]


def check_unique_in_meeting(action: Action, elements: Sequence[Fields], name: str) -> None:
    """Check that no other model of the meeting, and no earlier element, has the value of an element's field `name`.

    Elements without the field are left out; an element with an `id` may keep its own value.

    Raises BadRequest.
    """
    action.uow.prefetch(unique_needs(action, elements, name))
    given: set[Filter] = set()
    for index, element, scope in _scopes(action, elements, name):
        others = action.uow.filter(action.model.collection, scope, "id").keys() - {element.get("id")}
        if others or scope in given:
            with blaming(index):
                raise BadRequest(f"{name}: '{element[name]}' exists already in the meeting.")
        given.add(scope)


def _scopes(action: Action, elements: Sequence[Fields], name: str) -> Iterator[tuple[int, Fields, Filter]]:
    """Index, element and filter of every element that sets the field in a meeting."""
    for index, element in enumerate(elements):
        if name in element and (meeting_id := action.meeting_id(element)) is not None:
            yield index, element, equals(meeting_id=meeting_id, **{name: element[name]})
