"""Exact sums of votes, and the text in which they are stored (poll.md, "Decimal")."""

import re
from collections.abc import Iterable
from decimal import Decimal, DecimalException

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.voting.ballot import EXACT

ZERO = "0.000000"
UNDOCUMENTED = "-2.000000"
"""What an analog poll has for a number that nobody has told."""

_PLACES = Decimal("0.000001")
_STORED = re.compile(r"-?[0-9]{1,40}\.[0-9]{6}")


def decimal_text(value: Decimal | int) -> str:
    """The number with exactly six decimal places.

    Raises BadRequest if it has more of them, or far too many digits.
    """
    problem = "A number of votes is too large, or has more than six decimal places."
    try:
        exact = EXACT.quantize(Decimal(value), _PLACES)
    except DecimalException as error:
        raise BadRequest(problem) from error
    if not exact.is_finite():
        raise BadRequest(problem)
    return f"{exact:f}"


def parse_decimal(stored: object) -> Decimal:
    """A stored number of votes; unset counts as 0.

    Raises BadRequest if it isn't a number with six decimal places.
    """
    if stored is None:
        return Decimal(ZERO)
    if not isinstance(stored, str) or not _STORED.fullmatch(stored):
        raise BadRequest("A stored number of votes is no decimal with six places.")
    return Decimal(stored)


def total(weights: Iterable[Decimal]) -> Decimal:
    """The sum, never rounded.

    Raises BadRequest if it would have far too many digits.
    """
    result = Decimal(ZERO)
    try:
        for weight in weights:
            result = EXACT.add(result, weight)
    except DecimalException as error:
        raise BadRequest("A number of votes is too large.") from error
    return result
