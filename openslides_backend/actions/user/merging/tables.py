"""What becomes of each field of what is merged: the one table of it (user_merge.md).

Every field stands here, each relation to an account or a participant included: a test compares the tables with the
models, so that nothing new is lost in silence.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from openslides_backend.actions.user.merging.values import (
    Merge,
    any_true,
    first,
    first_weight,
    highest_level,
    lowest,
    of_main,
    union,
)
from openslides_backend.models.base import Model
from openslides_backend.models.models import (
    AssignmentCandidate,
    ChatMessage,
    MeetingUser,
    MotionEditor,
    MotionSubmitter,
    MotionSupporter,
    MotionWorkingGroupSpeaker,
    PersonalNote,
    Speaker,
    User,
)
from openslides_backend.shared.typing import Fields, ReadOnlyFields


class Fate(Enum):
    """What becomes of a field whose values aren't merged into one."""

    STAYS = "the main object keeps its own, those of the others go with them"
    FOLLOWS = "comes about by itself: ids, places, calculated fields"
    OBJECTS = "the objects that it names are merged one by one"
    OWN_RULE = "has a rule of its own"


@dataclass(frozen=True)
class Table:
    """What becomes of each field of a model: `fates` names the fields by what becomes of them."""

    model: type[Model]
    fates: Mapping[Merge | Fate, Sequence[str]]

    @cached_property
    def rows(self) -> dict[str, Merge | Fate]:
        """What becomes of it, by field."""
        return {name: fate for fate, names in self.fates.items() for name in names}

    @cached_property
    def merges(self) -> dict[str, Merge]:
        """How values are made, by field."""
        return {name: row for name, row in self.rows.items() if not isinstance(row, Fate)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What has to be read: everything but what stays as it is."""
        return ("id", *(name for name, row in self.rows.items() if row is not Fate.STAYS and name != "id"))

    def merged(self, objects: Sequence[ReadOnlyFields]) -> Fields:
        """The values of the fields that become one, as far as there are any; the main object comes first."""
        values = {name: merge([object_[name] for object_ in objects]) for name, merge in self.merges.items()}
        return {name: value for name, value in values.items() if value is not None}

    def changed(self, objects: Sequence[ReadOnlyFields]) -> Fields:
        """The same, without what the main object has already."""
        return {name: value for name, value in self.merged(objects).items() if value != objects[0][name]}


USER = Table(
    User,
    {
        highest_level: ["organization_management_level"],
        any_true: ["can_change_own_password"],
        union: [
            "committee_management_ids",
            "option_ids",
            "poll_candidate_ids",
            "poll_voted_ids",
            "vote_ids",
            "delegated_vote_ids",
            "history_entry_ids",
            "history_position_ids",
        ],
        Fate.OWN_RULE: ["is_present_in_meeting_ids"],
        Fate.OBJECTS: ["meeting_user_ids"],
        Fate.FOLLOWS: ["id", "committee_ids", "meeting_ids"],
        Fate.STAYS: [
            "username",
            "password",
            "default_password",
            "title",
            "first_name",
            "last_name",
            "pronoun",
            "email",
            "gender_id",
            "is_active",
            "is_physical_person",
            "is_demo_user",
            "default_vote_weight",
            "member_number",
            "saml_id",
            "external",
            "home_committee_id",
            "last_login",
            "last_email_sent",
            "organization_id",
        ],
    },
)

MEETING_USER = Table(
    MeetingUser,
    {
        first: ["comment", "number", "about_me", "vote_delegated_to_id"],
        first_weight: ["vote_weight"],
        of_main: ["locked_out"],
        union: ["group_ids", "structure_level_ids", "vote_delegations_from_ids"],
        Fate.OBJECTS: [
            "personal_note_ids",
            "speaker_ids",
            "assignment_candidate_ids",
            "motion_supporter_ids",
            "motion_submitter_ids",
            "motion_editor_ids",
            "motion_working_group_speaker_ids",
            "chat_message_ids",
        ],
        Fate.FOLLOWS: ["id", "user_id", "meeting_id"],
    },
)

Equivalent = Callable[[ReadOnlyFields, ReadOnlyFields], Hashable]
"""What objects have in common that become one, told from the object and its meeting; None: it never does."""


def _same(name: str) -> Equivalent:
    return lambda object_, _: object_[name]


def _never(_: ReadOnlyFields, __: ReadOnlyFields) -> None:
    return None


SEVERAL_SPEECHES = "list_of_speakers_allow_multiple_speakers"
"""The setting of a meeting in which everybody may wait several times."""


def _waiting_alike(speaker: ReadOnlyFields, meeting: ReadOnlyFields) -> Hashable:
    if meeting[SEVERAL_SPEECHES] or speaker["end_time"] is not None or speaker["answer"]:
        return None
    return speaker["list_of_speakers_id"], bool(speaker["point_of_order"])


@dataclass(frozen=True)
class Kind:
    """Objects that participants have.

    They are copied if `created_by` names the action that
    takes the copies, else moved. `agreed` are the fields that must not differ where several become one. History tells
    the model that `told` names, with that text.
    """

    table: Table
    equivalent: Equivalent
    created_by: str = ""
    agreed: tuple[str, ...] = ()
    told: tuple[str, str] | None = None

    @property
    def collection(self) -> str:
        """The collection of the objects."""
        return self.table.model.collection

    @property
    def relation(self) -> str:
        """The field of the participant that names them."""
        return f"{self.collection}_ids"

    def copied(self, objects: Sequence[ReadOnlyFields]) -> Fields:
        """What the copy of a group is made of; nothing if it would say nothing, as notes without star and text."""
        values = self.table.merged(objects)
        if self.table is NOTE and not (values.get("star") or values.get("note")):
            return {}
        return {"weight": None, **values} if self.table is SPEECH else values


def _people(model: type[Model], place: str, text: str = "") -> Kind:
    """People of a motion or an election, who have an order unless they are supporters."""
    follows, ordered = [*_OF_PARTICIPANT, f"{place}_id"], ["weight"] if "weight" in model.fields else []
    table = Table(model, {lowest: ordered, Fate.FOLLOWS: follows})
    return Kind(table, _same(f"{place}_id"), told=(place, text) if text else None)


_OF_PARTICIPANT = ("id", "meeting_id", "meeting_user_id")
NOTE = Table(
    PersonalNote,
    {of_main: ["content_object_id"], first: ["note"], any_true: ["star"], Fate.FOLLOWS: _OF_PARTICIPANT},
)
SPEECH = Table(
    Speaker,
    {
        lowest: ["weight"],
        of_main: [
            "list_of_speakers_id",
            "begin_time",
            "end_time",
            "unpause_time",
            "total_pause",
            "point_of_order",
            "speech_state",
            "point_of_order_category_id",
            "structure_level_list_of_speakers_id",
            "note",
            "answer",
        ],
        Fate.STAYS: ["pause_time"],
        Fate.FOLLOWS: _OF_PARTICIPANT,
    },
)
_CHAT = Table(ChatMessage, {Fate.STAYS: ["content", "created", "chat_group_id"], Fate.FOLLOWS: _OF_PARTICIPANT})

KINDS = (
    Kind(NOTE, _same("content_object_id"), created_by="personal_note.create"),
    Kind(
        SPEECH,
        _waiting_alike,
        created_by="speaker.create_for_merge",
        agreed=("speech_state", "point_of_order_category_id", "structure_level_list_of_speakers_id", "note"),
    ),
    _people(AssignmentCandidate, "assignment", "Candidates merged"),
    _people(MotionSupporter, "motion", "Supporters merged"),
    _people(MotionSubmitter, "motion", "Submitters merged"),
    _people(MotionEditor, "motion"),
    _people(MotionWorkingGroupSpeaker, "motion"),
    Kind(_CHAT, _never),
)
"""In the order in which they are merged."""

ENTITLED = {
    "user_merged_into_id": "user_id",
    "delegation_user_merged_into_id": "vote_delegated_to_user_id",
}
"""Keys of entries of `poll.entitled_users_at_stop`: those that tell whom somebody was merged into, with those that tell
who he was before."""
