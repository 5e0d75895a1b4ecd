"""What files mean to a meeting (mediafile.md)."""

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction
from openslides_backend.engine.parts import Matching, same
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MeetingMediafile
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields


class MeetingMediafileCreate(CreateAction):
    """Make a file known to a meeting."""

    name = "meeting_mediafile.create"
    model = MeetingMediafile
    payload = Payload(
        MeetingMediafile,
        required=["meeting_id", "mediafile_id", "is_public"],
        optional=["access_group_ids", "inherited_access_group_ids"],
    )
    visibility = Visibility.BACKEND_INTERNAL

    links = Matching("meeting_mediafile", same("meeting_id", "mediafile_id"))

    def check(self, element: Fields) -> None:
        if self.links.of(element):
            raise BadRequest(f"mediafile/{element['mediafile_id']} is known to the meeting already.")


class MeetingMediafileDelete(DeleteAction):
    """Forget a file in a meeting, with its list of speakers and projections; the file itself stays."""

    name = "meeting_mediafile.delete"
    model = MeetingMediafile
    payload = Payload(MeetingMediafile, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
