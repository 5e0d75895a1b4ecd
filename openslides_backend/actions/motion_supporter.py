"""Supporters of motions (motion_people.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.shared.motion_people import LINK, CreatePerson, tell_motions
from openslides_backend.engine.action import Part, Visibility
from openslides_backend.engine.generics import DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionSupporter
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import (
    existing,
    is_own_meeting_user,
    is_restricted_delegator,
    meeting_of,
    rights_in,
)
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_COLLECTION = "motion_supporter"
_CHANGED = "Supporters changed"
_MINIMUM = "motions_supporters_min_amount"
_MANAGES = Permissions.Motion.CAN_MANAGE_METADATA


@rule
def _may_support(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Oneself, or others as a manager ("S1")."""
    meeting_id = yield from meeting_of("motion", element.id("motion_id"))
    yield from existing("meeting_user", element.id("meeting_user_id"), "id")
    return (yield from _verdict(inquiry.user_id, meeting_id, element.id("meeting_user_id")))


@rule
def _may_withdraw(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """One's own support, or that of others as a manager ("S1")."""
    supporter = yield from existing(_COLLECTION, element.id("id"), "meeting_id", "meeting_user_id")
    return (yield from _verdict(inquiry.user_id, supporter["meeting_id"], supporter.get("meeting_user_id")))


@question
def _verdict(user_id: int, meeting_id: int, meeting_user_id: int | None) -> Steps[Verdict]:
    rights = yield from rights_in(user_id, meeting_id)
    if rights.has(_MANAGES):
        return None
    needed = _MANAGES
    if (yield from is_own_meeting_user(user_id, meeting_user_id)):
        if (yield from is_restricted_delegator(user_id, meeting_id, "users_forbid_delegator_as_supporter")):
            return "You have delegated your vote."
        needed = Permissions.Motion.CAN_SUPPORT
    return None if rights.has(needed) else f"Missing permission in meeting {meeting_id}: {needed.value}."


class _SupportIsOpen(Part):
    """Support must be wanted in the meeting, and in the motion's state unless it is a manager's doing ("S2").

    `outside_only`: not where other actions or internal requests do it.
    """

    meeting_fields = (_MINIMUM,)

    def __init__(self, *, outside_only: bool = False) -> None:
        self.outside_only = outside_only

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        motions = {id_ for element in elements if (id_ := self._peeked_motion(element)) is not None}
        yield GetMany("motion", tuple(sorted(motions)), ("state_id",))
        found = [motion for id_ in motions if (motion := self.uow.peek("motion", id_, "state_id"))]
        states = {motion["state_id"] for motion in found if motion["state_id"] is not None}
        yield GetMany("motion_state", tuple(sorted(states)), ("allow_support",))

    def check(self, element: Fields) -> None:
        if self.outside_only and (self.action.nested or self.run.context.internal):
            return
        if self.action.meeting(element)[_MINIMUM] == 0:
            raise BadRequest("The meeting has no supporters.")
        motion_id = element["motion_id"] if "motion_id" in element else self.action.stored(element)["motion_id"]
        if self._is_closed(motion_id) and not self._manages(element):
            raise BadRequest(f"The state of {make_fqid('motion', motion_id)} does not allow support.")

    def _peeked_motion(self, element: Fields) -> int | None:
        if "id" not in element:
            motion_id: int | None = element["motion_id"]
            return motion_id
        supporter = self.uow.peek(_COLLECTION, element["id"], "motion_id")
        return supporter["motion_id"] if supporter else None

    def _is_closed(self, motion_id: int) -> bool:
        state_id = self.uow.get("motion", motion_id, "state_id")["state_id"]
        if state_id is None:
            return False
        return self.uow.find_fields("motion_state", state_id, "allow_support")["allow_support"] is False

    def _manages(self, element: Fields) -> bool:
        meeting_id = self.action.meeting_id(element)
        return self.run.context.internal or (
            meeting_id is not None and self.run.checker.has_permission(meeting_id, _MANAGES)
        )


class MotionSupporterCreate(CreatePerson):
    """Support a motion, or enter that somebody does."""

    name = "motion_supporter.create"
    model = MotionSupporter
    payload = Payload(MotionSupporter, required=LINK)
    permission = _may_support
    result_is_null = True
    trusts_insiders = True
    parts = (_SupportIsOpen(),)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        tell_motions(self, elements, _CHANGED)


class MotionSupporterDelete(DeleteAction):
    """Withdraw the support of a motion."""

    name = "motion_supporter.delete"
    model = MotionSupporter
    permission = _may_withdraw
    result_is_null = True
    parts = (Stored("motion_id"), _SupportIsOpen(outside_only=True))

    def tell_history(self, elements: Sequence[Fields]) -> None:
        tell_motions(self, elements, _CHANGED)


class MotionSupporterUpdate(UpdateAction):
    """Make it the support of another account, when accounts are merged."""

    name = "motion_supporter.update"
    model = MotionSupporter
    payload = Payload(MotionSupporter, required=["id"], optional=["meeting_user_id"])
    visibility = Visibility.BACKEND_INTERNAL
