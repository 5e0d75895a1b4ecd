"""Numbers by which models are called in their meeting."""

from collections import Counter
from collections.abc import Iterable

from openslides_backend.migrations.data import Data

NUMBERED = (
    "assignment",
    "motion_block",
    "motion_category",
    "motion_workflow",
    "poll",
    "projector",
    "topic",
    "list_of_speakers",
    "motion_comment_section",
    "motion_statute_paragraph",
)


def number(data: Data, collections: Iterable[str]) -> None:
    """Count the models of each collection in their order, from 1 in each meeting."""
    for collection in collections:
        counts = Counter[int | None]()
        for model in data.models(collection):
            meeting_id = model.id_of("meeting_id")
            counts[meeting_id] += 1
            model.set(sequential_number=counts[meeting_id])
