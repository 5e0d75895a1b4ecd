"""The times that states keep (motion.md, "R3")."""

import pytest

from openslides_backend.actions.motion.life import Stamp


@pytest.mark.parametrize(
    ("stamp", "sets", "stored", "expected"),
    [
        (Stamp.FIRST, True, None, 9),
        (Stamp.FIRST, True, 0, 9),
        (Stamp.FIRST, True, 5, "unchanged"),
        (Stamp.FIRST, False, None, "unchanged"),
        (Stamp.ANEW, True, 5, 9),
        (Stamp.ANEW, None, 5, None),
        (Stamp.LATEST, True, 5, 9),
        (Stamp.LATEST, False, 5, "unchanged"),
    ],
)
def test_stamps(stamp: Stamp, sets: bool | None, stored: int | None, expected: object) -> None:
    assert stamp.change(sets, stored, 9).get("workflow_timestamp", "unchanged") == expected
