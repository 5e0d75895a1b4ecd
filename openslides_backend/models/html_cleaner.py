"""What makes Bleach clean HTML as engine.md, "HTML cleaning", says.

Loaded with the first text that has to be cleaned, as Bleach takes a fifth of a worker's start.
"""

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
    STYLES,
    TAG_ATTRIBUTES,
    HTMLTooComplexError,
)

MAX_NESTING = 250
MAX_ATTRIBUTES = 250


def create_cleaner(tags: frozenset[str]) -> Cleaner:
    """A cleaner for one thread that leaves these tags."""
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
