"""Motions know those of their meeting and lead motion that have the same text."""

from collections import defaultdict
from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.models.html import clean_strict
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.models.motion_text import PARAGRAPHS, text_hash

MAX_RELATIONS: Final = 2_000_000
"""How many ids the lists may have together, which grow with the square of the number of motions with the same text."""


def migrate(data: Data) -> None:
    same = defaultdict[tuple[int | None, int | None, str], list[Model]](list)
    for motion in data.models("motion"):
        hash_ = _hash(motion)
        if hash_ is not None:
            motion.set(text_hash=hash_)
            same[motion.id_of("meeting_id"), motion.id_of("lead_motion_id"), hash_].append(motion)
    left = MAX_RELATIONS
    for motions in same.values():
        left -= len(motions) ** 2 - len(motions)
        if left < 0:
            raise motions[0].failure("text", "too many motions have the same")
        for motion in motions:
            motion.set(identical_motion_ids=[other.id for other in motions if other.id != motion.id])


def _hash(motion: Model) -> str | None:
    """The hash of the text as it would be if it were cleaned."""
    if text := motion.text("text"):
        return text_hash({"text": _cleaned(motion, "text", text)})
    paragraphs = motion.get(PARAGRAPHS)
    if paragraphs is None:
        return None
    if not isinstance(paragraphs, dict):
        raise motion.failure(PARAGRAPHS, "must be an object")
    cleaned = {}
    for number, paragraph in paragraphs.items():
        if isinstance(paragraph, str):
            cleaned[number] = _cleaned(motion, PARAGRAPHS, paragraph)
        elif paragraph is not None:
            raise motion.failure(PARAGRAPHS, f"paragraph {number:.20} must be a string")
    return text_hash({PARAGRAPHS: cleaned})


def _cleaned(motion: Model, name: str, text: str) -> str:
    try:
        text.encode()
        return clean_strict(text)
    except UnicodeEncodeError:
        raise motion.failure(name, "must not contain unpaired surrogates") from None
    except HTMLTooComplexError:
        raise motion.failure(name, "must not have that many tags that are nested or not closed") from None
