"""Fields that were there once for each of several replacements are fields of models like all others.

What users had for each meeting moves to a model of its own, `meeting_user`.
"""

from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.meeting_users import make_meeting_users
from openslides_backend.migrations.template_fields import structured, take

_PROJECTED: Final = {
    "agenda_all_items": "agenda_item_list",
    "topics": "topic",
    "projector_countdowns": "countdown",
    "projector_message": "message",
}
"""New names of what default projectors are for."""

_JOINED: Final = {
    ("poll_voted_", "_ids"): "poll_voted_ids",
    ("option_", "_ids"): "option_ids",
    ("vote_", "_ids"): "vote_ids",
    ("vote_delegated_vote_", "_ids"): "delegated_vote_ids",
}
"""Fields of users that need no meeting, since what they name belongs to one."""


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        _rename(meeting, "logo_", "_id", "logo_{}_id")
        _rename(meeting, "font_", "_id", "font_{}_id")
        _rename(meeting, "default_projector_", "_ids", "default_projector_{}_ids")
    for projector in data.models("projector"):
        _rename(projector, "used_as_default_", "_in_meeting_id", "used_as_default_projector_for_{}_in_meeting_id")
    for mediafile in data.models("mediafile"):
        _rename(mediafile, "used_as_logo_", "_in_meeting_id", "used_as_logo_{}_in_meeting_id")
        _rename(mediafile, "used_as_font_", "_in_meeting_id", "used_as_font_{}_in_meeting_id")
    for user in data.models("user"):
        # It is no matter of meetings, see step 12; what was exported later has it all the same.
        take(user, "committee_", "_management_level")
        for (start, end), name in _JOINED.items():
            _join(user, start, end, name)
    make_meeting_users(data)


def _rename(model: Model, start: str, end: str, pattern: str) -> None:
    for replacement, value in take(model, start, end).items():
        model.fields[pattern.format(_PROJECTED.get(replacement, replacement))] = value


def _join(user: Model, start: str, end: str, name: str) -> None:
    names = structured(user, start, end).values()
    joined = [id_ for field in names for id_ in user.ids(field)]
    take(user, start, end)
    if names:
        user.fields[name] = list(dict.fromkeys(joined))
