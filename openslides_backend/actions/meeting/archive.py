"""Archive meetings and bring them back."""

from collections.abc import Sequence

from openslides_backend.actions.meeting.checks import ORGANIZATION_ID, check_limit, organization_needs
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import meeting_committee_manager, oml
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import And, FieldFilter, Filter, equals
from openslides_backend.shared.typing import Fields

_ACTIVE, _ARCHIVED = "is_active_in_organization_id", "is_archived_in_organization_id"


def _running_speeches(meeting_id: int) -> Filter:
    return And(equals(meeting_id=meeting_id, end_time=None), FieldFilter("begin_time", "!=", None))


def _running_polls(meeting_id: int) -> Filter:
    return equals(meeting_id=meeting_id, state="started")


class MeetingArchive(UpdateAction):
    """Archive a meeting in which nobody speaks and no poll runs; nothing in it can be changed any more."""

    name = "meeting.archive"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = meeting_committee_manager()

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        speeches = [filter_query("speaker", _running_speeches(element["id"]), "id") for element in elements]
        return [*speeches, *(filter_query("poll", _running_polls(element["id"]), "id") for element in elements)]

    def fill(self, element: Fields) -> None:
        element.update({_ACTIVE: None, _ARCHIVED: ORGANIZATION_ID})

    def check(self, element: Fields) -> None:
        if not self.uow.get("meeting", element["id"], _ACTIVE).get(_ACTIVE):
            raise BadRequest(f"Meeting {element['id']} is archived already.")
        if self.uow.any("speaker", _running_speeches(element["id"])):
            raise BadRequest(f"Meeting {element['id']} can not be archived: somebody is speaking.")
        if self.uow.any("poll", _running_polls(element["id"])):
            raise BadRequest(f"Meeting {element['id']} can not be archived: a poll is running.")


class MeetingUnarchive(UpdateAction):
    """Make an archived meeting an active one again."""

    name = "meeting.unarchive"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = oml(Level.SUPERADMIN)
    archived_exempt = True
    parts = (Stored(_ACTIVE),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [organization_needs("limit_of_meetings", "active_meeting_ids")]

    def fill(self, element: Fields) -> None:
        element.update({_ACTIVE: ORGANIZATION_ID, _ARCHIVED: None})

    def check(self, element: Fields) -> None:
        if self.uow.get("meeting", element["id"], _ACTIVE).get(_ACTIVE):
            raise BadRequest(f"Meeting {element['id']} is not archived.")
        check_limit(self.uow)
