"""The paragraphs of an amendment become one object."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.template_fields import take


def migrate(data: Data) -> None:
    for motion in data.models("motion"):
        if paragraphs := take(motion, "amendment_paragraph_"):
            motion.set(amendment_paragraphs=paragraphs)
