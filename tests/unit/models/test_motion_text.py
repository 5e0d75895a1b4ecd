"""What counts as the same text of motions (motion.md, "R5")."""

import re
from hashlib import md5

import pytest

from openslides_backend.models.motion_text import PARAGRAPHS, plain_text, text_hash
from openslides_backend.shared.typing import Fields


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        ("<p>a</p> <p>b<br>c</p>", "a bc"),
        ("x &lt;b&gt; &amp;amp; y", "x <b> &amp; y"),
        ('<a title="a &gt; b">c</a>', "c"),
        ("just text", "just text"),
        ("é\xa0ü", "é\xa0ü"),
    ],
)
def test_plain_text(stored: str, plain: str) -> None:
    assert plain_text(stored) == plain


def hashed(source: str) -> str:
    """What is stored for a text without tags."""
    return md5(source.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("element", "source"),
    [
        ({"text": "<p>test</p>"}, "test"),
        ({"text": "ä", PARAGRAPHS: {"1": "x"}}, "ä"),
        ({"text": "", PARAGRAPHS: {"2": "<p>ä</p>", "10": "y"}}, '{"10": "y", "2": "\\u00e4"}'),
        ({PARAGRAPHS: {"0": ""}}, '{"0": ""}'),
    ],
)
def test_hash(element: Fields, source: str) -> None:
    assert text_hash(element) == hashed(source)
    assert re.fullmatch("[0-9a-f]{32}", hashed(source))


@pytest.mark.parametrize("element", [{}, {"text": None}, {"text": "", PARAGRAPHS: {}}, {PARAGRAPHS: None}])
def test_nothing_to_hash(element: Fields) -> None:
    assert text_hash(element) is None
