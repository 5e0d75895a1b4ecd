"""Arrange those who wait."""

from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.models.models import Speaker
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting_of
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


class SpeakerSort(LinearSortAction):
    """Give all waiting speakers of a list a new order."""

    name = "speaker.sort"
    model = Speaker
    payload = linear_payload(Speaker, "list_of_speakers_id", "speaker_ids")
    permission = in_meeting_of("list_of_speakers_id", Permissions.ListOfSpeakers.CAN_MANAGE)
    meeting_source = "list_of_speakers_id"
    main_key = main_field = "list_of_speakers_id"
    ids_key = "speaker_ids"

    def scope(self, element: Fields) -> Filter:
        return equals(list_of_speakers_id=element["list_of_speakers_id"], begin_time=None)

    def require(self, element: Fields) -> None:
        self.uow.get("list_of_speakers", element["list_of_speakers_id"], "id")
