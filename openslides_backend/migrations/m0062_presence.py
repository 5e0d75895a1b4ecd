"""Nobody is present in a meeting who is in none of its groups."""

from collections import defaultdict

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    gone = {
        (member.id_of("user_id"), member.id_of("meeting_id"))
        for member in data.models("meeting_user")
        if not member.ids("group_ids")
    }
    absent, left = defaultdict[int | None, set[int | None]](set), defaultdict[int | None, set[int | None]](set)
    for user_id, meeting_id in gone:
        absent[meeting_id].add(user_id)
        left[user_id].add(meeting_id)
    for collection, name, ids in (
        ("meeting", "present_user_ids", absent),
        ("user", "is_present_in_meeting_ids", left),
    ):
        for model in data.models(collection):
            if model.id in ids and model.get(name):
                model.set(**{name: [id_ for id_ in model.ids(name) if id_ not in ids[model.id]]})
