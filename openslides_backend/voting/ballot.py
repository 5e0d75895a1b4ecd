"""What a ballot may say (poll_vote.md, "Value"), and the one form in which it is kept."""

import json
from collections.abc import Mapping
from decimal import Context, Decimal, Inexact
from typing import NamedTuple

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import ReadOnlyFields

GLOBAL_FLAGS = {"Y": "global_yes", "N": "global_no", "A": "global_abstain"}
"""Letters of a global vote, and the fields of the poll that allow them."""

AMOUNT_METHODS = ("Y", "N")
LETTERS = {"YN": frozenset("YN"), "YNA": frozenset("YNA")}
"""Poll methods whose ballots hold letters, and which ones."""

EXACT = Context(prec=100, traps=[Inexact])
"""Arithmetic that is exact or fails: no sum or product of weights is ever rounded."""

Value = str | dict[str, int] | dict[str, str]
"""A global vote, or amounts or letters by option id (as canonical decimal text)."""


class InvalidBallot(BadRequest):
    """The value of a ballot is malformed, or doesn't fit the poll; the message never quotes it."""


class OptionVote(NamedTuple):
    """A vote that a ballot makes: for an option, or for the global one where `option_id` is None."""

    option_id: int | None
    letter: str
    weight: Decimal


def parse_value(value: object) -> Value:
    """The value as it came, if it has one of the three forms.

    Raises InvalidBallot.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        if all(type(part) is int for part in value.values()):
            return value
        if all(isinstance(part, str) for part in value.values()):
            return value
    raise InvalidBallot("'value' must be a string, an object of integers or an object of strings.")


def judge_value(poll: ReadOnlyFields, value: Value) -> Value:
    """The value in the form that is kept, options ascending; `poll` is the stored model with all fields on voting.

    Raises InvalidBallot (poll_vote.md, checks 10 to 12).
    """
    if isinstance(value, str):
        return _global_vote(poll, value)
    if not value:
        raise InvalidBallot("The ballot is empty.")
    options = {str(id_) for id_ in poll.get("option_ids") or ()}
    if not value.keys() <= options:
        raise InvalidBallot("The ballot has a key that isn't the id of an option of the poll.")
    method = poll.get("pollmethod")
    if method in AMOUNT_METHODS:
        return _amounts(poll, value)
    if method in LETTERS:
        return _letters(poll, value, LETTERS[method], len(options))
    raise InvalidBallot("The poll has no known method.")


def _global_vote(poll: ReadOnlyFields, letter: str) -> str:
    flag = GLOBAL_FLAGS.get(letter)
    if flag is None:
        raise InvalidBallot("A global vote must be Y, N or A.")
    if poll.get(flag) is not True or not poll.get("global_option_id"):
        raise InvalidBallot("The poll doesn't allow this global vote.")
    return letter


def _amounts(poll: ReadOnlyFields, value: ReadOnlyFields) -> dict[str, int]:
    amounts = {key: amount for key, amount in value.items() if type(amount) is int}
    if len(amounts) != len(value):
        raise InvalidBallot("A ballot of this poll must hold integers.")
    most = poll.get("max_votes_per_option") or 1
    if not all(0 <= amount <= most for amount in amounts.values()):
        raise InvalidBallot(f"The amounts must be from 0 to {most}.")
    _check_limits(poll, sum(amounts.values()), most=1)
    return {key: amounts[key] for key in sorted(amounts, key=int)}


def _letters(poll: ReadOnlyFields, value: ReadOnlyFields, allowed: frozenset[str], options: int) -> dict[str, str]:
    letters = {key: letter for key, letter in value.items() if isinstance(letter, str) and letter in allowed}
    if len(letters) != len(value):
        raise InvalidBallot(f"A ballot of this poll must hold letters of {', '.join(sorted(allowed))}.")
    _check_limits(poll, len(letters), most=options)
    return {key: letters[key] for key in sorted(letters, key=int)}


def _check_limits(poll: ReadOnlyFields, number: int, most: int) -> None:
    """`most` is the upper limit where the poll has none; 0 counts as unset."""
    lowest, highest = poll.get("min_votes_amount") or 1, poll.get("max_votes_amount") or most
    if not lowest <= number <= highest:
        raise InvalidBallot(f"The number of votes must be from {lowest} to {highest}.")


def canonical_json(ballot: ReadOnlyFields) -> str:
    """The one text of a ballot with its value in the form that `judge_value` makes: no spaces, keys in order."""
    return json.dumps(ballot, separators=(",", ":"))


def votes_of(value: str | Mapping[str, int | str], method: str, weight: Decimal) -> list[OptionVote]:
    """The votes that a valid ballot of this weight makes, in its order (poll.md, "Counting")."""
    if isinstance(value, str):
        return [OptionVote(None, value, weight)]
    return [
        OptionVote(int(key), method, EXACT.multiply(weight, Decimal(part)))
        if isinstance(part, int)
        else OptionVote(int(key), str(part), weight)
        for key, part in value.items()
        if part
    ]
