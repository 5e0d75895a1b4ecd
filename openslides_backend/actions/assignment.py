"""Elections (assignment.md); their candidates are in a module of their own."""

from collections.abc import Iterable, Iterator, Sequence

from openslides_backend.actions.shared.agenda import AgendaItem, ListOfSpeakers
from openslides_backend.actions.shared.attachments import Attachments
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Assignment
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

_OPTIONAL = ("description", "open_posts", "phase", "default_poll_description", "number_poll_candidates", "tag_ids")
_VOTING = "voting"
_ADDS_CANDIDATES = "assignment_poll_add_candidates_to_list_of_speakers"

Speech = tuple[int, int]
"""Ids of a list of speakers and of the meeting user who comes on it."""


class CandidatesSpeak(Part):
    """Candidates come on the list of speakers of their election when its voting begins, if the meeting wants that.

    Not those who are on it already, whatever they do there. The checks of `speaker.create` hold for all.
    """

    meeting_fields = (_ADDS_CANDIDATES,)
    stored_fields = ("phase", "candidate_ids", "list_of_speakers_id")

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        for element in elements:
            if (stored := self._peek_begun(element)) is None or not (candidates := stored["candidate_ids"]):
                continue
            yield GetMany("assignment_candidate", tuple(candidates), ("id", "meeting_user_id"))
            if (list_id := stored["list_of_speakers_id"]) is None:
                continue
            yield filter_query("speaker", _on_list(list_id), "meeting_user_id")
            known = [self.uow.peek("assignment_candidate", id_, "id", "meeting_user_id") for id_ in candidates]
            members = [candidate["meeting_user_id"] for candidate in known if candidate]
            speakers = [_speaker((list_id, member)) for member in members if member is not None]
            yield from self.run.reads_of("speaker.create", speakers, [self.action.meeting_id(element)] * len(speakers))

    def prepare(self, elements: list[Fields]) -> None:
        self._speeches: dict[Speech, int] = {}
        for index, element in enumerate(elements):
            if element.get("phase") == _VOTING and self.uow.exists("assignment", element["id"]):
                stored = self.action.stored(element)
                if self._begins(stored, self.action.meeting(element)):
                    self._speeches.update(dict.fromkeys(self._missing(stored), index))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        speakers = [_speaker(speech) for speech in self._speeches]
        self.action.execute("speaker.create", speakers, list(self._speeches.values()))

    def _peek_begun(self, element: Fields) -> Record | None:
        """The stored election whose voting is going to begin, or may be; None as long as that isn't known."""
        stored = None
        if element.get("phase") == _VOTING and element["id"] is not None:
            stored = self.uow.peek("assignment", element["id"], *self.action.stored_names)
        meeting = self.action.peek_meeting(element)
        begins = stored is not None and (meeting is None or self._begins(stored, meeting))
        return stored if begins else None

    @staticmethod
    def _begins(stored: Record, meeting: Record) -> bool:
        return stored["phase"] != _VOTING and bool(meeting[_ADDS_CANDIDATES])

    def _missing(self, stored: Record) -> Iterator[Speech]:
        """Who has still to come on the list, in the order of the candidates."""
        if not (candidates := stored["candidate_ids"]):
            return
        list_id = stored["list_of_speakers_id"]
        speakers = self.uow.filter("speaker", _on_list(list_id), "meeting_user_id")
        speaking = {None, *(speaker["meeting_user_id"] for speaker in speakers.values())}
        found = self.uow.get_many("assignment_candidate", candidates, "meeting_user_id")
        for id_ in candidates:
            if id_ in found and (member := found[id_]["meeting_user_id"]) not in speaking:
                yield list_id, member


def _on_list(list_id: int | None) -> Filter:
    return equals(list_of_speakers_id=list_id)


def _speaker(speech: Speech) -> Fields:
    return dict(zip(("list_of_speakers_id", "meeting_user_id"), speech, strict=True))


class AssignmentCreate(CreateAction):
    """Create an election, with its list of speakers and maybe an agenda item."""

    name = "assignment.create"
    model = Assignment
    payload = Payload(Assignment, required=["title", "meeting_id"], optional=_OPTIONAL)
    permission = in_meeting(Permissions.Assignment.CAN_MANAGE)
    parts = (Attachments(), AgendaItem(), ListOfSpeakers())


class AssignmentUpdate(UpdateAction):
    """Change an election; every change of its phase is allowed."""

    name = "assignment.update"
    model = Assignment
    payload = Payload(Assignment, required=["id"], optional=["title", *_OPTIONAL])
    permission = in_meeting(Permissions.Assignment.CAN_MANAGE)
    parts = (Attachments(), CandidatesSpeak())


class AssignmentDelete(DeleteAction):
    """Delete an election with its candidates, polls, agenda item, list of speakers and projections."""

    name = "assignment.delete"
    model = Assignment
    permission = in_meeting(Permissions.Assignment.CAN_MANAGE)
