"""Comments on motions (motion_objects.md)."""

from collections.abc import Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, Stored, same
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionComment
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import (
    existing,
    groups_of,
    manages_meeting,
    meeting_user_of,
    models,
    rights_in,
)
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.services.datastore import FilterModels
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_COLLECTION = "motion_comment"
_PLACE = ("motion_id", "section_id")
_SECTION = ("meeting_id", "submitter_can_write", "write_group_ids")


@rule
def _may_comment(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """On the motion that the element names, in the section that it names."""
    motion_id = element.id("motion_id")
    motion = yield from existing("motion", motion_id, "meeting_id")
    return (yield from _verdict(inquiry.user_id, motion["meeting_id"], motion_id, element.id("section_id")))


@rule
def _may_change_comment(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Change or delete a stored comment."""
    comment = yield from existing(_COLLECTION, element.id("id"), "meeting_id", *_PLACE)
    return (yield from _verdict(inquiry.user_id, comment["meeting_id"], comment["motion_id"], comment["section_id"]))


@question
def _verdict(user_id: int, meeting_id: int, motion_id: int, section_id: int) -> Steps[Verdict]:
    if not (yield from rights_in(user_id, meeting_id)).has(Permissions.Motion.CAN_SEE):
        return f"Missing permission in meeting {meeting_id}: {Permissions.Motion.CAN_SEE.value}."
    if user_id <= ANONYMOUS:
        return "Anonymous users are not."
    section = yield from existing("motion_comment_section", section_id, *_SECTION)
    if (yield from _writes_by_group(user_id, section)) or (yield from manages_meeting(user_id, section["meeting_id"])):
        return None
    if section.get("submitter_can_write") and (yield from _is_submitter(user_id, section["meeting_id"], motion_id)):
        return None
    return f"You can not write in {make_fqid('motion_comment_section', section_id)}."


@question
def _writes_by_group(user_id: int, section: Fields) -> Steps[bool]:
    """Whether one of the user's groups is the admin group or may write in the section."""
    group_ids = yield from groups_of(user_id, section["meeting_id"])
    if not group_ids.isdisjoint(section.get("write_group_ids") or ()):
        return True
    groups = yield from models("group", sorted(group_ids), "admin_group_for_meeting_id")
    return any(group.get("admin_group_for_meeting_id") == section["meeting_id"] for group in groups.values())


@question
def _is_submitter(user_id: int, meeting_id: int, motion_id: int) -> Steps[bool]:
    member = yield from meeting_user_of(user_id, meeting_id)
    if member is None:
        return False
    (found,) = yield [
        FilterModels("motion_submitter", equals(motion_id=motion_id, meeting_user_id=member["id"]), ("motion_id",))
    ]
    return bool(found.models)


def _tell_motions(action: Action, elements: Sequence[Fields], text: str) -> None:
    """Tell the motion of each element about the comment's section; only the last comment of a motion counts."""
    sections = {}
    for element in elements:
        motion_id, section_id = (action.uow.last_value(_COLLECTION, element["id"], name) for name in _PLACE)
        if motion_id is not None and section_id is not None:
            sections[motion_id] = section_id
    for motion_id, section_id in sections.items():
        action.tell(make_fqid("motion", motion_id), text, make_fqid("motion_comment_section", section_id))


class MotionCommentCreate(CreateAction):
    """Comment on a motion, once a section."""

    name = "motion_comment.create"
    model = MotionComment
    payload = Payload(MotionComment, required=_PLACE, required_keys=["comment"])
    permission = _may_comment
    meeting_source = "motion_id"

    namesakes = Matching(_COLLECTION, same(*_PLACE), *_PLACE, constant=True)

    def check(self, element: Fields) -> None:
        if self.namesakes.of(element):
            raise InvalidField("section_id", f"The motion has a comment in section {element['section_id']} already.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Comment {} created")


class MotionCommentUpdate(UpdateAction):
    """Change the text of a comment."""

    name = "motion_comment.update"
    model = MotionComment
    payload = Payload(MotionComment, required=["id"], optional=["comment"])
    permission = _may_change_comment
    parts = (Stored(*_PLACE),)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Comment {} updated")


class MotionCommentDelete(DeleteAction):
    """Delete a comment."""

    name = "motion_comment.delete"
    model = MotionComment
    permission = _may_change_comment

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell_motions(self, elements, "Comment {} deleted")
