"""Cleaning of HTML (engine.md, "HTML cleaning").

Bleach does the work; what is added here are the rules of the specification that it has no option for, and what makes
cleaning a second time change nothing, which the data checker relies on.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from html import unescape
from html.entities import html5
from typing import Any

from bleach.css_sanitizer import CSSSanitizer
from bleach.html5lib_shim import BleachHTMLParser, BleachHTMLTokenizer
from bleach.sanitizer import Cleaner

from openslides_backend.models.html_rules import (
    ATTRIBUTES,
    FRAME_ATTRIBUTES,
    PERMISSIVE_TAGS,
    STRICT_TAGS,
    STYLES,
    TAG_ATTRIBUTES,
)

MAX_NESTING = 250
MAX_ATTRIBUTES = 250
MAX_PASSES = 5
"""Elements that are nested against the rules of HTML may be moved by the parser, and moved again the next time."""

_ENDLESS_REFERENCE = re.compile(r"&(?=#(?:[0-9]{8}|[xX][0-9a-fA-F]{7}))")
_SPECIAL = re.compile(r"[<>&\x00-\x09\x0b-\x1f]")
_cleaners = threading.local()


class HTMLTooComplexError(ValueError):
    """HTML is nested so deep, or has a tag with so many attributes, that no editor wrote it."""


def clean_strict(text: str) -> str:
    """HTML without anything that could run or embed something foreign.

    Raises HTMLTooComplexError.
    """
    return _clean(text, "strict", STRICT_TAGS)


def clean_permissive(text: str) -> str:
    """As `clean_strict`, with videos and with frames, the latter in a sandbox.

    Raises HTMLTooComplexError.
    """
    return _clean(text, "permissive", PERMISSIVE_TAGS)


def _clean(text: str, kind: str, tags: frozenset[str]) -> str:
    if not _SPECIAL.search(text):
        return text  # plain text, spared the parser, which is slow
    # No code point has that many digits, and Bleach would stumble over numbers that Python refuses to parse.
    text = _ENDLESS_REFERENCE.sub("&amp;", text.replace("\t", ""))
    cleaner: Cleaner | None = getattr(_cleaners, kind, None)
    if cleaner is None:
        cleaner = _create_cleaner(tags)
        setattr(_cleaners, kind, cleaner)  # one a thread: its parser has a state
    for _ in range(MAX_PASSES):
        if (cleaned := cleaner.clean(text)) == text:
            break
        text = cleaned
    return text


def _create_cleaner(tags: frozenset[str]) -> Cleaner:
    filters: Any = [_LastTouches]  # Bleach's stubs ask for a class that it doesn't export
    cleaner = Cleaner(
        tags=tags,
        attributes=_is_allowed,
        filters=filters,
        css_sanitizer=_StyleSanitizer(allowed_css_properties=STYLES, allowed_svg_properties=frozenset()),
    )
    cleaner.parser = _Parser(tags, strip=False, consume_entities=False, namespaceHTMLElements=False)
    # With single quotes around them, Bleach escapes the references within a value once more on every cleaning.
    cleaner.serializer.use_best_quote_char = False
    return cleaner


def _is_allowed(tag: str, name: str, value: str) -> bool:
    """Whether a tag may have an attribute; what Bleach knows to hold URLs or styles it checks by itself."""
    return name in ATTRIBUTES or name.startswith("data-") or name in TAG_ATTRIBUTES.get(tag, ())


class _StyleSanitizer(CSSSanitizer):
    """Judges styles as the browser will see them, with character references decoded."""

    def sanitize_css(self, style: str) -> str:
        try:
            cleaned = super().sanitize_css(unescape(style))
        except RecursionError:
            return ""
        return cleaned.replace("&", "&amp;")


class _Tokenizer(BleachHTMLTokenizer):
    """Bounds the nesting of elements and the attributes of a tag: the time they take grows with their square."""

    def __iter__(self) -> Iterator[Any]:
        for token in super().__iter__():
            if len(self.parser.tree.openElements) > MAX_NESTING:
                raise HTMLTooComplexError
            yield token

    def beforeAttributeNameState(self) -> bool:  # noqa: N802 (html5lib's name)
        if self.currentToken is not None and len(self.currentToken["data"]) > MAX_ATTRIBUTES:
            raise HTMLTooComplexError
        return super().beforeAttributeNameState()


class _Parser(BleachHTMLParser):
    """Bleach's parser with the tokenizer above."""

    def _parse(self, stream: Any, innerHTML: bool = False, container: str = "div", **kwargs: Any) -> None:  # noqa: N803
        self.innerHTMLMode = innerHTML
        self.container = container
        self.scripting = True
        self.tokenizer = _Tokenizer(stream=stream, consume_entities=False, parser=self)
        self.reset()
        self.mainLoop()


class _LastTouches:
    """The last filter of the tokens before they become text again.

    It puts frames into their sandbox, escapes what looks like a character reference and is none, and keeps the line
    feed that the parser takes away after each `<pre>`, so that one that was meant stays.
    """

    def __init__(self, source: Iterable[dict[str, Any]]) -> None:
        self.source = source

    def __iter__(self) -> Iterator[dict[str, Any]]:
        after_pre = False
        for token in self.source:
            name = token.get("name")
            if token["type"] == "StartTag" and name == "iframe":
                yield {**token, "data": {**FRAME_ATTRIBUTES, **token["data"]}}
            elif token["type"] == "Entity" and not _is_reference(token["name"]):
                yield {"type": "Characters", "data": f"&{name};"}
            elif after_pre and str(token.get("data", "")).startswith("\n"):
                yield {**token, "data": "\n" + token["data"]}
            else:
                yield token
            after_pre = token["type"] == "StartTag" and name == "pre"


def _is_reference(name: str) -> bool:
    """Whether HTML knows the character reference `&name;`."""
    if not name.startswith("#"):
        return f"{name};" in html5
    digits = name[1:].lower()
    if digits in ("", "x"):
        return False
    return 0 < int(digits.removeprefix("x"), 16 if digits.startswith("x") else 10) <= 0x10FFFF
