"""Lists of speakers (list_of_speakers.md); the speakers themselves are in their own module."""

from collections.abc import Sequence

from openslides_backend.actions.speaker.states import is_interposed_question, is_started, same_kind
from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, OfMeeting, same
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import ListOfSpeakers
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import all_of, in_meeting, unless_given, when_given
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models

_SPEAKER_FIELDS = (
    "list_of_speakers_id",
    "meeting_user_id",
    "begin_time",
    "end_time",
    "weight",
    "speech_state",
    "point_of_order",
)


class ListOfSpeakersCreate(CreateAction):
    """Create the list of speakers of a content object; only together with that object."""

    name = "list_of_speakers.create"
    model = ListOfSpeakers
    payload = Payload(ListOfSpeakers, required=["content_object_id"])
    visibility = Visibility.NEVER
    meeting_source = "content_object_id"
    parts = (OfMeeting("list_of_speakers_initially_closed"),)

    def fill(self, element: Fields) -> None:
        element["closed"] = bool(self.meeting(element).get("list_of_speakers_initially_closed"))


class ListOfSpeakersUpdate(UpdateAction):
    """Open or close a list, or change its moderator notes."""

    name = "list_of_speakers.update"
    model = ListOfSpeakers
    payload = Payload(ListOfSpeakers, required=["id"], optional=["closed", "moderator_notes"])
    permission = all_of(
        when_given("moderator_notes", in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE_MODERATOR_NOTES)),
        when_given("closed", in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)),
        unless_given("moderator_notes", in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)),
    )


class ListOfSpeakersDelete(DeleteAction):
    """Delete a list with its speakers, structure level lists and projections; by cascade."""

    name = "list_of_speakers.delete"
    model = ListOfSpeakers
    visibility = Visibility.BACKEND_INTERNAL


class ListOfSpeakersDeleteAllSpeakers(Action):
    """Delete all speakers of a list, whatever they do; countdowns and structure level times stay as they are."""

    name = "list_of_speakers.delete_all_speakers"
    model = ListOfSpeakers
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    result_is_null = True

    speakers = Matching("speaker", same(list_of_speakers_id="id"))

    def check(self, element: Fields) -> None:
        self.uow.get("list_of_speakers", element["id"], "id")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Without the effects of `speaker.delete`."""
        speakers = list({id_: None for element in elements for id_ in self.speakers.of(element)})
        model = self.run.models["speaker"]
        with self.run.deletion as deletion:
            deletion.load(model, speakers)
            deletion.delete(model, speakers)


class ListOfSpeakersReAddLast(Action):
    """Put the speaker who finished last back in front of the waiting ones."""

    name = "list_of_speakers.re_add_last"
    model = ListOfSpeakers
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    parts = (OfMeeting("list_of_speakers_allow_multiple_speakers"),)

    speakers = Matching("speaker", same(list_of_speakers_id="id"), *_SPEAKER_FIELDS)

    def check(self, element: Fields) -> None:
        speakers = self.speakers.of(element)
        if not speakers:
            raise BadRequest("The list has no speakers.")
        self._check_last(element, speakers, self._last_finished(speakers))

    def apply(self, element: Fields) -> None:
        """Reset the last speaker."""
        speakers = self.speakers.of(element)
        self.uow.update(
            "speaker",
            self._last_finished(speakers),
            {
                "begin_time": None,
                "end_time": None,
                "unpause_time": None,
                "total_pause": None,
                "weight": min(speaker.get("weight") or 0 for speaker in speakers.values()) - 1,
            },
        )

    @staticmethod
    def _last_finished(speakers: Models) -> int:
        finished = {id_: speaker for id_, speaker in speakers.items() if speaker.get("end_time") is not None}
        if not finished:
            raise BadRequest("No speaker of the list has finished.")

        def order(id_: int) -> tuple[int, bool, int]:
            speaker = finished[id_]
            return -speaker["end_time"], is_interposed_question(speaker), speaker.get("weight") or 0

        return min(finished, key=order)

    def _check_last(self, element: Fields, speakers: Models, last_id: int) -> None:
        last = speakers[last_id]
        others = [s for id_, s in speakers.items() if id_ != last_id and s.get("end_time") is None]
        if is_interposed_question(last) and not any(map(is_started, others)):
            raise BadRequest("An interposed question can only be added again while somebody speaks.")
        if self.meeting(element).get("list_of_speakers_allow_multiple_speakers") or "meeting_user_id" not in last:
            return
        for speaker in others:
            if speaker.get("meeting_user_id") == last["meeting_user_id"] and same_kind(speaker, last):
                raise BadRequest("The last speaker is already on the list again.")
