"""Cleaning of HTML (engine.md, "HTML cleaning")."""

import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.models.html import clean_permissive, clean_strict
from openslides_backend.models.html_rules import (
    ATTRIBUTES,
    PERMISSIVE_TAGS,
    STRICT_TAGS,
    TAG_ATTRIBUTES,
    HTMLTooComplexError,
)

SANDBOX = 'sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer"'


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("", ""),
        ("plain\ntext", "plain\ntext"),
        ("a\tb<p>\t</p>", "ab<p></p>"),
        ("<p>l&ouml;mk&nbsp;\xa0&hellip; &#246; &#xF6;</p>", "<p>lömk&nbsp;\xa0… ö ö</p>"),
        ("a & b &unknown; &am; &#; &#x; &#9999999; &#999999999999; &amp;lt;", None),
        ("&lt; &#60; &gt; &quot; &apos; &Tab; &#0; &#xFDD0; \ufdd0&", "&lt; &lt; &gt; \" '  &amp;#0;  \ufffd&amp;"),
        ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
        ("<it>test</it>", "test"),
        ("</><</>broken>", "&lt;broken&gt;"),
        ("a<!-- b -->c", "ac"),
        ("<p><u>a", "<p><u>a</u></p>"),
        ("<b>a", "a"),
        ("a<script>alert(1)</script>b<style>p {}</style>c", "abc"),
        ('<p onclick="x()" class="y" id="z" data-foo="1">a</p>', '<p id="z" data-foo="1">a</p>'),
        ("<iframe></iframe><video>a</video>", "a"),
        ('<a href="javascript:alert(1)" rel="x" src="y">a</a>', '<a rel="x">a</a>'),
        ('<a href="&#106;avascript&#58;alert(1)">a</a>', "<a>a</a>"),
        ('<a href="java&Tab;script&colon;alert(1)">a</a>', "<a>a</a>"),
        ('<a href="java\nscript:alert(1)">a</a>', "<a>a</a>"),
        ('<a href="https://example.com/?a=1&b=2">a</a>', '<a href="https://example.com/?a=1&amp;b=2">a</a>'),
        ('<img src="data:text/html,x" alt="y">', '<img alt="y">'),
        ('<p style="color: red; position: fixed">a</p>', '<p style="color:red">a</p>'),
        ('<p style="fill: red">a</p>', '<p style="">a</p>'),
        ('<p title="&quot;a&quot; &amp; <b>">a</p>', '<p title="&quot;a&quot; &amp; &lt;b&gt;">a</p>'),
        ("<p title='\"a\" & b'>a</p>", '<p title="&quot;a&quot; &amp; b">a</p>'),
        ("<pre>\n\na</pre>", "<pre>\n\na</pre>"),
        ("<pre>\na</pre>", "<pre>a</pre>"),
    ],
)
def test_strict(text: str, cleaned: str | None) -> None:
    if cleaned is None:
        cleaned = "a &amp; b &amp;unknown; &amp;am; &amp;#; &amp;#x; &amp;#9999999; &amp;#999999999999; &amp;lt;"
    assert clean_strict(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("<iframe></iframe>", f"<iframe {SANDBOX}></iframe>"),
        (
            '<iframe sandbox="allow-top-navigation" width="5" src="https://example.com"></iframe>',
            f'<iframe {SANDBOX} width="5" src="https://example.com"></iframe>',
        ),
        ('<iframe src="javascript:x" srcdoc="y"></iframe>', f"<iframe {SANDBOX}></iframe>"),
        ("<iframe><script>x</script></iframe>", f"<iframe {SANDBOX}>&lt;script&gt;x&lt;/script&gt;</iframe>"),
        ('<p title="<iframe>">a</p>', '<p title="&lt;iframe&gt;">a</p>'),
        ("<video autoplay src=x onplay=y></video>", '<video autoplay="" src="x"></video>'),
    ],
)
def test_permissive(text: str, cleaned: str) -> None:
    assert clean_permissive(text) == cleaned


def test_styles_are_judged_as_browsers_read_them() -> None:
    """The reference ends the CSS string in a browser, while it is part of it as written."""
    for quote in ("&apos;", "&amp;apos;", "&#39;"):
        cleaned = clean_strict(f"""<p style="color:'{quote};position:fixed;'">a</p>""")
        style = _attributes(cleaned)["style"]
        assert "position" not in re.sub(r"'[^']*'|\"[^\"]*\"", "", style)


@pytest.mark.parametrize(
    "text",
    [
        '<a href="&#' + "9" * 5000 + ';">',
        "&#" + "9" * 5000 + ";",
        '<p style="color:' + "(" * 5000 + '">',
        '<a href="http://[">',
        "<" * 1000,
        "&" * 1000,
    ],
)
def test_nothing_breaks_it(text: str) -> None:
    cleaned = clean_strict(text)
    assert clean_strict(cleaned) == cleaned


def test_a_refusal_leaves_nothing_behind() -> None:
    with pytest.raises(HTMLTooComplexError):
        clean_strict("<div>" * 10_000)
    assert clean_strict("<p>a") == "<p>a</p>"


def test_threads_do_not_mix() -> None:
    texts = [f"<p><u>{number}<b>{number}</p>" * 20 for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(clean_strict, texts)) == [clean_strict(text) for text in texts]


PIECES = st.sampled_from(
    [
        *(
            f"<{tag}>"
            for tag in sorted(PERMISSIVE_TAGS | {"script", "style", "svg", "math", "b", "template", "select"})
        ),
        *(f"</{tag}>" for tag in sorted(PERMISSIVE_TAGS | {"script", "style", "svg"})),
        *("<", ">", "&", "'", '"', "\n", "\t", "text", "&lt;", "&amp;", "&#60;", "&ouml;", "<!--", "-->", "</", "/>"),
        *('<img src=x onerror="x()">', "<a href='javascript:x()'>", '<p style="color:red;behavior:url(x)">'),
        *("<a title='\"' href=", " onclick=x ", "<p a='<script>'>", "<![CDATA[", "<?php", "<iframe srcdoc='<script>'>"),
    ]
)
HTML = st.lists(PIECES, max_size=12).map("".join) | st.text()


@given(HTML)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    for clean in (clean_strict, clean_permissive):
        cleaned = clean(text)
        assert clean(cleaned) == cleaned


@given(HTML)
def test_nothing_survives_that_is_not_allowed(text: str) -> None:
    for clean, tags in ((clean_strict, STRICT_TAGS), (clean_permissive, PERMISSIVE_TAGS)):
        found = _Tags()
        found.feed(clean(text))
        assert found.tags <= tags
        for tag, name, value in found.attributes:
            allowed = ATTRIBUTES | TAG_ATTRIBUTES.get(tag, frozenset())
            assert name in allowed or name.startswith("data-") or (tag == "iframe" and name in SANDBOX)
            assert not re.match(r"\s*javascript:", value, re.IGNORECASE)


@given(st.text(st.characters(exclude_characters="<>&", exclude_categories=["Cc", "Cs"])))
def test_plain_text_passes(text: str) -> None:
    assert clean_strict(text) == text
    assert clean_strict(text + "<p></p>") == text + "<p></p>"


class _Tags(HTMLParser):
    """The tags and attributes of a text, read by a parser of another make."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def _attributes(text: str) -> dict[str, str]:
    found = _Tags()
    found.feed(text)
    return {name: value for _, name, value in found.attributes}
