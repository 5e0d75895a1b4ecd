"""Rules that several actions of meetings share (meeting.md, "Shared rules")."""

from collections.abc import Sequence

from openslides_backend.engine.action import Known, blaming
from openslides_backend.engine.parts import Matching, Organization
from openslides_backend.engine.run import Run
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import rights_in
from openslides_backend.permissions.rules import Verdict
from openslides_backend.permissions.user_fields import takes_over_one
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields, ReadOnlyFields

TIMES = ("start_time", "end_time")


def _same_external_id(element: Known) -> Filter | None:
    return equals(external_id=element["external_id"]) if element["external_id"] else None


class ExternalId(Matching):
    """No other meeting of the organization may have the external id; empty ones may repeat."""

    def __init__(self) -> None:
        super().__init__("meeting", _same_external_id)

    def check(self, element: Fields) -> None:
        if self.others(element):
            raise InvalidField("external_id", f"there is a meeting '{element['external_id']}' already.")


class EarlyExternalId(ExternalId):
    """The same for new meetings, which is told even to those without permission."""

    def check_early(self, elements: Sequence[Fields]) -> None:
        seen: set[str] = set()
        for index, element in enumerate(elements):
            with blaming(index):
                super().check(element)
                external_id = element.get("external_id")
                if external_id in seen:
                    raise InvalidField("external_id", f"'{external_id}' is given to two meetings.")
                if external_id:
                    seen.add(external_id)


class RoomForOne(Organization):
    """There must be room for one more active meeting."""

    def __init__(self) -> None:
        super().__init__("limit_of_meetings", "active_meeting_ids")

    def check(self, element: Fields) -> None:
        limit, active = self.record["limit_of_meetings"], self.record["active_meeting_ids"]
        if limit and len(active or ()) >= limit:
            raise BadRequest(f"The limit of {limit} active meetings is reached.")


@question
def refuse_new_rights(user_id: int, element: Element, committee_id: int) -> Steps[Verdict]:
    """Nobody gets rights to an account by naming it for a new meeting (user_permissions.md, section 5)."""
    named = (*element.ids("user_ids"), *element.ids("admin_ids"))
    if (yield from takes_over_one(user_id, named, committee_id)):
        return "This would give you rights for the account of one of the participants."
    return None


def check_not_locked(run: Run, meeting_ids: Sequence[int]) -> None:
    """Who isn't superadmin gets at meetings that are locked from inside with `meeting.can_manage_settings` only.

    Raises ModelDoesNotExist or BadRequest, blamed on the element with the meeting's index.
    """
    locked = []
    for index, id_ in enumerate(meeting_ids):
        with blaming(index):
            if run.uow.get("meeting", id_, "locked_from_inside")["locked_from_inside"]:
                locked.append(index)
    if not locked or run.checker.has_level(Level.SUPERADMIN):
        return
    rights = run.checker.ask_all(rights_in(run.user_id, meeting_ids[index]) for index in locked)
    for index, right in zip(locked, rights, strict=True):
        if not right.has(Permissions.Meeting.CAN_MANAGE_SETTINGS):
            with blaming(index):
                raise BadRequest(f"Meeting {meeting_ids[index]} is locked from inside.")


def check_times(element: Fields, stored: ReadOnlyFields) -> None:
    """A meeting begins before it ends, and does both or neither. Only judged if the element sets one of the times.

    Raises BadRequest.
    """
    if not any(name in element for name in TIMES):
        return
    start, end = (element.get(name, stored.get(name)) for name in TIMES)
    if bool(start) != bool(end):
        raise BadRequest("start_time and end_time: a meeting has both or none of them.")
    if start and end and start > end:
        raise BadRequest("start_time must not be after end_time.")
