"""A file has an owner instead of a meeting."""

from openslides_backend.migrations.data import Data
from openslides_backend.shared.fqid import make_fqid


def migrate(data: Data) -> None:
    for mediafile in data.models("mediafile"):
        meeting_id = mediafile.id_of("meeting_id")
        mediafile.pop("meeting_id")
        if meeting_id is not None:
            mediafile.set(owner_id=make_fqid("meeting", meeting_id))
