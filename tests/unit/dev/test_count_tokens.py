"""The token count."""

from pathlib import Path

from dev.count_tokens import count, count_all

SOURCE = '''"""A module."""
import os
from a import (
    b,
    c,
)

# A comment.
def f(x):
    """A function."""
    return x + "text"
'''


def test_only_what_says_something_counts() -> None:
    # def f ( x ) : return x + "text"
    assert count(SOURCE) == 10
    assert count("") == 0


def test_by_room_and_collection(tmp_path: Path) -> None:
    for name in ("top.py", "engine/a.py", "actions/tag.py", "actions/user/create.py", "actions/user/update.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")

    rooms, collections = count_all(tmp_path)

    assert rooms == {"on top": 3, "engine": 3, "actions": 9}
    assert collections == {"tag": 3, "user": 6}
