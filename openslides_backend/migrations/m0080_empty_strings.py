"""What is empty isn't set, where it could stand for something otherwise."""

from openslides_backend.migrations.data import Data

_FIELDS = (
    ("group", "external_id"),
    ("meeting", "external_id"),
    ("mediafile", "title"),
    ("motion", "number"),
    ("option", "text"),
    ("user", "member_number"),
)


def migrate(data: Data) -> None:
    for collection, name in _FIELDS:
        for model in data.models(collection):
            if model.get(name) == "":
                model.pop(name)
