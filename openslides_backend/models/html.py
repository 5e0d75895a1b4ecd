"""Cleaning of HTML (engine.md, "HTML cleaning").

Bleach does the work; what is added here are the rules of the specification that it has no option for, and what makes
cleaning a second time change nothing, which the data checker relies on.
"""

import re
import threading
from importlib import import_module
from typing import Any

from openslides_backend.models.html_rules import PERMISSIVE_TAGS, STRICT_TAGS

MAX_PASSES = 5
"""Elements that are nested against the rules of HTML may be moved by the parser, and moved again the next time."""

_ENDLESS_REFERENCE = re.compile(r"&(?=#(?:[0-9]{8}|[xX][0-9a-fA-F]{7}))")
_SPECIAL = re.compile(r"[<>&\x00-\x09\x0b-\x1f]")
_cleaners = threading.local()


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
    cleaner: Any = getattr(_cleaners, kind, None)
    if cleaner is None:
        cleaner = import_module("openslides_backend.models.html_cleaner").create_cleaner(tags)
        setattr(_cleaners, kind, cleaner)  # one a thread: its parser has a state
    for _ in range(MAX_PASSES):
        cleaned: str = cleaner.clean(text)
        if cleaned == text:
            break
        text = cleaned
    return text
