"""Groups and meetings no longer name participants and users that are missing."""

from openslides_backend.migrations.data import Data

_LISTS = (("group", "meeting_user_ids", "meeting_user"), ("meeting", "present_user_ids", "user"))


def migrate(data: Data) -> None:
    for collection, name, target in _LISTS:
        for model in data.models(collection):
            if ids := model.ids(name):
                model.put_list(name, [id_ for id_ in ids if data.find(target, id_) is not None])
