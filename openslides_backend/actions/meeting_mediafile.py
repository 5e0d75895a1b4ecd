"""What files mean to a meeting (mediafile.md)."""

from collections.abc import Sequence

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MeetingMediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


def _same(element: Fields) -> Filter:
    return equals(meeting_id=element["meeting_id"], mediafile_id=element["mediafile_id"])


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

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().reads(elements), *(filter_query("meeting_mediafile", _same(e), "id") for e in elements)]

    def check(self, element: Fields) -> None:
        if self.uow.any("meeting_mediafile", _same(element)):
            raise BadRequest(f"mediafile/{element['mediafile_id']} is known to the meeting already.")


class MeetingMediafileDelete(DeleteAction):
    """Forget a file in a meeting, with its list of speakers and projections; the file itself stays."""

    name = "meeting_mediafile.delete"
    model = MeetingMediafile
    payload = Payload(MeetingMediafile, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
