"""The vote service itself: starting polls, judging and taking ballots, stopping and clearing."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from openslides_backend.embedded.vote.box import BallotBox, Cast, NewRound, Outdated, StoppedRound
from openslides_backend.embedded.vote.electorate import Electorate, ElectorateReader
from openslides_backend.embedded.vote.errors import (
    Internal,
    Invalid,
    NotAllowed,
    NotExist,
    Stopped,
    VoteError,
)
from openslides_backend.embedded.vote.grouping import Grouping
from openslides_backend.embedded.vote.payload import Payload
from openslides_backend.shared.typing import ReadOnlyFields
from openslides_backend.voting.ballot import InvalidBallot, canonical_json, judge_value
from openslides_backend.voting.entitlement import NotEntitled, ballot_weight, check_entitled, check_present

logger = logging.getLogger(__name__)

NAMED = "named"
_ELECTRONIC = (NAMED, "pseudoanonymous", "cryptographic")
_CREATED, _STARTED = "created", "started"
_NO_POLL = "The poll does not exist."

_ATTEMPTS = 3
_ROOM = 160
"""Bytes of a ballot besides its votes: names, two user ids, the weight."""
_ROOM_OF_A_VOTE = 6
"""Bytes of a vote besides the id of its option and the amount."""
_SIZE_STEP = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """A ballot that came: for which poll, from whom, and what it says or what is wrong with its form."""

    poll_id: int
    acting_id: int
    payload: Payload | VoteError

    @property
    def represented_id(self) -> int:
        """Whose vote it is; where the form is wrong, the acting user."""
        own = isinstance(self.payload, VoteError) or self.payload.user_id is None
        return self.acting_id if own else self.payload.user_id  # type: ignore[union-attr,return-value]


class PollingStation:
    """Decides on everything; safe to be shared between threads. Every method raises Internal.

    Ballots that come at the same time are judged by one reading of the datastore, which begins after they came, and
    stored in one transaction.
    """

    def __init__(self, box: BallotBox, reader: ElectorateReader) -> None:
        self._box = box
        self._reader = reader
        self._judging: Grouping[Attempt, Cast] = Grouping(self._judge)
        self._casting: Grouping[Cast, None] = Grouping(box.cast)

    def start(self, poll_id: int) -> None:
        """Take ballots from now on (vote_service.md, "start").

        Raises NotExist and Invalid.
        """
        before = self._box.state(poll_id)
        poll = self._reader.poll_to_start(poll_id)
        if poll is None:
            raise NotExist(_NO_POLL)
        if poll.get("type") not in _ELECTRONIC:
            raise Invalid("An analog poll takes no ballots.")
        state = poll.get("state")
        if state not in (_CREATED, _STARTED):
            raise Invalid("The poll is over.")
        new = NewRound(poll_id, poll["type"] == NAMED, poll.get("live_voting_enabled") is True, _size(poll))
        self._box.open(new, instead_of=before if state == _CREATED else None)

    def stop(self, poll_id: int) -> StoppedRound:
        """All ballots; no more are taken.

        Raises NotExist if the poll is not known.
        """
        return self._box.stop(poll_id)

    def clear(self, poll_id: int) -> None:
        """Forget a poll."""
        self._box.clear([poll_id])

    def clear_all(self) -> None:
        """Forget all polls and whatever is remembered."""
        self._box.clear()
        self._reader.forget()

    def vote(self, attempt: Attempt) -> None:
        """Take a ballot; when this returns, it is stored.

        Raises the VoteError of the first check that fails.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._casting.run(self._judging.run(attempt))
            except Outdated:
                logger.info("a ballot is judged again, as the data have become too old")
        raise Internal("The poll could not be looked at in time.")

    def voted(self, acting_id: int, poll_ids: Sequence[int]) -> Mapping[int, list[int] | None]:
        """Who has voted of those whose vote this user may ask for."""
        users = self._reader.represented_by(acting_id)
        found = self._box.voted(poll_ids, users)
        return {poll_id: found.get(poll_id) for poll_id in poll_ids}

    def tidy(self) -> None:
        """Clear the polls that are over, and what is left of cleared ones; those in doubt are kept."""
        tokens = {poll_id: round_.token for poll_id, round_ in self._box.rounds().items()}
        if tokens:
            over = self._reader.over(list(tokens))
            self._box.clear(over, only=tokens)
        self._box.erase()

    def _judge(self, attempts: Sequence[Attempt]) -> list[Cast | Exception]:
        users = {id_ for attempt in attempts for id_ in (attempt.acting_id, attempt.represented_id)}
        polls = {attempt.poll_id for attempt in attempts}
        read_at, tokens = time.monotonic(), self._box.tokens(polls)
        electorate = self._reader.read(polls, users)
        outcomes = [_outcome(electorate, attempt) for attempt in attempts]
        return [
            replace(outcome, token=tokens.get(outcome.poll_id), read_at=read_at)
            if isinstance(outcome, Cast)
            else outcome
            for outcome in outcomes
        ]


def _outcome(electorate: Electorate, attempt: Attempt) -> Cast | Exception:
    try:
        return judge(electorate, attempt)
    except VoteError as error:
        return error
    except NotEntitled as error:
        return NotAllowed(error.message)
    except InvalidBallot as error:
        return Invalid(error.message)
    except (TypeError, ValueError) as error:
        # Without its text, which might quote the ballot.
        logger.error("data of a poll can't be used: %s", type(error).__name__)  # noqa: TRY400
        return Internal("The data of the poll can't be used.")


def judge(electorate: Electorate, attempt: Attempt) -> Cast:
    """The ballot as it is to be stored, after checks 4 to 12.

    Raises VoteError, NotEntitled or InvalidBallot.
    """
    poll = electorate.polls.get(attempt.poll_id)
    if poll is None:
        raise NotExist(_NO_POLL)
    meeting_id = poll["meeting_id"]
    acting = electorate.voter(meeting_id, attempt.acting_id)
    check_present(poll, acting)
    if isinstance(attempt.payload, VoteError):
        raise attempt.payload
    represented = electorate.voter(meeting_id, attempt.represented_id)
    meeting = electorate.meetings[meeting_id]
    check_entitled(poll, meeting, acting, represented)
    ballot = {
        "value": judge_value(poll, attempt.payload.value),
        "weight": str(ballot_weight(meeting, represented)),
    }
    users = {"request_user_id": acting.id, "vote_user_id": represented.id}
    return Cast(
        attempt.poll_id,
        represented.id,
        named_text=canonical_json({**users, **ballot}),
        secret_text=canonical_json(ballot),
        not_running=_not_running(poll),
        voted_elsewhere=represented.id in (poll.get("voted_ids") or ()),
    )


def _not_running(poll: ReadOnlyFields) -> VoteError | None:
    if poll.get("state") == _CREATED:
        return NotExist("The poll is not started.")
    return None if poll.get("state") == _STARTED else Stopped("The poll is over.")


def _size(poll: ReadOnlyFields) -> int:
    """Bytes that any ballot of the poll fits in, as long as it gets no more options."""
    digits = len(str(max(poll.get("max_votes_per_option") or 1, 1)))
    votes = sum(len(str(id_)) + digits + _ROOM_OF_A_VOTE for id_ in poll.get("option_ids") or ())
    return -(-(_ROOM + votes) // _SIZE_STEP) * _SIZE_STEP
