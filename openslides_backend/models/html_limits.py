"""Keeps the time that parsing of HTML takes linear in its length.

The rules by which browsers (and so all parsers that agree with them) mend broken HTML are not: each tag looks through
all open elements, each block opens anew all formatting elements that were not closed, each attribute is compared with
all others of its tag. What would make that count is told by looking at the text, without parsing it.
"""

import re
from typing import Final

from openslides_backend.models.html_rules import HTMLTooComplexError

MAX_FORMATTING: Final = 500_000
MAX_NESTING: Final = 10_000_000
"""Bounds for how many formatting elements, and how many elements, are left open, times the number of tags.

Each takes less than a second to work off.
"""
MAX_SEPARATORS: Final = 10_000
"""How many attributes a tag may have at most is less than the number of white space and of quotes in the text."""
_MAX_ROUNDS: Final = 12

_FLAGS = re.IGNORECASE | re.ASCII
_SPACE = r"[ \n\r\t\f]"
_ATTRIBUTES = rf"""(?:{_SPACE}++[\w:.-]++(?:="[^"<]*+"|='[^'<]*+'|=[^\s"'<>=`]++)?+){{0,100}}+{_SPACE}*+"""
_NOT_PLAIN = re.compile(rf"<(?=[a-z])(?![a-z][\w:-]*+{_ATTRIBUTES}/?+>)", _FLAGS)
_CLOSED = re.compile(rf"<([a-z][\w:-]*+){_ATTRIBUTES}>[^<]*+</\1{_SPACE}*+>", _FLAGS)
_NEVER_NESTED = re.compile(
    rf"</?(?:br|hr|img|col|wbr|p|li|dt|dd|tr|thead|tbody|tfoot|colgroup)(?![\w:-]){_ATTRIBUTES}/?+>", _FLAGS
)
_FOREIGN = re.compile(r"<(?:svg|math)", _FLAGS)
_OPEN = re.compile(r"<[a-z]", _FLAGS)
_OPEN_FORMATTING = re.compile(r"<(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", _FLAGS)
_SEPARATOR = re.compile(r"[\s/\"']")


def tame(text: str) -> str:
    """The text, where a long one has nothing that could be a tag with thousands of attributes.

    What isn't plainly a tag, but something that a parser could take for one, is made text there.
    """
    if len(text) <= MAX_SEPARATORS or not _NOT_PLAIN.search(text) or len(_SEPARATOR.findall(text)) <= MAX_SEPARATORS:
        return text
    return _NOT_PLAIN.sub("&lt;", text)


def check_complexity(text: str) -> None:
    """Raises HTMLTooComplexError if too many elements are left open, or are nested, for the number of tags.

    Whatever could be the start of an element counts, unless it is surely closed right after: so the parser never has
    more open elements than are counted.
    """
    tags = text.count("<")
    if _fits(text, tags):
        return
    if not _FOREIGN.search(text):  # where nothing nests other than usual
        text = _NEVER_NESTED.sub("", text)
    for _ in range(_MAX_ROUNDS):
        if _fits(text, tags):
            return
        shorter = _CLOSED.sub("", text)
        if len(shorter) > 0.99 * len(text):
            break
        text = shorter
    if not _fits(text, tags):
        raise HTMLTooComplexError


def _fits(text: str, tags: int) -> bool:
    if len(_OPEN.findall(text)) * tags > MAX_NESTING:
        return False
    return len(_OPEN_FORMATTING.findall(text)) * tags <= MAX_FORMATTING
