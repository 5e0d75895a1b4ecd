"""There is no default projector for users any longer."""

from openslides_backend.migrations.data import Data

_PLACES = (
    ("meeting", "default_projector_${}_ids"),
    ("projector", "used_as_default_${}_in_meeting_id"),
)


def migrate(data: Data) -> None:
    for collection, pattern in _PLACES:
        template = pattern.format("")
        for model in data.models(collection):
            model.pop(pattern.format("user"))
            model.put_list(template, [name for name in model.texts(template) if name != "user"])
