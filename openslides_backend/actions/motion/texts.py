"""Texts of motions: the paragraphs that amendments change, and what is the same text (motion.md, "R5" and "R8")."""

import json
import re
from collections.abc import Mapping
from hashlib import md5
from html import unescape

from openslides_backend.engine.payload import Payload, Schema
from openslides_backend.models.html import clean_strict
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.typing import Fields, ReadOnlyFields

PARAGRAPHS = "amendment_paragraphs"

PARAGRAPHS_SCHEMA: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^(0|[1-9][0-9]*)$"},
    "additionalProperties": {"type": "string"},
}
"""New texts of paragraphs, by their places in the text of the lead motion."""

_TAG = re.compile(r"<[^>]*+>")


class MotionPayload(Payload):
    """A payload of a motion, in whose `amendment_paragraphs` each text is HTML as well."""

    def clean_html(self, element: Fields) -> None:
        """Clean the HTML in the element's model fields and paragraphs.

        Raises PayloadError naming the field.
        """
        super().clean_html(element)
        if element.get(PARAGRAPHS):
            element[PARAGRAPHS] = {place: _cleaned(place, text) for place, text in element[PARAGRAPHS].items()}


def _cleaned(place: str, text: str) -> str:
    try:
        return clean_strict(text)
    except HTMLTooComplexError:
        message = f"Paragraph {place} must not have that many tags that are nested or not closed."
        raise PayloadError(message, field=PARAGRAPHS) from None


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
