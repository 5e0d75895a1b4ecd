"""How one value is made of those that several objects have in a field (user_merge.md, "Terms")."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from openslides_backend.permissions.levels import Level

Merge = Callable[[Sequence[Any]], Any]
"""Makes one value of those of all objects, the highest ranked first; None if there is nothing to write."""

_LOWEST_WEIGHT = "0.000001"


def of_main(values: Sequence[Any]) -> Any:
    """That of the highest ranked object, whatever the others have."""
    return values[0]


def first(values: Sequence[Any]) -> Any:
    """That of the highest ranked object in which it is neither null nor empty nor false."""
    return next((value for value in values if value), None)


def union(values: Sequence[Any]) -> list[int] | None:
    """All ids of the lists, ascending."""
    return sorted({id_ for value in values for id_ in value or ()}) or None


def any_true(values: Sequence[Any]) -> bool | None:
    """True if one is, False if there is nothing but False."""
    known = [value for value in values if value is not None]
    return any(known) if known else None


def lowest(values: Sequence[Any]) -> int | None:
    """The lowest number."""
    return min((value for value in values if value is not None), default=None)


def highest_level(values: Sequence[Any]) -> str | None:
    """The highest organization management level."""
    return max(map(Level.of, values)).text or None


def first_weight(values: Sequence[Any]) -> str | None:
    """The first vote weight; zeros of old data become the lowest one that is allowed (user_permissions.md, 16)."""
    weight: str | None = first(values)
    return _LOWEST_WEIGHT if weight is not None and Decimal(weight) == 0 else weight
