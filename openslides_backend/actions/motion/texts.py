"""Texts of motions: the paragraphs that amendments change (motion.md, "R8")."""

from openslides_backend.engine.payload import Payload, Schema
from openslides_backend.models.html import clean_strict
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.models.motion_text import PARAGRAPHS
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.typing import Fields

PARAGRAPHS_SCHEMA: Schema = {
    "type": "object",
    "propertyNames": {"pattern": "^(0|[1-9][0-9]*)$"},
    "additionalProperties": {"type": "string"},
}
"""New texts of paragraphs, by their places in the text of the lead motion."""


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
