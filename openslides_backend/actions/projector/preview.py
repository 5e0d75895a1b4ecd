"""Step through what projectors are going to show and have shown."""

from collections.abc import Sequence
from typing import ClassVar

from openslides_backend.actions.projector.lists import Weights, append_to_history, is_stable
from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.parts import Stored, ids_in
from openslides_backend.engine.payload import IDS, Payload
from openslides_backend.models.models import Projection, Projector
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

CURRENT, PREVIEW, HISTORY = "current_projection_ids", "preview_projection_ids", "history_projection_ids"
_PROJECTION_FIELDS = (
    "id",
    "meeting_id",
    "stable",
    "weight",
    "current_projector_id",
    "preview_projector_id",
    "history_projector_id",
)
_NO_WEIGHT = 10000


def _weight(projection: ReadOnlyFields) -> int:
    weight = projection.get("weight")
    return _NO_WEIGHT if weight is None else int(weight)


class _Stepping(Action):
    """Base of the actions that move projections between the lists of a projector.

    `lists` are the lists whose projections are looked at.
    """

    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    result_is_null = True
    lists: ClassVar[tuple[str, ...]]

    def load(self, elements: Sequence[Fields]) -> None:
        ids = []
        for index, element in enumerate(elements):
            with blaming(index):
                ids.append(self.projector_id(element))
        found = self.uow.get_many("projector", ids, "id", "meeting_id", *self.lists).values()
        self.uow.load("projection", ids_in(found, *self.lists), *_PROJECTION_FIELDS)
        self.weights = Weights(self, "history_projector_id")
        self.weights.load((projector["meeting_id"], projector["id"]) for projector in found)

    def apply(self, element: Fields) -> None:
        """Step with the projector."""
        self.step(element, self.uow.get("projector", self.projector_id(element), "id", "meeting_id", *self.lists))

    def projector_id(self, element: Fields) -> int:
        """The id of the element's projector."""
        return int(element["id"])

    def step(self, element: Fields, projector: Fields) -> None:
        """Move the projections of one projector."""
        raise NotImplementedError

    def listed(self, projector: Fields, name: str) -> Models:
        """The projections of one of the lists, in its order."""
        return self.uow.get_many("projection", projector.get(name, []), *_PROJECTION_FIELDS)

    def unstable(self, projector: Fields) -> list[int]:
        """The current projections that make room."""
        return [id_ for id_, projection in self.listed(projector, CURRENT).items() if not is_stable(projection)]

    def advance(self, projector: Fields, next_id: int) -> None:
        """What makes room goes to history, and a projection of the preview is shown."""
        append_to_history(self, self.weights, {(projector["meeting_id"], projector["id"]): self.unstable(projector)})
        shown = {"id": next_id, "preview_projector_id": None, "current_projector_id": projector["id"]}
        self.execute("projection.update", [shown])


class ProjectorNext(_Stepping):
    """Show what comes next in the preview."""

    name = "projector.next"
    model = Projector
    lists = (CURRENT, PREVIEW)

    def step(self, element: Fields, projector: Fields) -> None:
        if preview := self.listed(projector, PREVIEW):
            self.advance(projector, min(preview, key=lambda id_: _weight(preview[id_])))


class ProjectorPrevious(_Stepping):
    """Show again what has been shown last; what is shown now goes back to the front of the preview."""

    name = "projector.previous"
    model = Projector
    lists = (CURRENT, PREVIEW, HISTORY)

    def step(self, element: Fields, projector: Fields) -> None:
        history = self.listed(projector, HISTORY)
        if not history:
            return
        last_id = max(history, key=lambda id_: _weight(history[id_]))
        preview = self.listed(projector, PREVIEW).values()
        lowest = min((p["weight"] for p in preview if "weight" in p), default=_NO_WEIGHT)
        moved = self.unstable(projector)
        kept = [id_ for id_ in projector.get(CURRENT, []) if id_ not in moved]
        lists = {CURRENT: [last_id, *kept], PREVIEW: [*moved, *projector.get(PREVIEW, [])]}
        self.run.relations.load(Projector, [{"id": projector["id"], **lists}])
        self.run.relations.update(Projector, projector["id"], lists)
        weights = [{"id": id_, "weight": lowest - distance} for distance, id_ in enumerate(moved, start=1)]
        self.execute("projection.update", [{"id": last_id, "history_projector_id": None}, *weights])


class ProjectorProjectPreview(_Stepping):
    """Show a certain projection of the preview; its id is that of the element."""

    name = "projector.project_preview"
    model = Projection
    permission = in_meeting(Permissions.Projector.CAN_MANAGE, collection="projection")
    result_is_null = False
    lists = (CURRENT,)
    parts = (Stored(*_PROJECTION_FIELDS),)

    def step(self, element: Fields, projector: Fields) -> None:
        self.advance(projector, element["id"])

    def projector_id(self, element: Fields) -> int:
        projection = self.uow.get("projection", element["id"], "preview_projector_id")
        return int(self.checked(projection["preview_projector_id"], f"projection/{element['id']} is in no preview."))


class ProjectorSortPreview(Action):
    """Arrange what a projector is going to show."""

    name = "projector.sort_preview"
    model = Projector
    payload = Payload(Projector, required=["id"], extra_required={"projection_ids": IDS})
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    result_is_null = True
    parts = (Stored(PREVIEW),)

    def prepare(self, elements: list[Fields]) -> None:
        self.uow.load("projection", ids_in(elements, "projection_ids"), "id")

    def check(self, element: Fields) -> None:
        if set(self.stored(element)[PREVIEW] or ()) != set(element["projection_ids"]):
            raise BadRequest(f"projection_ids must hold the preview of projector/{element['id']} and nothing else.")
        for id_ in element["projection_ids"]:
            self.uow.get("projection", id_, "id")

    def apply(self, element: Fields) -> None:
        """Write the weights."""
        for weight, id_ in enumerate(element["projection_ids"], start=1):
            self.uow.update("projection", id_, {"weight": weight})
