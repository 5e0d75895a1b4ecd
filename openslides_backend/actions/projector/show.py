"""Show something on projectors, at once or later."""

from collections import defaultdict
from collections.abc import Sequence

from openslides_backend.actions.projector.content import OPTIONS, Content, content_payload, places
from openslides_backend.actions.projector.lists import (
    Place,
    append_to_history,
    is_stable,
    new_projection,
)
from openslides_backend.engine.action import Action, Known
from openslides_backend.engine.parts import Matching
from openslides_backend.engine.payload import BOOLEAN, IDS
from openslides_backend.models.models import Projector
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.filters import Filter, any_of, equals
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_FIELDS = ("meeting_id", "content_object_id", "stable", "type", "current_projector_id")


def _on_projectors(element: Known) -> Filter | None:
    """What is shown by the projectors that the element names."""
    return any_of("current_projector_id", element["ids"]) if element["ids"] else None


class ProjectorProject(Action):
    """Show a content object on some projectors; it vanishes from the others of the meeting unless told otherwise."""

    name = "projector.project"
    model = Projector
    payload = content_payload(extra_optional={"keep_active_projections": BOOLEAN})
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    singular = True
    result_is_null = True

    content = Content("history_projector_id")
    current = Matching("projection", _on_projectors, *_FIELDS)

    def apply(self, element: Fields) -> None:
        """Take away what is shown already or has to make room, and show the object."""
        self._make_room(element)
        shown = [new_projection(element, OPTIONS, current_projector_id=id_) for id_ in element["ids"]]
        self.execute("projection.create", shown)
        if not is_stable(element):
            for id_ in element["ids"]:
                self.uow.update("projector", id_, {"scroll": 0})

    def _make_room(self, element: Fields) -> None:
        equal = self._equal(element)
        if is_stable(element):
            self.execute("projection.delete", [{"id": id_} for id_ in equal])
            return
        current = self.current.of(element)
        moved = {**equal, **{id_: shown for id_, shown in current.items() if not is_stable(shown)}}
        moves: defaultdict[Place, list[int]] = defaultdict(list)
        for id_ in sorted(moved):
            moves[element["meeting_id"], moved[id_]["current_projector_id"]].append(id_)
        self.content.weights.load(moves)
        append_to_history(self, self.content.weights, moves)

    def _equal(self, element: Fields) -> Models:
        """Current projections of the same thing."""
        scope = equals(meeting_id=element["meeting_id"], content_object_id=element["content_object_id"])
        found = self.uow.filter("projection", scope, *_FIELDS)
        kept = element["ids"] if element.get("keep_active_projections") else None
        return {
            id_: projection
            for id_, projection in found.items()
            if (projector := projection.get("current_projector_id")) is not None
            and (kept is None or projector in kept)
            and is_stable(projection) == is_stable(element)
            and projection.get("type") == element.get("type")
        }


class ProjectorToggle(Action):
    """Show a content object on those of the projectors that don't, and take it from those that do."""

    name = "projector.toggle"
    model = Projector
    payload = content_payload(ids={**IDS, "minItems": 1})
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    result_is_null = True

    content = Content("history_projector_id", files=False)
    current = Matching("projection", _on_projectors, *_FIELDS)

    def prepare(self, elements: list[Fields]) -> None:
        self.content.weights.load(places(elements))

    def apply(self, element: Fields) -> None:
        """Decide for each projector by itself."""
        found = self.current.of(element)
        deleted: list[int] = []
        moves: dict[Place, list[int]] = {}
        new: list[Fields] = []
        for projector_id in element["ids"]:
            place = (element["meeting_id"], projector_id)
            current = {id_: p for id_, p in found.items() if p.get("current_projector_id") == projector_id}
            equal = [id_ for id_, projection in current.items() if self._is_equal(projection, element)]
            if equal and is_stable(element):
                deleted += equal
            elif equal:
                moves[place] = equal
            else:
                new.append(new_projection(element, OPTIONS, current_projector_id=projector_id))
                if not is_stable(element):
                    moves[place] = [id_ for id_, projection in current.items() if not is_stable(projection)]
                    self.uow.update("projector", projector_id, {"scroll": 0})
        self.execute("projection.delete", [{"id": id_} for id_ in deleted])
        append_to_history(self, self.content.weights, moves)
        self.execute("projection.create", new)

    @staticmethod
    def _is_equal(projection: ReadOnlyFields, element: Fields) -> bool:
        return (
            projection.get("content_object_id") == element["content_object_id"]
            and projection.get("meeting_id") == element["meeting_id"]
            and is_stable(projection) == is_stable(element)
            and (not element.get("type") or projection.get("type") == element["type"])
        )


class ProjectorAddToPreview(Action):
    """Put a content object at the end of what projectors are going to show."""

    name = "projector.add_to_preview"
    model = Projector
    payload = content_payload()
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    result_is_null = True

    content = Content("preview_projector_id")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        weights, new = self.content.weights, []
        weights.load(places(elements))
        for element in elements:
            names = [name for name in OPTIONS if element.get(name)]
            for id_ in element["ids"]:
                place = (element["meeting_id"], id_)
                new.append(new_projection(element, names, preview_projector_id=id_, weight=weights.next(place)))
        self.execute("projection.create", new)
