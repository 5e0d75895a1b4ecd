"""Characters that nobody sees."""

from unicodedata import category

_CATEGORIES = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
"""Control and format characters, lone surrogates, and what separates."""
_OTHERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"  # joiners, fillers, empty Braille
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))  # variation selectors
)
"""Letters, marks and symbols that are shown as nothing all the same."""


def is_invisible(character: str) -> bool:
    """Whether a character leaves no trace, or nothing but a gap, where it is shown."""
    return category(character) in _CATEGORIES or character in _OTHERS
