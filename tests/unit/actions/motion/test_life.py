"""The times that states keep (motion.md, "R3")."""

import pytest

from openslides_backend.actions.motion.life import stamped


@pytest.mark.parametrize(
    ("anew", "sets", "stored", "expected"),
    [
        (False, True, None, 9),
        (False, True, 0, 9),
        (False, True, 5, "unchanged"),
        (False, False, None, "unchanged"),
        (False, False, 5, "unchanged"),
        (True, True, 5, 9),
        (True, True, None, 9),
        (True, None, 5, None),
    ],
)
def test_stamps(anew: bool, sets: bool | None, stored: int | None, expected: object) -> None:
    assert stamped(sets, stored, 9, anew=anew).get("workflow_timestamp", "unchanged") == expected
