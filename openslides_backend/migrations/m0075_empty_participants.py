"""Participants without groups are none any longer."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.relations import remove


def migrate(data: Data) -> None:
    gone = {member.id for member in data.models("meeting_user") if not member.ids("group_ids")}
    notes = {note.id for note in data.models("personal_note") if note.id_of("meeting_user_id") in gone}
    speakers = {
        speaker.id
        for speaker in data.models("speaker")
        if speaker.id_of("meeting_user_id") in gone and speaker.get("begin_time") is None
    }
    remove(data, {"meeting_user": gone, "personal_note": notes, "speaker": speakers})
