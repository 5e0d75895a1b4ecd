"""Change recommendations of motions (motion_objects.md)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from time import time

from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MotionChangeRecommendation
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, any_of
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_COLLECTION = "motion_change_recommendation"
_LINES = ("line_from", "line_to")
_MARKS = ("rejected", "internal", "type", "other_description")

Span = tuple[int, int]
"""First and last line."""


class _Lines(Part):
    """The lines of all recommendations of the elements' motions; those that lack one are left out."""

    stored_fields = ("motion_id", *_LINES)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        scope = self._scope(elements)
        return [filter_query(_COLLECTION, scope, "motion_id", *_LINES)] if scope else []

    def prepare(self, elements: list[Fields]) -> None:
        self.of: defaultdict[int, dict[int, Span]] = defaultdict(dict)
        scope = self._scope(elements)
        found = self.uow.filter(_COLLECTION, scope, "motion_id", *_LINES) if scope else {}
        for id_, model in found.items():
            if (span := _span(model)) is not None:
                self.of[model["motion_id"]][id_] = span

    def _scope(self, elements: Sequence[Fields]) -> Filter | None:
        """Those of the motions in which elements move something; None if none is known."""
        moving = [element for element in elements if _moves(element)]
        stored = (self.uow.peek(_COLLECTION, element["id"], "motion_id") for element in moving if "id" in element)
        named = {model["motion_id"] for model in (*moving, *stored) if model and model.get("motion_id")}
        return any_of("motion_id", sorted(named)) if named else None


def _moves(element: Fields) -> bool:
    return not element.keys().isdisjoint(_LINES)


def _span(fields: ReadOnlyFields) -> Span | None:
    """First and last line, if both are known."""
    first, last = fields.get("line_from"), fields.get("line_to")
    return None if first is None or last is None else (first, last)


def _check_order(span: Span) -> None:
    if span[0] > span[1]:
        raise BadRequest(f"line_from ({span[0]}) must not be behind line_to ({span[1]}).")


def _tell_motions(action: Action, elements: Sequence[Fields], text: str) -> None:
    """Tell it about the motion of each element, once a motion."""
    ids = (action.uow.last_value(_COLLECTION, element["id"], "motion_id") for element in elements)
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
    lines = _Lines()

    def check(self, element: Fields) -> None:
        first, last = element["line_from"], element["line_to"]
        _check_order((first, last))
        for id_, other in self.lines.of[element["motion_id"]].items():
            if other[1] >= first and other[0] <= last:
                raise BadRequest(f"line_from, line_to: The lines collide with those of {make_fqid(_COLLECTION, id_)}.")

    def fill(self, element: Fields) -> None:
        self.lines.of[element["motion_id"]][element["id"]] = element["line_from"], element["line_to"]
        element["creation_time"] = int(time())

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation created")


class MotionChangeRecommendationUpdate(UpdateAction):
    """Change recommendations; several may be moved at once as long as none of them collide in the end."""

    name = "motion_change_recommendation.update"
    model = MotionChangeRecommendation
    payload = Payload(MotionChangeRecommendation, required=["id"], optional=["text", *_MARKS], not_null=_LINES)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    lines = _Lines()

    def prepare(self, elements: list[Fields]) -> None:
        self._last_move: dict[int, Fields] = {}
        for element in elements:
            stored = self.uow.find(_COLLECTION, element["id"], *self.stored_names)
            if stored is not None and _moves(element):
                self._last_move[stored["motion_id"]] = element
                if (span := _span({**stored, **element})) is not None:
                    self.lines.of[stored["motion_id"]][element["id"]] = span

    def check(self, element: Fields) -> None:
        motion_id = self.stored(element)["motion_id"]
        spans = self.lines.of[motion_id]
        if _moves(element) and element["id"] in spans:
            _check_order(spans[element["id"]])
        if self._last_move.get(motion_id) is element:
            _check_apart(spans)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation updated")


class MotionChangeRecommendationDelete(DeleteAction):
    """Delete a recommendation."""

    name = "motion_change_recommendation.delete"
    model = MotionChangeRecommendation
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Motion change recommendation deleted")


def _check_apart(spans: dict[int, Span]) -> None:
    ordered = sorted((first, last, id_) for id_, (first, last) in spans.items())
    furthest = (-1, 0)
    for first, last, id_ in ordered:
        if furthest[0] >= first:
            names = f"{make_fqid(_COLLECTION, furthest[1])} and {make_fqid(_COLLECTION, id_)}"
            raise BadRequest(f"line_from, line_to: The lines of {names} collide.")
        furthest = max(furthest, (last, id_))
