"""What counts as the same text of motions (motion.md, "R5")."""

import json
import re
from collections.abc import Mapping
from hashlib import md5
from html import unescape

from openslides_backend.shared.typing import ReadOnlyFields

PARAGRAPHS = "amendment_paragraphs"

_TAG = re.compile(r"<[^>]*+>")


def text_hash(fields: ReadOnlyFields) -> str | None:
    """The hash of `text`, else of `amendment_paragraphs`; None if both are empty. Tags don't matter.

    The texts must have been cleaned.
    """
    if fields.get("text"):
        source = plain_text(fields["text"])
    elif fields.get(PARAGRAPHS):
        source = _plain_paragraphs(fields[PARAGRAPHS])
    else:
        return None
    return md5(source.encode(), usedforsecurity=False).hexdigest()


def plain_text(cleaned: str) -> str:
    """What is left of cleaned HTML without tags, with characters in place of references.

    Nothing in it has `<` and `>` but tags, and no tag has them inside (`models.html`).
    """
    return unescape(_TAG.sub("", cleaned))


def _plain_paragraphs(paragraphs: Mapping[str, str]) -> str:
    return json.dumps({place: plain_text(text) for place, text in paragraphs.items()}, sort_keys=True)
