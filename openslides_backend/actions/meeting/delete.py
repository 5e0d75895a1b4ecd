"""Delete meetings."""

from collections.abc import Sequence

from openslides_backend.actions.meeting.checks import check_not_locked
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.rules import meeting_committee_manager
from openslides_backend.shared.typing import Fields


class MeetingDelete(DeleteAction):
    """Delete a meeting, archived or not, with everything in it."""

    name = "meeting.delete"
    model = Meeting
    payload = Payload(Meeting, required=["id"])
    permission = meeting_committee_manager()
    archived_exempt = True
    parts = (Stored("locked_from_inside"),)

    def check_early(self, elements: Sequence[Fields]) -> None:
        check_not_locked(self.run, [element["id"] for element in elements])
