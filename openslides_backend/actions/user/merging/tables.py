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
    """What becomes of each field of a model."""

    model: type[Model]
    rows: Mapping[str, Merge | Fate]

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
        "organization_management_level": highest_level,
        "can_change_own_password": any_true,
        **dict.fromkeys(
            (
                "committee_management_ids",
                "option_ids",
                "poll_candidate_ids",
                "poll_voted_ids",
                "vote_ids",
                "delegated_vote_ids",
                "history_entry_ids",
                "history_position_ids",
            ),
            union,
        ),
        "is_present_in_meeting_ids": Fate.OWN_RULE,
        "meeting_user_ids": Fate.OBJECTS,
        **dict.fromkeys(("id", "committee_ids", "meeting_ids"), Fate.FOLLOWS),
        **dict.fromkeys(
            (
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
            ),
            Fate.STAYS,
        ),
    },
)

MEETING_USER = Table(
    MeetingUser,
    {
        **dict.fromkeys(("comment", "number", "about_me", "vote_delegated_to_id"), first),
        "vote_weight": first_weight,
        "locked_out": of_main,
        **dict.fromkeys(("group_ids", "structure_level_ids", "vote_delegations_from_ids"), union),
        **dict.fromkeys(
            (
                "personal_note_ids",
                "speaker_ids",
                "assignment_candidate_ids",
                "motion_supporter_ids",
                "motion_submitter_ids",
                "motion_editor_ids",
                "motion_working_group_speaker_ids",
                "chat_message_ids",
            ),
            Fate.OBJECTS,
        ),
        **dict.fromkeys(("id", "user_id", "meeting_id"), Fate.FOLLOWS),
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

    `relation` is the field of the participant that names them. They are copied if `created_by` names the action that
    takes the copies, else moved. `agreed` are the fields that must not differ where several become one. History tells
    the model that `told` names, with that text.
    """

    relation: str
    table: Table
    equivalent: Equivalent
    created_by: str = ""
    agreed: tuple[str, ...] = ()
    told: tuple[str, str] | None = None

    @property
    def collection(self) -> str:
        """The collection of the objects."""
        return self.table.model.collection

    def copied(self, objects: Sequence[ReadOnlyFields]) -> Fields:
        """What the copy of a group is made of; nothing if it would say nothing, as notes without star and text."""
        values = self.table.merged(objects)
        if self.table is NOTE and not (values.get("star") or values.get("note")):
            return {}
        return {"weight": None, **values} if self.table is SPEECH else values


def _people(model: type[Model], place: str) -> Table:
    """People of a motion or an election, who have an order unless they are supporters."""
    order: dict[str, Merge | Fate] = {"weight": lowest} if "weight" in model.fields else {}
    return Table(model, {**order, **dict.fromkeys(("id", "meeting_id", "meeting_user_id", place), Fate.FOLLOWS)})


def _people_of_motions(relation: str, model: type[Model], text: str = "") -> Kind:
    told = ("motion", text) if text else None
    return Kind(relation, _people(model, "motion_id"), _same("motion_id"), told=told)


NOTE = Table(
    PersonalNote,
    {
        "content_object_id": of_main,
        "note": first,
        "star": any_true,
        **dict.fromkeys(("id", "meeting_id", "meeting_user_id"), Fate.FOLLOWS),
    },
)
SPEECH = Table(
    Speaker,
    {
        "weight": lowest,
        **dict.fromkeys(
            (
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
            ),
            of_main,
        ),
        "pause_time": Fate.STAYS,
        **dict.fromkeys(("id", "meeting_id", "meeting_user_id"), Fate.FOLLOWS),
    },
)
_CHAT = Table(
    ChatMessage,
    {
        **dict.fromkeys(("content", "created", "chat_group_id"), Fate.STAYS),
        **dict.fromkeys(("id", "meeting_id", "meeting_user_id"), Fate.FOLLOWS),
    },
)

KINDS = (
    Kind("personal_note_ids", NOTE, _same("content_object_id"), created_by="personal_note.create"),
    Kind(
        "speaker_ids",
        SPEECH,
        _waiting_alike,
        created_by="speaker.create_for_merge",
        agreed=("speech_state", "point_of_order_category_id", "structure_level_list_of_speakers_id", "note"),
    ),
    Kind(
        "assignment_candidate_ids",
        _people(AssignmentCandidate, "assignment_id"),
        _same("assignment_id"),
        told=("assignment", "Candidates merged"),
    ),
    _people_of_motions("motion_supporter_ids", MotionSupporter, "Supporters merged"),
    _people_of_motions("motion_submitter_ids", MotionSubmitter, "Submitters merged"),
    _people_of_motions("motion_editor_ids", MotionEditor),
    _people_of_motions("motion_working_group_speaker_ids", MotionWorkingGroupSpeaker),
    Kind("chat_message_ids", _CHAT, _never),
)
"""In the order in which they are merged."""

ENTITLED = {
    "user_merged_into_id": "user_id",
    "delegation_user_merged_into_id": "vote_delegated_to_user_id",
}
"""Keys of entries of `poll.entitled_users_at_stop`: those that tell whom somebody was merged into, with those that tell
who he was before."""
