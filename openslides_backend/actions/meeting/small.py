"""Actions of meetings that change but one thing."""

from openslides_backend.actions.shared.projectors import DEFAULT_PROJECTORS, USED_AS_DEFAULT
from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.run import Results
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.typing import Fields


class MeetingDeleteAllSpeakersOfAllLists(Action):
    """Delete all speakers, whatever they do; countdowns and structure level times stay as they are."""

    name = "meeting.delete_all_speakers_of_all_lists"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    result_is_null = True
    parts = (OfMeeting("list_of_speakers_ids"),)

    def work(self, elements: list[Fields]) -> Results:
        """Delete the speakers without the effects of `speaker.delete`."""
        meetings = [self.uow.get("meeting", element["id"], *self.meeting_names) for element in elements]
        lists = [id_ for meeting in meetings for id_ in meeting.get("list_of_speakers_ids", ())]
        found = self.uow.get_many("list_of_speakers", lists, "speaker_ids").values()
        speakers = [id_ for list_ in found for id_ in list_.get("speaker_ids", ())]
        model = self.run.models["speaker"]
        with self.run.deletion as deletion:
            deletion.load(model, speakers)
            deletion.delete(model, [id_ for id_ in dict.fromkeys(speakers) if self.uow.is_live("speaker", id_)])
        return []


class MeetingReplaceProjectorId(UpdateAction):
    """Let other projectors show what one of them did by default; if there are none, the reference projector."""

    name = "meeting.replace_projector_id"
    model = Meeting
    payload = Payload(Meeting, required=["id"], extra_required={"projector_id": ID})
    visibility = Visibility.BACKEND_INTERNAL
    result_is_null = True
    parts = (Stored("reference_projector_id", *DEFAULT_PROJECTORS),)

    def prepare(self, elements: list[Fields]) -> None:
        meetings = self.uow.get_many("meeting", [element["id"] for element in elements], *self.stored_names)
        references = [m["reference_projector_id"] for m in meetings.values() if "reference_projector_id" in m]
        ids = {*references, *(element["projector_id"] for element in elements)}
        self.uow.load("projector", sorted(ids), "id", *USED_AS_DEFAULT)

    def fill(self, element: Fields) -> None:
        meeting = self.uow.get("meeting", element["id"], *self.stored_names)
        reference = meeting.get("reference_projector_id")
        for name in DEFAULT_PROJECTORS:
            projectors = meeting.get(name, [])
            if element["projector_id"] in projectors:
                others = [id_ for id_ in projectors if id_ != element["projector_id"]]
                element[name] = others or ([] if reference is None else [reference])
