"""What the datastore says about polls and those who vote: read for many ballots at once, and never remembered."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openslides_backend.embedded.vote.errors import Internal
from openslides_backend.embedded.vote.payload import MAX_ID
from openslides_backend.services.datastore import DatastoreReader, DeletedModels, FilterModels, Found, GetMany, Query
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.filters import FieldFilter, Or
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields
from openslides_backend.voting.entitlement import (
    MEETING_FIELDS,
    MEETING_USER_FIELDS,
    POLL_FIELDS,
    USER_FIELDS,
    Voter,
)

_START_FIELDS = ("type", "state", "live_voting_enabled", "option_ids", "max_votes_per_option", "max_votes_amount")
_MEETINGS_REMEMBERED = 1024
_RUBBISH = "The datastore does not answer properly."

_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("id", "user_id", "meeting_id", "vote_delegated_to_id", "global_option_id"), int),
    **dict.fromkeys(("min_votes_amount", "max_votes_amount", "max_votes_per_option"), int),
    **dict.fromkeys(("global_yes", "global_no", "global_abstain", "live_voting_enabled", "meta_deleted"), bool),
    **dict.fromkeys(MEETING_FIELDS, bool),
    **dict.fromkeys(("type", "state", "pollmethod", "vote_weight", "default_vote_weight"), str),
    **dict.fromkeys(("option_ids", "entitled_group_ids", "voted_ids", "group_ids"), list),
    **dict.fromkeys(("is_present_in_meeting_ids", "vote_delegations_from_ids"), list),
}


@dataclass(frozen=True, slots=True)
class Electorate:
    """Polls, their meetings and users as of one moment."""

    polls: Models
    meetings: Models
    users: Models
    meeting_users: Mapping[tuple[int, int], Fields]
    """By meeting and user."""

    def voter(self, meeting_id: int, user_id: int) -> Voter:
        """A user as the meeting knows him."""
        return Voter(user_id, self.users.get(user_id, {}), self.meeting_users.get((meeting_id, user_id)))


class ElectorateReader:
    """Reads from the datastore; safe to be shared between threads.

    The meeting of a poll, which never changes, is all that is remembered: it lets everything be read in one request.
    Every method raises Internal if the datastore fails or its answer can't be used.
    """

    def __init__(self, datastore: DatastoreReader) -> None:
        self._datastore = datastore
        self._meeting_of: OrderedDict[int, int] = OrderedDict()

    def read(self, poll_ids: Iterable[int], user_ids: Iterable[int]) -> Electorate:
        """All that the checks of the ballots of these users look at."""
        polls, users = _possible(poll_ids), _possible(user_ids)
        unknown = tuple(poll_id for poll_id in polls if poll_id not in self._meeting_of)
        if unknown:
            (found,) = self._answers([GetMany("poll", unknown, ("meeting_id",))])
            self._remember(found)
        guessed = {self._meeting_of[poll_id] for poll_id in polls if poll_id in self._meeting_of}
        return self._read(polls, users, tuple(sorted(guessed)))

    def _read(self, polls: tuple[int, ...], users: tuple[int, ...], meetings: tuple[int, ...]) -> Electorate:
        queries: list[Query] = [GetMany("poll", polls, POLL_FIELDS), GetMany("user", users, USER_FIELDS)]
        if meetings:
            queries.append(GetMany("meeting", meetings, MEETING_FIELDS))
            queries.append(FilterModels("meeting_user", _of_users(users), MEETING_USER_FIELDS))
        found_polls, found_users, *others = self._answers(queries)
        found_meetings, members = others if others else ({}, Found({}, 0))
        if not all(poll.get("meeting_id") in found_meetings for poll in found_polls.values()):
            raise Internal(_RUBBISH)
        by_user = {(member.get("meeting_id"), member.get("user_id")): member for member in members.models.values()}
        return Electorate(found_polls, found_meetings, found_users, by_user)

    def _remember(self, polls: Models) -> None:
        for poll_id, poll in polls.items():
            if isinstance(poll.get("meeting_id"), int):
                self._meeting_of[poll_id] = poll["meeting_id"]
        while len(self._meeting_of) > _MEETINGS_REMEMBERED:
            self._meeting_of.popitem(last=False)

    def forget(self) -> None:
        """Forget what is remembered."""
        self._meeting_of.clear()

    def poll_to_start(self, poll_id: int) -> ReadOnlyFields | None:
        """What start looks at of a poll; None if there is no such poll."""
        if not _possible([poll_id]):
            return None
        (polls,) = self._answers([GetMany("poll", (poll_id,), _START_FIELDS)])
        poll: ReadOnlyFields | None = polls.get(poll_id)
        return poll

    def over(self, poll_ids: Sequence[int]) -> list[int]:
        """Those of the polls that are deleted, finished or published for sure."""
        query = GetMany("poll", tuple(poll_ids), ("state",), DeletedModels.ALL)
        (polls,) = self._answers([query])
        return [
            poll_id
            for poll_id, poll in polls.items()
            if poll.get("meta_deleted") is True or poll.get("state") in ("finished", "published")
        ]

    def represented_by(self, user_id: int) -> set[int]:
        """The user himself and those who delegated to one of his meeting users, in any meeting."""
        fields = ("user_id", "vote_delegations_from_ids")
        (found,) = self._answers([FilterModels("meeting_user", _of_users((user_id,)), fields)])
        own = [member for member in found.models.values() if member.get("user_id") == user_id]
        delegators = tuple(sorted({id_ for member in own for id_ in member.get("vote_delegations_from_ids") or ()}))
        if not delegators:
            return {user_id}
        (members,) = self._answers([GetMany("meeting_user", delegators, ("user_id",))])
        return {user_id, *(member["user_id"] for member in members.values() if "user_id" in member)}

    def _answers(self, queries: Sequence[Query]) -> list[Any]:
        try:
            answers = self._datastore.read(queries)
        except ServiceError as error:
            raise Internal(error.message) from None
        for answer in answers:
            models = answer.models if isinstance(answer, Found) else answer
            if not all(map(_is_proper, models.values())):
                raise Internal(_RUBBISH)
        return answers


def _possible(ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({id_ for id_ in ids if 0 < id_ <= MAX_ID}))


def _of_users(user_ids: Iterable[int]) -> Or:
    return Or(*(FieldFilter("user_id", "=", user_id) for user_id in user_ids))


def _is_proper(model: object) -> bool:
    """Whether the fields have the types that the rules rely on."""
    return isinstance(model, dict) and all(
        value is None or type(value) is _TYPES.get(name, type(value)) for name, value in model.items()
    )
