"""What comes of the ballots that the vote service has collected (poll.md, "Counting")."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from secrets import SystemRandom

from openslides_backend.actions.poll.letters import FIELDS, NAMED
from openslides_backend.actions.poll.votes import new_token
from openslides_backend.services.vote import Ballot, PollResult
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.typing import Fields, ReadOnlyFields
from openslides_backend.voting.ballot import AMOUNT_METHODS, GLOBAL_FLAGS, LETTERS, votes_of
from openslides_backend.voting.counting import decimal_text, parse_decimal, total

POLL_FIELDS = ("type", "pollmethod", "option_ids", "global_option_id", "voted_ids", "votesvalid")
"""What a tally looks at."""

RUBBISH = "The vote service does not answer properly: nothing was counted, and all ballots are still there."
"""To be told of a result that can't be that of the poll."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What is to be stored: votes as `vote.create` wants them, and the voters of the poll, in order."""

    votes: list[Fields]
    voted_ids: list[int]
    votesvalid: str
    votescast: str


def tally(poll: ReadOnlyFields, result: PollResult) -> Tally:
    """Count the ballots; the votes of a secret poll come in random order.

    Raises ServiceError if the result can't be that of this poll.
    """
    named, before = poll["type"] == NAMED, poll["voted_ids"] or []
    _check_voters(result, named=named)
    ballots = (
        [b for b in result.ballots if not named or b.vote_user_id not in set(before)] if before else result.ballots
    )
    try:
        votes = [_votes(poll, ballot, named=named) for ballot in ballots]
        valid = total(ballot.weight for ballot in ballots)
        if before:
            valid = total([valid, parse_decimal(poll["votesvalid"])])
    except (DecimalException, ValueError) as error:
        raise ServiceError(RUBBISH) from error
    if not named:
        SystemRandom().shuffle(votes)
    voted_ids = list(dict.fromkeys([*before, *result.user_ids]))
    return Tally(
        [vote for of_ballot in votes for vote in of_ballot],
        voted_ids,
        decimal_text(valid),
        decimal_text(len(voted_ids)),
    )


def _check_voters(result: PollResult, *, named: bool) -> None:
    """One ballot a voter, and one voter a ballot."""
    voters = sorted(set(result.user_ids))
    cast_for = sorted(ballot.vote_user_id or 0 for ballot in result.ballots) if named else voters
    if len(voters) != len(result.user_ids) or len(voters) != len(result.ballots) or cast_for != voters:
        raise ServiceError(RUBBISH)


def _votes(poll: ReadOnlyFields, ballot: Ballot, *, named: bool) -> list[Fields]:
    """The votes of one ballot; nothing but those of a named poll tells whose it was."""
    if not _fits(poll, ballot) or ballot.weight.is_signed():
        raise ServiceError(RUBBISH)
    common: Fields = {"user_token": new_token()}
    if named:
        common |= {"user_id": ballot.vote_user_id, "delegated_user_id": ballot.request_user_id}
    return [
        {
            "option_id": vote.option_id or poll["global_option_id"],
            "value": vote.letter,
            "weight": decimal_text(vote.weight),
            **common,
        }
        for vote in votes_of(ballot.value, poll["pollmethod"], ballot.weight)
    ]


def _fits(poll: ReadOnlyFields, ballot: Ballot) -> bool:
    """Whether such a ballot could have been cast; limits were judged when it came, by the settings of that time."""
    value, method = ballot.value, poll["pollmethod"]
    if isinstance(value, str):
        return value in GLOBAL_FLAGS and bool(poll["global_option_id"])
    if not value.keys() <= {str(id_) for id_ in poll["option_ids"] or ()}:
        return False
    if method in AMOUNT_METHODS:
        return all(type(amount) is int and amount >= 0 for amount in value.values())
    return all(letter in LETTERS.get(method, ()) for letter in value.values())


def option_results(votes: Iterable[ReadOnlyFields]) -> dict[int, Fields]:
    """The sums of `weight` by `value` and `option_id` of votes, as `option.set_auto_fields` wants them."""
    weights: defaultdict[int, dict[str, list[Decimal]]] = defaultdict(lambda: {letter: [] for letter in FIELDS})
    for vote in votes:
        if vote["value"] in FIELDS:
            weights[vote["option_id"]][vote["value"]].append(parse_decimal(vote["weight"]))
    return {
        option_id: {"id": option_id, **{FIELDS[letter]: decimal_text(total(w)) for letter, w in by_letter.items()}}
        for option_id, by_letter in weights.items()
    }


def users_in(votes: Sequence[ReadOnlyFields]) -> set[int]:
    """Everybody who is named by the votes."""
    return {vote[name] for vote in votes for name in ("user_id", "delegated_user_id") if vote.get(name) is not None}
