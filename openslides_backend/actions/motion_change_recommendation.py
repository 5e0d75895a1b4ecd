"""Change recommendations of motions (motion_objects.md)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from time import time

from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MotionChangeRecommendation
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_COLLECTION = "motion_change_recommendation"
_LINES = ("line_from", "line_to")
_MARKS = ("rejected", "internal", "type", "other_description")

Span = tuple[int, int]
Spans = defaultdict[int, dict[int, Span]]
"""Lines of recommendations by the ids of their motions, then by their own ids; those without lines are left out."""


def _span(fields: ReadOnlyFields) -> Span | None:
    """First and last line, if both are known.

    Raises BadRequest if they are the wrong way round.
    """
    first, last = fields.get("line_from"), fields.get("line_to")
    if first is None or last is None:
        return None
    if first > last:
        raise BadRequest(f"line_from ({first}) must not be behind line_to ({last}).")
    return first, last


def _spans_of(action: Action, motions: set[int]) -> Spans:
    """The lines of all recommendations of these motions, as they are stored."""
    spans: Spans = defaultdict(dict)
    if motions:
        scope = any_of("motion_id", motions)
        for id_, model in action.uow.filter(_COLLECTION, scope, "motion_id", *_LINES).items():
            if model.get("line_from") is not None and model.get("line_to") is not None:
                spans[model["motion_id"]][id_] = model["line_from"], model["line_to"]
    return spans


def _tell_motions(action: Action, elements: Sequence[Fields], text: str) -> None:
    """Tell it about the motion of each element, once a motion."""
    ids = (action.uow.deleted_value(_COLLECTION, element["id"], "motion_id") for element in elements)
    for motion_id in dict.fromkeys(ids):
        if motion_id is not None:
            action.tell(make_fqid("motion", motion_id), text)


class MotionChangeRecommendationCreate(CreateAction):
    """Recommend a change of some lines of a motion; no two recommendations may share a line."""

    name = "motion_change_recommendation.create"
    model = MotionChangeRecommendation
    payload = Payload(
        MotionChangeRecommendation,
        required=[*_LINES, "motion_id"],
        required_keys=["text"],
        optional=_MARKS,
    )
    permission = in_meeting_of("motion_id", Permissions.Motion.CAN_MANAGE)
    meeting_source = "motion_id"

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        scope = any_of("motion_id", {element["motion_id"] for element in elements})
        return [*super().reads(elements), filter_query(_COLLECTION, scope, "motion_id", *_LINES)]

    def prepare(self, elements: list[Fields]) -> None:
        spans = _spans_of(self, {element["motion_id"] for element in elements})
        for index, element in enumerate(elements):
            with blaming(index):
                self._place(element, spans[element["motion_id"]])
            element["creation_time"] = int(time())

    @staticmethod
    def _place(element: Fields, others: dict[int, Span]) -> None:
        span = _span(element)
        if span is None:
            return
        for id_, (first, last) in others.items():
            if last >= span[0] and first <= span[1]:
                raise BadRequest(f"line_from, line_to: The lines collide with those of {make_fqid(_COLLECTION, id_)}.")
        others[element["id"]] = span

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation created")


class MotionChangeRecommendationUpdate(UpdateAction):
    """Change recommendations; several may be moved at once as long as none of them collide in the end."""

    name = "motion_change_recommendation.update"
    model = MotionChangeRecommendation
    payload = Payload(MotionChangeRecommendation, required=["id"], optional=["text", *_MARKS], not_null=_LINES)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (Stored("motion_id", *_LINES),)

    def prepare(self, elements: list[Fields]) -> None:
        moved = [(index, e) for index, e in enumerate(elements) if any(name in e for name in _LINES)]
        if moved:
            self._check_moves(moved)

    def _check_moves(self, moved: Sequence[tuple[int, Fields]]) -> None:
        stored: Models = {e["id"]: self.stored(e) for _, e in moved}
        motions = {model["motion_id"] for model in stored.values() if "motion_id" in model}
        spans = _spans_of(self, motions)
        for index, element in moved:
            model = stored[element["id"]]
            model.update({name: element[name] for name in _LINES if name in element})
            with blaming(index):
                span = _span(model)
            if span is not None and "motion_id" in model:
                spans[model["motion_id"]][element["id"]] = span
        for index, motion_id in self._last_moves(moved, stored):
            with blaming(index):
                self._check_apart(spans[motion_id])

    @staticmethod
    def _last_moves(moved: Sequence[tuple[int, Fields]], stored: Models) -> Iterator[tuple[int, int]]:
        """The motions concerned, each with the index of the last element that moves something in it."""
        last = {motion: index for index, e in moved if (motion := stored[e["id"]].get("motion_id")) is not None}
        return ((index, motion) for motion, index in last.items())

    @staticmethod
    def _check_apart(spans: dict[int, Span]) -> None:
        ordered = sorted((first, last, id_) for id_, (first, last) in spans.items())
        furthest: Span | None = None
        for first, last, id_ in ordered:
            if furthest is not None and furthest[0] >= first:
                names = f"{make_fqid(_COLLECTION, furthest[1])} and {make_fqid(_COLLECTION, id_)}"
                raise BadRequest(f"line_from, line_to: The lines of {names} collide.")
            furthest = max(furthest, (last, id_)) if furthest is not None else (last, id_)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation updated")


class MotionChangeRecommendationDelete(DeleteAction):
    """Delete a recommendation."""

    name = "motion_change_recommendation.delete"
    model = MotionChangeRecommendation
    payload = Payload(MotionChangeRecommendation, required=["id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation deleted")
