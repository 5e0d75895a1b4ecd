"""Which settings of a poll go together (poll.md, "Allowed combinations")."""

from openslides_backend.actions.poll.letters import ANALOG, NAMED
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import ReadOnlyFields

AMOUNTS = ("min_votes_amount", "max_votes_amount", "max_votes_per_option")

_ALWAYS = frozenset({"valid", "cast", "disabled"})
_ENTITLED = frozenset({"entitled", "entitled_present"})
_BASES = {
    "Y": frozenset({"Y"}),
    "N": frozenset({"N"}),
    "YN": frozenset({"Y", "N", "YN"}),
    "YNA": frozenset({"Y", "N", "YN", "YNA"}),
}


def check_amounts(poll: ReadOnlyFields) -> None:
    """Raises InvalidField unless the numbers of votes can all be kept to; unset counts as 1."""
    lowest, highest, each = (poll.get(name) or 1 for name in AMOUNTS)
    if each > highest:
        raise InvalidField("max_votes_per_option", f"at most max_votes_amount ({highest}) is possible.")
    if lowest > highest:
        raise InvalidField("min_votes_amount", f"at most max_votes_amount ({highest}) is possible.")


def check_base(base: str, method: str | None, type_: str | None) -> None:
    """Raises InvalidField unless percentages of this kind make sense for the method and the type."""
    name = "onehundred_percent_base"
    if base not in _ALWAYS | _ENTITLED | _BASES.get(method or "", frozenset()):
        raise InvalidField(name, f"'{base}' is not possible with the method {method}.")
    if type_ == ANALOG and base in _ENTITLED:
        raise InvalidField(name, f"'{base}' is not possible in analog polls.")


def check_live_voting(enabled: object, type_: str | None, content_object_id: str | None) -> None:
    """Raises InvalidField if live voting is enabled, but not for a named poll on a motion."""
    if enabled and not (type_ == NAMED and (content_object_id or "").startswith("motion/")):
        raise InvalidField("live_voting_enabled", "only named polls on motions can have it.")


def check_groups(group_ids: object, anonymous_group_id: int | None) -> None:
    """Raises InvalidField if anonymous users were entitled."""
    if isinstance(group_ids, list) and anonymous_group_id in group_ids:
        raise InvalidField("entitled_group_ids", "anonymous users can't vote.")
