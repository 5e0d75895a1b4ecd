"""Working group speakers of motions (motion_people.md)."""

from openslides_backend.actions.shared.motion_people import (
    CreateOrderedPerson,
    DeletePerson,
    SortPeople,
    UpdatePerson,
    new_person_payload,
    new_weight_payload,
)
from openslides_backend.engine.sorting import linear_payload
from openslides_backend.models.models import MotionWorkingGroupSpeaker


class MotionWorkingGroupSpeakerCreate(CreateOrderedPerson):
    """Make somebody speak on a motion for its working group."""

    name = "motion_working_group_speaker.create"
    model = MotionWorkingGroupSpeaker
    payload = new_person_payload(MotionWorkingGroupSpeaker)


class MotionWorkingGroupSpeakerDelete(DeletePerson):
    """Take a speaker of the working group away from a motion."""

    name = "motion_working_group_speaker.delete"
    model = MotionWorkingGroupSpeaker


class MotionWorkingGroupSpeakerSort(SortPeople):
    """Arrange those who speak on a motion for its working group."""

    name = "motion_working_group_speaker.sort"
    model = MotionWorkingGroupSpeaker
    payload = linear_payload(MotionWorkingGroupSpeaker, "motion_id", "motion_working_group_speaker_ids")
    ids_key = "motion_working_group_speaker_ids"


class MotionWorkingGroupSpeakerUpdate(UpdatePerson):
    """Give a speaker of the working group another weight."""

    name = "motion_working_group_speaker.update"
    model = MotionWorkingGroupSpeaker
    payload = new_weight_payload(MotionWorkingGroupSpeaker)
