"""Sections for comments on motions (motion_objects.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, OfMeeting, Stored, same
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.models.models import MotionCommentSection
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.typing import Fields, Models

_ACCESS = ("read_group_ids", "write_group_ids", "submitter_can_write")
_COMMENT = ("motion_id", "section_id")
_NAMED = 3


class _Writers(OfMeeting):
    """The meeting's group for anonymous users may not write, whether or not it is in use."""

    def __init__(self) -> None:
        super().__init__("anonymous_group_id")

    def check(self, element: Fields) -> None:
        anonymous = self.action.meeting(element)["anonymous_group_id"]
        if anonymous is not None and anonymous in (element.get("write_group_ids") or ()):
            raise InvalidField("write_group_ids", "Anonymous users can not write comments.")


class MotionCommentSectionCreate(CreateAction):
    """Create a section."""

    name = "motion_comment_section.create"
    model = MotionCommentSection
    payload = Payload(MotionCommentSection, required=["name", "meeting_id"], optional=_ACCESS)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (_Writers(),)


class MotionCommentSectionUpdate(UpdateAction):
    """Change a section's name, or who may read and write in it."""

    name = "motion_comment_section.update"
    model = MotionCommentSection
    payload = Payload(MotionCommentSection, required=["id"], optional=["name", *_ACCESS])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (_Writers(),)


class MotionCommentSectionDelete(DeleteAction):
    """Delete a section in which there are no comments."""

    name = "motion_comment_section.delete"
    model = MotionCommentSection
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    parts = (Stored("comment_ids"),)
    named = Matching("motion_comment", same(section_id="id"), *_COMMENT)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        sections = [self.uow.peek("motion_comment_section", element["id"], *self.stored_names) for element in elements]
        listed = {id_ for section in sections if section for id_ in section["comment_ids"] or ()}
        return [GetMany("motion_comment", tuple(sorted(listed)), _COMMENT)] if listed else []

    def check(self, element: Fields) -> None:
        if self.nested:  # a cascade may delete the comments, too, but later: the engine looks at them in the end
            return
        comments = self.named.of(element)
        comments.update(self.uow.get_many("motion_comment", self.stored(element)["comment_ids"] or (), *_COMMENT))
        if comments:
            raise BadRequest(f"The section has comments still: {self._named(comments)}.")

    @staticmethod
    def _named(comments: Models) -> str:
        """The first motions with comments, and whether there are more."""
        ids = sorted({comment["motion_id"] for comment in comments.values() if "motion_id" in comment})
        named = ", ".join(f"motion {id_}" for id_ in ids[:_NAMED])
        return f"{named} and others" if len(ids) > _NAMED else named


class MotionCommentSectionSort(LinearSortAction):
    """Give all sections of a meeting a new order."""

    name = "motion_comment_section.sort"
    model = MotionCommentSection
    payload = linear_payload(MotionCommentSection, "meeting_id", "motion_comment_section_ids")
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    main_key = main_field = "meeting_id"
    ids_key = "motion_comment_section_ids"
