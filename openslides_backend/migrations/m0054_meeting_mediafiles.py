"""What a file means to a meeting moves to a model of its own, which has the id of the file."""

from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_OLD, _NEW = "mediafile", "meeting_mediafile"
_MOVED: Final = (
    "is_public",
    "access_group_ids",
    "inherited_access_group_ids",
    "list_of_speakers_id",
    "projection_ids",
    "attachment_ids",
)
_PLACES = ("used_as_logo_", "used_as_font_")


def migrate(data: Data) -> None:
    moved: dict[int, Model] = {}
    for mediafile in data.models(_OLD):
        owner = mediafile.target("owner_id")
        if owner is None or owner[0] != "meeting":
            continue
        names = [name for name in mediafile.fields if name in _MOVED or name.startswith(_PLACES)]
        values = {name: mediafile.fields.pop(name) for name in names}
        # What has one already was made by a later version.
        if not mediafile.ids("meeting_mediafile_ids"):
            moved[mediafile.id] = _move(data, mediafile, owner[1], values)
    for collection in ("list_of_speakers", "projection"):
        for model in data.models(collection):
            target = model.target("content_object_id")
            if target is not None and target[0] == _OLD and target[1] in moved:
                model.set(content_object_id=make_fqid(_NEW, target[1]))
    for collection in ("topic", "motion", "assignment"):
        data.rename_field(collection, "attachment_ids", "attachment_meeting_mediafile_ids")


def _move(data: Data, mediafile: Model, meeting_id: int, values: Fields) -> Model:
    if data.find(_NEW, mediafile.id) is not None:
        raise mediafile.failure("id", f"there is already a {_NEW} of this id")
    mediafile.set(meeting_mediafile_ids=[mediafile.id])
    if (meeting := data.find("meeting", meeting_id)) is not None:
        meeting.append("meeting_mediafile_ids", mediafile.id)
    return data.put(_NEW, mediafile.id, meeting_id=meeting_id, mediafile_id=mediafile.id, **values)
