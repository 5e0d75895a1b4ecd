"""Start, interrupt and end speeches."""

from collections.abc import Sequence

from openslides_backend.actions.shared.countdown import Command, Coupling, control_coupled_countdown
from openslides_backend.actions.speaker.level_time import start_level_time, stop_level_time
from openslides_backend.actions.speaker.states import (
    COLLECTION,
    INTERPOSED_QUESTION,
    INTERVENTION,
    SPEECH_FIELDS,
    is_interposed_question,
    is_paused,
    is_speaking,
    is_started,
    is_unfinished,
)
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.run import Results
from openslides_backend.models.models import Speaker
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import And, FieldFilter, Filter, Or, equals
from openslides_backend.shared.typing import Fields

_INTERVENTION_TIME = "list_of_speakers_intervention_time"


def _running_or_asking(list_id: int) -> Filter:
    """Everybody of the list who has begun and not finished, and the interposed questions that wait.

    Those who only queue up are left out, so that they don't get in the way of the chair.
    """
    begun_or_asking = Or(FieldFilter("begin_time", "!=", None), FieldFilter("speech_state", "=", INTERPOSED_QUESTION))
    return And(equals(list_of_speakers_id=list_id), equals(end_time=None), begun_or_asking)


class _SpeechAction(Action):
    """Does something with the speech of one speaker, and with those of others of the list."""

    model = Speaker
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    singular = True
    parts = (OfMeeting(*Coupling.LIST_OF_SPEAKERS.meeting_fields, _INTERVENTION_TIME), Stored(*SPEECH_FIELDS))

    def work(self, elements: list[Fields]) -> Results:
        """See the classes."""
        for element in elements:
            self.perform(self.uow.get(COLLECTION, element["id"], *SPEECH_FIELDS))
        return [None for _ in elements]

    def perform(self, speaker: Fields) -> None:
        """What is to be done with the speech."""
        raise NotImplementedError

    def others(self, speaker: Fields) -> list[Fields]:
        """Other speakers of the list who are speaking or paused, and interposed questions that wait."""
        if "list_of_speakers_id" not in speaker:
            return []
        found = self.uow.filter(COLLECTION, _running_or_asking(speaker["list_of_speakers_id"]), *SPEECH_FIELDS)
        return [other for other in found.values() if other["id"] != speaker["id"]]

    def countdown(self, speaker: Fields, command: Command, default_time: int | None = None) -> None:
        """Command the countdown of lists of speakers."""
        meeting_id = speaker.get("meeting_id")
        control_coupled_countdown(self, meeting_id, Coupling.LIST_OF_SPEAKERS, command, default_time)

    def begin(self, speaker: Fields, command: Command, fields: Fields, default_time: int | None = None) -> None:
        """The speaker speaks from now on."""
        self.uow.update(COLLECTION, speaker["id"], fields)
        self.countdown(speaker, command, default_time)
        start_level_time(self, speaker)

    def pause(self, speakers: Sequence[Fields]) -> None:
        """Those who are speaking pause; the countdown stops."""
        for speaker in speakers:
            self.uow.update(COLLECTION, speaker["id"], {"pause_time": self.run.now})
        stop_level_time(self, speakers)
        if speakers:
            self.countdown(speakers[0], Command.STOP)

    def end(self, speakers: Sequence[Fields], others: Sequence[Fields]) -> None:
        """Those who are speaking or paused have finished; interposed questions among `others` end with a main speaker.

        Waiting questions are deleted.
        """
        ended = [*speakers]
        if not all(map(is_interposed_question, speakers)):
            questions = [other for other in others if is_interposed_question(other)]
            self.execute("speaker.delete", [{"id": other["id"]} for other in questions if not is_started(other)])
            ended += [other for other in questions if is_started(other) and other not in ended]
        for speaker in ended:
            self.uow.update(COLLECTION, speaker["id"], {"end_time": self.run.now, **self.pause_ended(speaker)})
        stop_level_time(self, filter(is_speaking, ended))
        if ended:
            self.countdown(ended[0], Command.RESET)

    def pause_ended(self, speaker: Fields) -> Fields:
        """Fields that account for the pause of a speaker, if he is paused."""
        if not is_paused(speaker):
            return {}
        paused = (speaker.get("total_pause") or 0) + self.run.now - speaker["pause_time"]
        return {"total_pause": paused, "pause_time": None}


class SpeakerSpeak(_SpeechAction):
    """Give a waiting speaker the floor: an interposed question interrupts who is speaking, anybody else ends it."""

    name = "speaker.speak"

    def perform(self, speaker: Fields) -> None:
        if is_started(speaker):
            raise BadRequest("The speaker has begun to speak already.")
        others = self.others(speaker)
        if is_interposed_question(speaker):
            self.pause([other for other in others if is_speaking(other)])
        else:
            self.end([other for other in others if is_unfinished(other)], others)
        self.begin(speaker, Command.RESTART, {"begin_time": self.run.now}, self._default_time(speaker))

    def _default_time(self, speaker: Fields) -> int | None:
        if is_interposed_question(speaker):
            return 0
        if speaker.get("speech_state") == INTERVENTION:
            time: int | None = self.meeting({"id": speaker["id"]}).get(_INTERVENTION_TIME)
            return time
        return None


class SpeakerPause(_SpeechAction):
    """Interrupt a speech."""

    name = "speaker.pause"

    def perform(self, speaker: Fields) -> None:
        if not is_speaking(speaker):
            raise BadRequest("The speaker is not speaking.")
        self.pause([speaker])


class SpeakerUnpause(_SpeechAction):
    """Go on with an interrupted speech; who is speaking instead is interrupted."""

    name = "speaker.unpause"

    def perform(self, speaker: Fields) -> None:
        if not is_paused(speaker):
            raise BadRequest("The speaker is not paused.")
        speaking = [other for other in self.others(speaker) if is_speaking(other)]
        self.pause(speaking[:1])
        self.begin(speaker, Command.START, {"unpause_time": self.run.now, **self.pause_ended(speaker)})


class SpeakerEndSpeech(_SpeechAction):
    """End a speech; that of a main speaker ends all interposed questions with it."""

    name = "speaker.end_speech"
    result_is_null = True

    def perform(self, speaker: Fields) -> None:
        if not is_unfinished(speaker):
            raise BadRequest("The speaker is not speaking.")
        others = [] if is_interposed_question(speaker) else self.others(speaker)
        self.end([speaker], others)
