"""Lists of candidates that are voted on as a whole, and who is on them (option_vote.md)."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction
from openslides_backend.engine.payload import ID, Payload, Schema
from openslides_backend.models.models import PollCandidate, PollCandidateList
from openslides_backend.services.datastore import Query
from openslides_backend.shared.typing import Fields

_ENTRIES: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {"user_id": ID, "weight": {"type": "integer"}},
        "required": ["user_id", "weight"],
        "additionalProperties": False,
    },
}


class PollCandidateListCreate(CreateAction):
    """Create a list with its candidates and put it into an option."""

    name = "poll_candidate_list.create"
    model = PollCandidateList
    payload = Payload(PollCandidateList, required=["option_id", "meeting_id"], extra_required={"entries": _ENTRIES})
    visibility = Visibility.BACKEND_INTERNAL

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.reads_of("poll_candidate.create", *self._planned(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return self.run.reserves_of("poll_candidate.create", *self._planned(elements))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        candidates, blamed = [], []
        for index, element in enumerate(elements):
            for entry in element["entries"]:
                own = {"poll_candidate_list_id": element["id"], "meeting_id": element["meeting_id"]}
                candidates.append({**entry, **own})
                blamed.append(index)
        self.execute("poll_candidate.create", candidates, blamed)

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        pairs = [(dict(entry), self.meeting_id(element)) for element in elements for entry in element["entries"]]
        return [candidate for candidate, _ in pairs], [meeting_id for _, meeting_id in pairs]


class PollCandidateListDelete(DeleteAction):
    """Delete candidate lists with their candidates."""

    name = "poll_candidate_list.delete"
    model = PollCandidateList
    payload = Payload(PollCandidateList, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL


class PollCandidateCreate(CreateAction):
    """Put a user on a list."""

    name = "poll_candidate.create"
    model = PollCandidate
    payload = Payload(
        PollCandidate, required=["poll_candidate_list_id", "weight", "meeting_id"], required_keys=["user_id"]
    )
    visibility = Visibility.BACKEND_INTERNAL


class PollCandidateDelete(DeleteAction):
    """Delete the candidates of a list; the weights of the others stay."""

    name = "poll_candidate.delete"
    model = PollCandidate
    payload = Payload(PollCandidate, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
