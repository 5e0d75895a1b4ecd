"""How one value is made of several (user_merge.md)."""

from collections.abc import Sequence
from typing import Any

import pytest

from openslides_backend.actions.user.merging.entitled import merged_entries
from openslides_backend.actions.user.merging.values import (
    Merge,
    any_true,
    first,
    first_weight,
    highest_level,
    lowest,
    of_main,
    union,
)


@pytest.mark.parametrize(
    ("merge", "values", "merged"),
    [
        (of_main, (None, 1), None),
        (of_main, (False, True), False),
        (first, (None, "", "b", "c"), "b"),
        (first, (None, "", False, []), None),
        (union, ([3, 1], None, [2, 3]), [1, 2, 3]),
        (union, ([], None), None),
        (any_true, (None, False, True), True),
        (any_true, (None, False), False),
        (any_true, (None, None), None),
        (lowest, (5, None, 0), 0),
        (lowest, (None, None), None),
        (highest_level, (None, "can_manage_users", "superadmin"), "superadmin"),
        (highest_level, ("can_manage_organization", "can_manage_users"), "can_manage_organization"),
        (highest_level, (None, "unknown"), None),
        (first_weight, (None, "0.000000", "2.000000"), "0.000001"),
        (first_weight, (None, "2.000000", "0.000000"), "2.000000"),
        (first_weight, (None, None), None),
    ],
)
def test_merged_value(merge: Merge, values: Sequence[Any], merged: object) -> None:
    found = merge(values)
    assert (found, type(found)) == (merged, type(merged))


@pytest.mark.parametrize(
    ("entries", "merged"),
    [
        ([{"user_id": 2}], [{"user_id": 2, "user_merged_into_id": 1}]),
        ([{"user_id": 2, "user_merged_into_id": 9}], None),
        ([{"user_id": 9, "user_merged_into_id": 2}], [{"user_id": 9, "user_merged_into_id": 1}]),
        ([{"user_id": 1}, {"user_id": 9}], None),
        ([], None),
        (None, None),
        ("nonsense", None),
        ([None, {"user_id": [2]}, {"vote_delegated_to_user_id": {"x": 2}}], None),
    ],
)
def test_entitled_users(entries: object, merged: object) -> None:
    assert merged_entries(entries, frozenset({2, 3}), 1) == merged
