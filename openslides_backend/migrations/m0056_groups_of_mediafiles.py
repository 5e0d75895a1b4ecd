"""Groups name what files mean to their meeting, not the files themselves."""

from collections import defaultdict

from openslides_backend.migrations.data import Data

_PLACES = (
    ("access_group_ids", "meeting_mediafile_access_group_ids"),
    ("inherited_access_group_ids", "meeting_mediafile_inherited_access_group_ids"),
)


def migrate(data: Data) -> None:
    data.remove_fields("group", "mediafile_access_group_ids", "mediafile_inherited_access_group_ids")
    for name, reverse in _PLACES:
        found = defaultdict[int, list[int]](list)
        for mediafile in data.models("meeting_mediafile"):
            for group_id in mediafile.ids(name):
                found[group_id].append(mediafile.id)
        for group in data.models("group"):
            group.put_list(reverse, found.get(group.id, []))
