"""Participants' private notes on motions (small_collections.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.requester import OwnMeetingUser
from openslides_backend.engine.action import blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, Related, same
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import PersonalNote
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.questions import existing, meeting_of, model
from openslides_backend.permissions.rules import Inquiry, Verdict, all_of, logged_in, rule
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

_USER_FIELDS = ("meeting_ids", "meeting_user_ids")


@rule
def _takes_part(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user is in the meeting of the content object; management levels are of no use."""
    meeting_id = yield from meeting_of(*element.fqid("content_object_id"))
    user = (yield from model("user", inquiry.user_id, *_USER_FIELDS)) or {}
    return None if meeting_id in user.get("meeting_ids", ()) else f"You are not in meeting {meeting_id}."


@rule
def _owns_note(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user is in the note's meeting, and it is his own note."""
    note = yield from existing("personal_note", element.id("id"), "meeting_id", "meeting_user_id")
    user = (yield from model("user", inquiry.user_id, *_USER_FIELDS)) or {}
    in_meeting = note.get("meeting_id") in user.get("meeting_ids", ())
    own = note.get("meeting_user_id") in user.get("meeting_user_ids", ())
    return None if in_meeting and own else "It is not your own note, or you are no longer in its meeting."


class PersonalNoteCreate(CreateAction):
    """Note down something about a motion, or mark it with a star; one note a participant and motion."""

    name = "personal_note.create"
    model = PersonalNote
    payload = Payload(
        PersonalNote, required=["content_object_id"], optional=["star", "note"], not_null=["meeting_user_id"]
    )
    permission = all_of(logged_in, _takes_part)
    meeting_source = "content_object_id"

    parts = (OwnMeetingUser(), Related("meeting_user_id", "meeting_id"))
    content_object = Related("content_object_id")
    same_note = Matching("personal_note", same("meeting_user_id", "content_object_id"))

    def check_early(self, elements: Sequence[Fields]) -> None:
        may_name_author = self.nested or self.run.context.internal
        for index, element in enumerate(elements):
            with blaming(index):
                if "meeting_user_id" in element and not may_name_author:
                    raise BadRequest("meeting_user_id can't be chosen.")
                if not self.uow.exists(*split_fqid(element["content_object_id"])):
                    raise ModelDoesNotExist(element["content_object_id"])

    def prepare(self, elements: list[Fields]) -> None:
        self.uow.prefetch(self.same_note.reads(elements))  # whose notes they are is known only now

    def check(self, element: Fields) -> None:
        if not element.get("star") and not element.get("note"):
            raise BadRequest("A note needs a star or a text.")
        if self.same_note.of(element):
            raise BadRequest(f"There is a note on {element['content_object_id']} already.")


class PersonalNoteUpdate(UpdateAction):
    """Change one's own note."""

    name = "personal_note.update"
    model = PersonalNote
    payload = Payload(PersonalNote, required=["id"], optional=["star", "note"])
    permission = all_of(logged_in, _owns_note)


class PersonalNoteDelete(DeleteAction):
    """Delete one's own note."""

    name = "personal_note.delete"
    model = PersonalNote
    permission = all_of(logged_in, _owns_note)
