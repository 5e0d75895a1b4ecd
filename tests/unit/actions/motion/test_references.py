"""References to motions in extensions (motion.md, "R6")."""

import pytest

from openslides_backend.actions.motion.references import referenced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, []),
        ("", []),
        ("motion/1", []),
        ("[motion/1]", [("motion", 1)]),
        ("a [motion/20]b[motion/3] [motion/20]", [("motion", 20), ("motion", 3)]),
        ("[agenda_item/1] [x/2]", [("agenda_item", 1), ("x", 2)]),
        ("[_motion/1] [motion_/1] [Motion/1] [motion/01] [motion/0] [motion/-1] [motion/1 ] [ab/1]", []),
        ("[motion/99999999999999999999]", []),
        ("[[motion/1]]", [("motion", 1)]),
    ],
)
def test_referenced(text: str | None, expected: list[tuple[str, int]]) -> None:
    assert referenced(text) == expected
