"""What files mean to a meeting (mediafile.md)."""

from collections import Counter
from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Part, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MeetingMediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_PAIR = ("meeting_id", "mediafile_id")
_FEW = 20
"""So many files of a meeting are looked up one by one; for more, all that the meeting knows are read."""


class _Known(Part):
    """Which files the meetings of the elements know already."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        self._amounts = Counter(element["meeting_id"] for element in elements)
        for scope in dict.fromkeys(self._scope(element) for element in elements):
            yield filter_query("meeting_mediafile", scope, *_PAIR)

    def prepare(self, elements: list[Fields]) -> None:
        self._pairs = set[tuple[int, int]]()
        for scope in dict.fromkeys(self._scope(element) for element in elements):
            # Meeting and file of a link never change, so that one lock a field does for all of them.
            found = self.uow.filter("meeting_mediafile", scope, *_PAIR, constant=True)
            self._pairs.update((link["meeting_id"], link["mediafile_id"]) for link in found.values())

    def has(self, element: Fields) -> bool:
        """Whether its meeting knows the element's file."""
        return (element["meeting_id"], element["mediafile_id"]) in self._pairs

    def fill(self, element: Fields) -> None:
        self._pairs.add((element["meeting_id"], element["mediafile_id"]))

    def _scope(self, element: Fields) -> Filter:
        if self._amounts[element["meeting_id"]] > _FEW:
            return equals(meeting_id=element["meeting_id"])
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

    known = _Known()

    def check(self, element: Fields) -> None:
        if self.known.has(element):
            raise BadRequest(f"mediafile/{element['mediafile_id']} is known to the meeting already.")


class MeetingMediafileUpdate(UpdateAction):
    """Write who may see a file in a meeting; nothing is calculated here."""

    name = "meeting_mediafile.update"
    model = MeetingMediafile
    payload = Payload(
        MeetingMediafile, required=["id"], optional=["is_public", "access_group_ids", "inherited_access_group_ids"]
    )
    visibility = Visibility.BACKEND_INTERNAL


class MeetingMediafileDelete(DeleteAction):
    """Forget a file in a meeting, with its list of speakers and projections; the file itself stays."""

    name = "meeting_mediafile.delete"
    model = MeetingMediafile
    visibility = Visibility.BACKEND_INTERNAL
