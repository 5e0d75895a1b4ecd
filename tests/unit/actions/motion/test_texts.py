"""Texts of motions (motion.md, "R8")."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.actions.motion.texts import (
    PARAGRAPHS_SCHEMA,
    MotionPayload,
)
from openslides_backend.models.html import clean_strict
from openslides_backend.models.html_rules import STRICT_TAGS
from openslides_backend.models.models import Motion
from openslides_backend.models.motion_text import PARAGRAPHS, plain_text
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.typing import Fields

PAYLOAD = MotionPayload(Motion, optional=["text", PARAGRAPHS], narrowed={PARAGRAPHS: PARAGRAPHS_SCHEMA})

TAGS = ["p", "b", "ol", "li", "table", "td", "script", "style", "img", "iframe", "svg", "x-y", "pre", "span", "a"]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        ['<a href="javascript:x">', "<img src=x onerror=y>", "<!-- c -->", "&lt;", "&amp;lt;", "&", "<", ">"]
    ),
    st.text(max_size=5),
)
HTML = st.lists(PIECES, max_size=20).map("".join)


class _Texts(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag."""
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        """A text node."""
        self.found.append(data)


def cleaned(element: Fields) -> Fields:
    """The element as it may be stored."""
    element = PAYLOAD.clean(element)
    PAYLOAD.clean_html(element)
    return element


@given(HTML, HTML)
def test_cleaned_once_and_for_all(text: str, paragraph: str) -> None:
    text, paragraph = text.replace("\0", ""), paragraph.replace("\0", "")
    element = cleaned({"text": text, PARAGRAPHS: {"0": paragraph}})
    assert _Texts(element["text"]).tags <= STRICT_TAGS
    assert _Texts(element[PARAGRAPHS]["0"]).tags <= STRICT_TAGS
    assert cleaned(element) == element


@given(HTML)
def test_plain_text_is_that_of_all_text_nodes(text: str) -> None:
    stored = clean_strict(text)
    assert plain_text(stored) == "".join(_Texts(stored).found)


@pytest.mark.parametrize("paragraphs", [{"01": "x"}, {"-1": "x"}, {"a": "x"}, {"1\n": "x"}, {"1": 1}, ["x"], None])
def test_malformed_paragraphs(paragraphs: object) -> None:
    with pytest.raises(PayloadError, match=PARAGRAPHS):
        PAYLOAD.clean({PARAGRAPHS: paragraphs})


def test_too_complex_paragraph() -> None:
    with pytest.raises(PayloadError, match="Paragraph 7") as caught:
        PAYLOAD.clean_html({PARAGRAPHS: {"7": "<b>" * 100_000}})
    assert caught.value.field == PARAGRAPHS
