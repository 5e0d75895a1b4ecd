"""Sections for comments on motions (motion_objects.md)."""

from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import OfMeeting
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MotionCommentSection
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields, Models

_ACCESS = ("read_group_ids", "write_group_ids", "submitter_can_write")
_COMMENT = ("motion_id", "section_id")
_NAMED = 3


def _check_anonymous_can_not_write(action: Action, element: Fields) -> None:
    """Raises BadRequest if the meeting's group for anonymous users may write, whether or not it is in use."""
    anonymous = action.meeting(element).get("anonymous_group_id")
    if anonymous is not None and anonymous in (element.get("write_group_ids") or ()):
        raise BadRequest("write_group_ids: Anonymous users can not write comments.")


class MotionCommentSectionCreate(CreateAction):
    """Create a section."""

    name = "motion_comment_section.create"
    model = MotionCommentSection
    payload = Payload(MotionCommentSection, required=["name", "meeting_id"], optional=_ACCESS)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (OfMeeting("anonymous_group_id"),)

    def check(self, element: Fields) -> None:
        _check_anonymous_can_not_write(self, element)


class MotionCommentSectionUpdate(UpdateAction):
    """Change a section's name, or who may read and write in it."""

    name = "motion_comment_section.update"
    model = MotionCommentSection
    payload = Payload(MotionCommentSection, required=["id"], optional=["name", *_ACCESS])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (OfMeeting("anonymous_group_id"),)

    def check(self, element: Fields) -> None:
        _check_anonymous_can_not_write(self, element)


class MotionCommentSectionDelete(DeleteAction):
    """Delete a section in which there are no comments."""

    name = "motion_comment_section.delete"
    model = MotionCommentSection
    payload = Payload(MotionCommentSection, required=["id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def prepare(self, elements: list[Fields]) -> None:
        if not self.nested:  # a cascade may delete the comments, too, but later: the engine looks at them in the end
            self._check_empty(elements)

    def _check_empty(self, elements: list[Fields]) -> None:
        sections = self.uow.get_many("motion_comment_section", [element["id"] for element in elements], "comment_ids")
        listed = {id_: section.get("comment_ids") or [] for id_, section in sections.items()}
        all_listed = tuple(comment_id for ids in listed.values() for comment_id in ids)
        scope = any_of("section_id", set(sections))
        self.uow.prefetch(
            [
                filter_query("motion_comment", scope, *_COMMENT),
                GetMany("motion_comment", all_listed, _COMMENT),
            ]
        )
        found = self.uow.filter("motion_comment", scope, *_COMMENT)
        for index, element in enumerate(elements):
            own = {id_: comment for id_, comment in found.items() if comment["section_id"] == element["id"]}
            own.update(self.uow.get_many("motion_comment", listed.get(element["id"], ()), *_COMMENT))
            if own:
                with blaming(index):
                    raise BadRequest(f"The section has comments still: {self._named(own)}.")

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
