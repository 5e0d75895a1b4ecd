"""The name of what shows the current list of speakers is shortened."""

from openslides_backend.migrations.data import Data

_LIST = "default_projector_current_list_of_speakers_ids"
_PLACE = "used_as_default_projector_for_current_list_of_speakers_in_meeting_id"


def migrate(data: Data) -> None:
    used = set[tuple[int, int]]()
    for meeting in data.models("meeting"):
        used.update((meeting.id, projector_id) for projector_id in meeting.ids(_LIST))
        meeting.rename(_LIST, "default_projector_current_los_ids")
    for projector in data.models("projector"):
        meeting_id = projector.id_of(_PLACE)
        projector.pop(_PLACE)
        if (meeting_id, projector.id) in used:
            projector.set(used_as_default_projector_for_current_los_in_meeting_id=meeting_id)
    for projection in data.models("projection"):
        if projection.get("type") == "current_list_of_speakers":
            projection.set(type="current_los")
