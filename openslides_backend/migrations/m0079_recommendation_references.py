"""A motion refers to another one once, and comes from a meeting only while that is there."""

from openslides_backend.migrations.data import Data

_REFERENCES = "recommendation_extension_reference_ids"


def migrate(data: Data) -> None:
    for motion in data.models("motion"):
        if motion.get(_REFERENCES):
            motion.set(recommendation_extension_reference_ids=list(dict.fromkeys(motion.texts(_REFERENCES))))
        if data.find("meeting", motion.id_of("origin_meeting_id")) is None:
            motion.pop("origin_meeting_id")
