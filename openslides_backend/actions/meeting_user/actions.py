"""Create, change and delete participants; only by other actions, which do the permission checks."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from openslides_backend.actions.meeting_user.delegation import DELEGATIONS, Delegations
from openslides_backend.actions.meeting_user.history import ParticipantHistory, added_to_meeting
from openslides_backend.actions.meeting_user.leaving import PRESENT, leave_meetings, waiting_speakers
from openslides_backend.actions.meeting_user.parts import Affiliations, FoundOrNew, NoAnonymousGroup, OneInMeeting
from openslides_backend.actions.shared.locked_out import LockedOut
from openslides_backend.actions.shared.participation import FIELDS, Pair
from openslides_backend.engine.action import Action, Part, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Author, Stored
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.models import MeetingUser
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, PayloadError
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_DATA_FIELDS = ("comment", "about_me", "number", "vote_weight", "locked_out", "group_ids", "structure_level_ids")
_LISTS = ("group_ids", "structure_level_ids", "vote_delegations_from_ids")


class _ParticipantAction(Action):
    """Base of actions whose elements hold data of meeting_users."""

    model = MeetingUser
    visibility = Visibility.BACKEND_INTERNAL
    parts: ClassVar[tuple[Part, ...]] = (NoAnonymousGroup(), Affiliations(), Author())

    def clean(self, element: Any) -> Fields:
        """As every action; null stands for an empty list."""
        cleaned = super().clean(element)
        return {name: [] if value is None and name in _LISTS else value for name, value in cleaned.items()}


class MeetingUserCreate(_ParticipantAction, CreateAction):
    """Make a user known in a meeting; a participant only with groups."""

    name = "meeting_user.create"
    payload = Payload(MeetingUser, required=["user_id", "meeting_id"], optional=_DATA_FIELDS)
    parts = (OneInMeeting(), LockedOut())

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            fqid = make_fqid("user", element["user_id"])
            self.tell(fqid, *added_to_meeting(element, element["meeting_id"]))


class MeetingUserUpdate(_ParticipantAction, UpdateAction):
    """Change the data of a participant; delegations are the business of `meeting_user.set_data`."""

    name = "meeting_user.update"
    payload = Payload(
        MeetingUser,
        required=["id"],
        optional=[
            *_DATA_FIELDS,
            "assignment_candidate_ids",
            "motion_working_group_speaker_ids",
            "motion_editor_ids",
            "motion_supporter_ids",
            "motion_submitter_ids",
            "chat_message_ids",
        ],
    )
    parts = (Stored(*FIELDS), LockedOut(), ParticipantHistory())


class MeetingUserSetData(_ParticipantAction, UpdateAction):
    """Change the data of a user in a meeting, whether he has a meeting_user there or not."""

    name = "meeting_user.set_data"
    payload = Payload(
        MeetingUser,
        optional=[*_DATA_FIELDS, *DELEGATIONS],
        extra_optional={"id": ID, "user_id": ID, "meeting_id": ID},
    )
    parts = (Stored(*FIELDS), Delegations())
    found = FoundOrNew()
    history = ParticipantHistory()

    def clean(self, element: Any) -> Fields:
        """As every action; the meeting_user must be named.

        Raises PayloadError.
        """
        cleaned = super().clean(element)
        if "id" not in cleaned and not {"user_id", "meeting_id"} <= cleaned.keys():
            raise PayloadError("Either 'id' or both 'user_id' and 'meeting_id' must be given.", field="id")
        return cleaned

    def changes(self, elements: Iterable[Fields]) -> list[Fields]:
        """Also of the meeting_users that were found by user and meeting."""
        return super().changes(self.found.resolved(list(elements)))

    def prepare(self, elements: list[Fields]) -> None:
        self.history.created = self.found.created

    def check(self, element: Fields) -> None:
        stored = self.stored(element)
        for name in ("user_id", "meeting_id"):
            if name in element and element[name] != stored[name]:
                raise BadRequest(f"{name} of meeting_user/{element['id']} can not be changed.", field=name)

    def result(self, element: Fields) -> Fields | None:
        """The id of the meeting_user."""
        return {"id": element["id"]}


class MeetingUserDelete(DeleteAction):
    """Remove a user from a meeting; what he did there stays without him."""

    name = "meeting_user.delete"
    model = MeetingUser
    payload = Payload(MeetingUser, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
    parts = (Stored("user_id", "meeting_id"), Author())

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [filter_query("speaker", waiting_speakers({element["id"] for element in elements}), "id")]

    def begin(self, elements: Sequence[Fields]) -> None:
        """With a user or a meeting that is deleted itself the presence goes by itself."""
        pairs = [pair for element in elements if all(pair := self._pair(element["id"]))]
        pairs = [pair for pair in pairs if not self.uow.is_deleting("meeting", pair[1])]
        users = models_query("user", (user_id for user_id, _ in pairs), PRESENT)
        self.uow.prefetch([users, models_query("meeting", (meeting_id for _, meeting_id in pairs), "id")])
        leave_meetings(self, {element["id"] for element in elements}, pairs)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            user_id, meeting_id = self._pair(element["id"])
            if user_id and meeting_id:
                meeting = make_fqid("meeting", meeting_id)
                self.tell(make_fqid("user", user_id), "Participant removed from meeting {}", meeting)

    def _pair(self, id_: int) -> Pair:
        user_id, meeting_id = (self.uow.last_value("meeting_user", id_, name) for name in ("user_id", "meeting_id"))
        return user_id or 0, meeting_id or 0
