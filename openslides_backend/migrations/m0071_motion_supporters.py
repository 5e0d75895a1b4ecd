"""Who supports a motion is told by models."""

from openslides_backend.migrations.data import Data, Model


def migrate(data: Data) -> None:
    for motion in data.models("motion"):
        for member_id in dict.fromkeys(motion.ids("supporter_meeting_user_ids")):
            _add_supporter(data, motion, member_id)
        motion.pop("supporter_meeting_user_ids")
    data.remove_fields("meeting_user", "supported_motion_ids")


def _add_supporter(data: Data, motion: Model, member_id: int) -> None:
    member = data.find("meeting_user", member_id)
    if member is None:
        raise motion.failure("supporter_meeting_user_ids", f"there is no meeting_user/{member_id}")
    meeting_id = motion.id_of("meeting_id")
    supporter = data.create("motion_supporter", motion_id=motion.id, meeting_user_id=member_id, meeting_id=meeting_id)
    motion.append("supporter_ids", supporter.id)
    member.append("motion_supporter_ids", supporter.id)
    if (meeting := data.find("meeting", meeting_id)) is not None:
        meeting.append("motion_supporter_ids", supporter.id)
