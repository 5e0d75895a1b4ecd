"""Letters of votes and the fields that belong to them (poll.md, "Words")."""

from collections.abc import Sequence

from openslides_backend.engine.payload import Schema
from openslides_backend.models.fields import DECIMAL_PATTERN

FIELDS = {"Y": "yes", "N": "no", "A": "abstain"}
"""Fields of an option by letter, in the order in which votes are created."""
GLOBAL_AMOUNTS = {"Y": "amount_global_yes", "N": "amount_global_no", "A": "amount_global_abstain"}
TOTALS = ("votesvalid", "votesinvalid", "votescast")
"""The totals of a poll."""
ANALOG, NAMED, SECRET = "analog", "named", "pseudoanonymous"

DECIMAL: Schema = {"type": "string", "pattern": DECIMAL_PATTERN}


def letters_of(method: str | None) -> Sequence[str]:
    """The letters of a poll method; none if it isn't set."""
    return tuple(method or ())
