"""The lists of a projector: what it shows, is going to show and has shown (projector.md, "Append to history")."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from openslides_backend.engine.action import Action
from openslides_backend.engine.unit_of_work import extreme_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields, ReadOnlyFields

ListField = Literal["preview_projector_id", "history_projector_id"]
Place = tuple[int, int]
"""Ids of meeting and projector."""


class Weights:
    """Hands out the next weights in the preview or history lists of projectors, each list's highest read but once."""

    def __init__(self, action: Action, list_field: ListField) -> None:
        self._uow = action.uow
        self._list_field = list_field
        self._highest: dict[Place, int] = {}

    def load(self, places: Iterable[Place]) -> None:
        """Read what the lists hold now; before the action changes any of them."""
        wanted = [place for place in dict.fromkeys(places) if place not in self._highest]
        self._uow.prefetch(self.needs(wanted))
        for place in wanted:
            highest = self._uow.extreme("max", "projection", "weight", self._scope(place))
            self._highest[place] = highest or 0

    def needs(self, places: Iterable[Place]) -> list[Query]:
        """What `load` reads."""
        return [extreme_query("max", "projection", "weight", self._scope(place)) for place in places]

    def next(self, place: Place) -> int:
        """The next weight of a list that has been loaded."""
        self._highest[place] += 1
        return self._highest[place]

    def _scope(self, place: Place) -> Filter:
        return equals(meeting_id=place[0], **{self._list_field: place[1]})


def append_to_history(action: Action, weights: Weights, moves: Mapping[Place, Sequence[int]]) -> None:
    """Move current projections, in order, to the histories of their projectors."""
    action.execute(
        "projection.update",
        [
            {
                "id": id_,
                "current_projector_id": None,
                "history_projector_id": place[1],
                "weight": weights.next(place),
            }
            for place, ids in moves.items()
            for id_ in ids
        ],
    )


def is_stable(projection: ReadOnlyFields) -> bool:
    """Whether a projection stays when something else is shown."""
    return bool(projection.get("stable"))


def new_projection(element: Fields, names: Iterable[str], **fields: object) -> Fields:
    """The element for a new projection of what an element shows, with the optional fields that were given."""
    given = {name: element[name] for name in names if name in element}
    return {"meeting_id": element["meeting_id"], "content_object_id": element["content_object_id"], **given, **fields}
