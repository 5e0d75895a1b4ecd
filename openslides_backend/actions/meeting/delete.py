"""Delete meetings."""

from collections.abc import Sequence

from openslides_backend.engine.action import blaming
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import rights_in
from openslides_backend.permissions.rules import meeting_committee_manager
from openslides_backend.shared.exceptions import BadRequest
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
        meetings = self.uow.get_many("meeting", [element["id"] for element in elements], "locked_from_inside")
        locked = [id_ for id_, meeting in meetings.items() if meeting.get("locked_from_inside")]
        if not locked or self.run.checker.has_level(Level.SUPERADMIN):
            return
        rights = self.run.checker.ask_all(rights_in(self.run.user_id, id_) for id_ in locked)
        allowed = {id_ for id_, r in zip(locked, rights, strict=True) if r.has(Permissions.Meeting.CAN_MANAGE_SETTINGS)}
        for index, element in enumerate(elements):
            if element["id"] in locked and element["id"] not in allowed:
                with blaming(index):
                    raise BadRequest(f"Meeting {element['id']} is locked from inside and can not be deleted.")
