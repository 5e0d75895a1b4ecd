"""Makes `meeting_user`s of what users had for each of their meetings up to index 44."""

from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.template_fields import structured, take
from openslides_backend.shared.fqid import make_fqid

_MOVED: Final = {
    ("comment_", ""): "comment",
    ("number_", ""): "number",
    ("structure_level_", ""): "structure_level",
    ("about_me_", ""): "about_me",
    ("vote_weight_", ""): "vote_weight",
    ("group_", "_ids"): "group_ids",
    ("speaker_", "_ids"): "speaker_ids",
    ("personal_note_", "_ids"): "personal_note_ids",
    ("supported_motion_", "_ids"): "supported_motion_ids",
    ("submitted_motion_", "_ids"): "motion_submitter_ids",
    ("assignment_candidate_", "_ids"): "assignment_candidate_ids",
    ("chat_message_", "_ids"): "chat_message_ids",
}
"""Names of participants' fields, by what stood before and behind the meeting."""
_DELEGATED_TO, _DELEGATIONS_FROM = ("vote_delegated_", "_to_id"), ("vote_delegations_", "_from_ids")

_OF_USERS = ("personal_note", "speaker", "motion_submitter", "assignment_candidate", "chat_message")
_LISTS_OF_USERS = (("group", "user_ids", "meeting_user_ids"), ("motion", "supporter_ids", "supporter_meeting_user_ids"))


def make_meeting_users(data: Data) -> None:
    """Make a `meeting_user` for each user and meeting, and let everything name these instead of the users.

    Raises MigrationFailed.
    """
    maker = _Maker(data)
    for user in data.models("user"):
        maker.move(user)
    for user in data.models("user"):
        maker.delegate(user)
    for collection in _OF_USERS:
        for model in data.models(collection):
            maker.rename_user(model)
    for collection, old, new in _LISTS_OF_USERS:
        for model in data.models(collection):
            maker.rename_users(model, old, new)


class _Maker:
    def __init__(self, data: Data) -> None:
        self._data = data
        self._meetings = {str(meeting.id): meeting for meeting in data.models("meeting")}
        self._members = {
            (member.id_of("meeting_id"), member.id_of("user_id")): member for member in data.models("meeting_user")
        }

    def move(self, user: Model) -> None:
        """Move what the user has for each meeting; what belongs to meetings that aren't there is dropped."""
        for (start, end), name in _MOVED.items():
            for replacement, value in take(user, start, end).items():
                if (meeting := self._meetings.get(replacement)) is not None:
                    self._member(meeting, user).fields[name] = value

    def delegate(self, user: Model) -> None:
        """Turn delegations of votes into those of participants."""
        for replacement, name in structured(user, *_DELEGATED_TO).items():
            meeting, other_id = self._meetings.get(replacement), user.id_of(name)
            if meeting is not None and other_id is not None:
                member_id = self._member_id(meeting, other_id, user, name)
                self._member(meeting, user).set(vote_delegated_to_id=member_id)
        for replacement, name in structured(user, *_DELEGATIONS_FROM).items():
            if (meeting := self._meetings.get(replacement)) is not None:
                ids = [self._member_id(meeting, other_id, user, name) for other_id in user.ids(name)]
                self._member(meeting, user).set(vote_delegations_from_ids=ids)
        take(user, *_DELEGATED_TO)
        take(user, *_DELEGATIONS_FROM)

    def rename_user(self, model: Model) -> None:
        """Let a model name the participant."""
        user_id = model.id_of("user_id")
        if user_id is not None:
            model.set(meeting_user_id=self._member_id(self._meeting_of(model), user_id, model, "user_id"))
        model.pop("user_id")

    def rename_users(self, model: Model, old: str, new: str) -> None:
        """Let a model name participants in a list."""
        if user_ids := model.ids(old):
            meeting = self._meeting_of(model)
            model.fields[new] = [self._member_id(meeting, user_id, model, old) for user_id in user_ids]
        elif old in model.fields:
            model.put_list(new, model.ids(new))
        model.pop(old)

    def _meeting_of(self, model: Model) -> Model:
        meeting = self._meetings.get(str(model.id_of("meeting_id")))
        if meeting is None:
            raise model.failure("meeting_id", "must name a meeting that is among the data")
        return meeting

    def _member_id(self, meeting: Model, user_id: int, model: Model, name: str) -> int:
        user = self._data.find("user", user_id)
        if user is None:
            raise model.failure(name, f"there is no {make_fqid('user', user_id)} among the data")
        return self._member(meeting, user).id

    def _member(self, meeting: Model, user: Model) -> Model:
        member = self._members.get((meeting.id, user.id))
        if member is None:
            member = self._data.create("meeting_user", meeting_id=meeting.id, user_id=user.id)
            self._members[meeting.id, user.id] = member
            meeting.append("meeting_user_ids", member.id)
            user.append("meeting_user_ids", member.id)
        return member
