"""Take speakers off their lists."""

from collections.abc import Sequence

from openslides_backend.actions.shared.countdown import Command, Coupling, control_coupled_countdown
from openslides_backend.actions.speaker.level_time import stop_level_time
from openslides_backend.actions.speaker.rules import may_remove_speaker
from openslides_backend.actions.speaker.states import COLLECTION, SPEECH_FIELDS, is_speaking, is_unfinished
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.models.models import Speaker
from openslides_backend.shared.typing import Fields


class SpeakerDelete(DeleteAction):
    """Delete speakers, speaking ones included; the weights of others stay."""

    name = "speaker.delete"
    model = Speaker
    permission = may_remove_speaker
    result_is_null = True
    parts = (OfMeeting(*Coupling.LIST_OF_SPEAKERS.meeting_fields), Stored(*SPEECH_FIELDS))

    def begin(self, elements: Sequence[Fields]) -> None:
        speakers = self.uow.get_many(COLLECTION, [element["id"] for element in elements], *SPEECH_FIELDS)
        running = [speaker for speaker in speakers.values() if is_unfinished(speaker)]
        if not running:
            return
        stop_level_time(self, filter(is_speaking, running))
        meetings = {speaker["meeting_id"] for speaker in running if "meeting_id" in speaker}
        self.uow.load("meeting", sorted(meetings), *self.meeting_names)
        for meeting_id in sorted(meetings):
            control_coupled_countdown(self, meeting_id, Coupling.LIST_OF_SPEAKERS, Command.RESET)
