"""Users can't be projected any longer."""

from openslides_backend.migrations.data import Data

_LISTS = (
    ("meeting", "all_projection_ids"),
    ("projector", "current_projection_ids"),
    ("projector", "preview_projection_ids"),
    ("projector", "history_projection_ids"),
)


def migrate(data: Data) -> None:
    for user in data.models("user"):
        user.pop(*[name for name in user.fields if name.startswith("projection_$")])
    gone = set()
    for projection in data.models("projection"):
        target = projection.target("content_object_id")
        if target is not None and target[0] == "user":
            gone.add(projection.id)
    data.remove("projection", gone)
    for collection, name in _LISTS if gone else ():
        for model in data.models(collection):
            model.put_list(name, [id_ for id_ in model.ids(name) if id_ not in gone])
