"""Cleaning of HTML (engine.md, "HTML cleaning").

nh3 does the work; what is added here are frames in their sandbox, what makes cleaning a second time change nothing,
which the data checker relies on, and what keeps the time linear in the length (`html_limits` has the rest of that).
"""

import re
from html import unescape
from html.entities import html5
from typing import Final

import nh3

from openslides_backend.models.html_limits import check_complexity, tame
from openslides_backend.models.html_rules import (
    ATTRIBUTES,
    FRAME_ATTRIBUTES,
    PERMISSIVE_TAGS,
    STRICT_TAGS,
    STYLES,
    TAG_ATTRIBUTES,
    URL_SCHEMES,
)

MAX_PASSES = 5
"""Elements that are nested against the rules of HTML may be moved by the parser, and moved again the next time."""

_SPECIAL = re.compile(r"[<>&\x00-\x09\x0b-\x1f]")
_FRAME = re.compile(r"<iframe([^>]*)>(.*?)</iframe>", re.DOTALL)
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_RESERVED = re.compile("[\ufdd0-\ufdd3]")
_AMPERSAND, _NO_BREAK_SPACE, _WRITTEN_SPACE, _REFERENCE_START = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_PLACEHOLDERS = {"&": _AMPERSAND, "\xa0": _WRITTEN_SPACE}
_DELIMITERS = frozenset("<>\"'")
_MAX_CODE_POINT: Final = 0x10FFFF
_NEW_LINE_IN_PRE = re.compile(r"(<pre(?: [^>]*)?>)\n")


def _cleaner(tags: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        attributes={
            "*": set(ATTRIBUTES),
            **{tag: set(names) for tag, names in TAG_ATTRIBUTES.items() if tag in tags},
        },
        generic_attribute_prefixes={"data-"},
        filter_style_properties=set(STYLES),
        url_schemes=set(URL_SCHEMES),
        clean_content_tags={"script", "style"},
        link_rel=None,
    )


_STRICT, _PERMISSIVE = _cleaner(STRICT_TAGS), _cleaner(PERMISSIVE_TAGS)


def clean_strict(text: str) -> str:
    """HTML without anything that could run or embed something foreign.

    Raises HTMLTooComplexError.
    """
    return _clean(text, _STRICT)


def clean_permissive(text: str) -> str:
    """As `clean_strict`, with videos and with frames, the latter in a sandbox.

    Raises HTMLTooComplexError.
    """
    return _clean(text, _PERMISSIVE)


def is_the_same(text: str, cleaned: str) -> bool:
    """Whether cleaning has changed nothing of a text but the way in which harmless characters are written.

    Harmless is what is neither an ampersand nor part of the syntax, so that the text is as clean as the cleaned one.
    """
    return text == cleaned or _REFERENCE.sub(_harmless, text) == cleaned


def _harmless(reference: re.Match[str]) -> str:
    character = unescape(reference[0]) if _is_known(reference[1]) else ""
    return character if len(character) == 1 and character.isalpha() else reference[0]


def _clean(text: str, cleaner: nh3.Cleaner) -> str:
    if not _SPECIAL.search(text):
        return text
    text = tame(text)
    for _ in range(MAX_PASSES):
        check_complexity(text)
        cleaned = _finish(cleaner.clean(_without_ampersands(text)))
        if cleaned == text or "<" not in cleaned:
            return cleaned
        text = cleaned
    return text


def _without_ampersands(text: str) -> str:
    """The text with characters in place of references, and placeholders in place of what nh3 would write as `&`.

    The time that it takes to write one of these grows with what follows it. The placeholders are characters that no
    reference stands for. References to delimiters stay, so that they can be told from delimiters.
    """
    text = _REFERENCE.sub(_decoded, _RESERVED.sub("\ufffd", text))
    text = text.replace("&", _AMPERSAND).replace("\xa0", _NO_BREAK_SPACE)
    return text.replace("\t", "").replace(_REFERENCE_START, "&")


def _decoded(reference: re.Match[str]) -> str:
    name = reference[1]
    if not _is_known(name):
        return reference[0]
    character = unescape(reference[0])
    if character in _PLACEHOLDERS:
        return _PLACEHOLDERS[character]
    return _REFERENCE_START + reference[0][1:] if character in _DELIMITERS else character


def _is_known(name: str) -> bool:
    if not name.startswith("#"):
        return f"{name};" in html5
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return 0 < number <= _MAX_CODE_POINT


def _finish(cleaned: str) -> str:
    """What nh3 writes has each `<` and `>` escaped but those of tags, and of the text of frames."""
    cleaned = cleaned.replace(_AMPERSAND, "&amp;").replace(_WRITTEN_SPACE, "&nbsp;").replace(_NO_BREAK_SPACE, "\xa0")
    cleaned = _FRAME.sub(_in_sandbox, cleaned)
    # The parser takes away a line feed after `<pre>`: one that was meant is written twice.
    return _NEW_LINE_IN_PRE.sub(r"\1\n\n", cleaned)


def _in_sandbox(frame: re.Match[str]) -> str:
    content = frame[2].replace("<", "&lt;").replace(">", "&gt;")
    return f"<iframe {FRAME_ATTRIBUTES}{frame[1]}>{content}</iframe>"
