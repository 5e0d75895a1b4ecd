"""A projection names what it shows."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.relations import remove

_SHOWN = (
    "meeting",
    "motion",
    "meeting_mediafile",
    "list_of_speakers",
    "motion_block",
    "assignment",
    "agenda_item",
    "topic",
    "poll",
    "projector_message",
    "projector_countdown",
)


def migrate(data: Data) -> None:
    unknown = {
        projection.id: projection
        for projection in data.models("projection")
        if projection.get("content_object_id") is None
    }
    for collection in _SHOWN if unknown else ():
        for model in data.models(collection):
            for id_ in model.ids("projection_ids"):
                if id_ in unknown:
                    unknown.pop(id_).set(content_object_id=model.fqid)
    remove(data, {"projection": unknown})
