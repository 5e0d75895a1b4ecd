"""Archive meetings and bring them back."""

from openslides_backend.actions.meeting.checks import RoomForOne
from openslides_backend.engine.action import Known
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Matching, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import meeting_committee_manager, oml
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import And, FieldFilter, Filter, equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

_ACTIVE, _ARCHIVED = "is_active_in_organization_id", "is_archived_in_organization_id"


def _running_speeches(element: Known) -> Filter:
    return And(equals(meeting_id=element["id"], end_time=None), FieldFilter("begin_time", "!=", None))


def _running_polls(element: Known) -> Filter:
    return equals(meeting_id=element["id"], state="started")


class MeetingArchive(UpdateAction):
    """Archive a meeting in which nobody speaks and no poll runs; nothing in it can be changed any more."""

    name = "meeting.archive"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = meeting_committee_manager()
    parts = (Stored(_ACTIVE),)
    speeches = Matching("speaker", _running_speeches)
    polls = Matching("poll", _running_polls)

    def check(self, element: Fields) -> None:
        if not self.stored(element)[_ACTIVE]:
            raise BadRequest(f"Meeting {element['id']} is archived already.")
        if self.speeches.of(element):
            raise BadRequest(f"Meeting {element['id']} can not be archived: somebody is speaking.")
        if self.polls.of(element):
            raise BadRequest(f"Meeting {element['id']} can not be archived: a poll is running.")

    def fill(self, element: Fields) -> None:
        element.update({_ACTIVE: None, _ARCHIVED: ORGANIZATION_ID})


class MeetingUnarchive(UpdateAction):
    """Make an archived meeting an active one again."""

    name = "meeting.unarchive"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = oml(Level.SUPERADMIN)
    archived_exempt = True
    parts = (Stored(_ACTIVE), RoomForOne())

    def check(self, element: Fields) -> None:
        if self.stored(element)[_ACTIVE]:
            raise BadRequest(f"Meeting {element['id']} is not archived.")

    def fill(self, element: Fields) -> None:
        element.update({_ACTIVE: ORGANIZATION_ID, _ARCHIVED: None})
