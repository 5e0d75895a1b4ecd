"""Countdowns of projectors (projector.md)."""

from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import ProjectorCountdown
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

_USES = ("used_as_list_of_speakers_countdown_meeting_id", "used_as_poll_countdown_meeting_id")


class ProjectorCountdownCreate(CreateAction):
    """Create a countdown that stands at its default time, which is the meeting's unless given."""

    name = "projector_countdown.create"
    model = ProjectorCountdown
    payload = Payload(ProjectorCountdown, required=["meeting_id", "title"], optional=["description", "default_time"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (OfMeeting("projector_countdown_default_time"), UniqueInMeeting("title"))

    def fill(self, element: Fields) -> None:
        if element.get("default_time") is None:
            element["default_time"] = self.meeting(element).get("projector_countdown_default_time")
        element["countdown_time"] = element["default_time"]


class ProjectorCountdownUpdate(UpdateAction):
    """Change, start or stop a countdown."""

    name = "projector_countdown.update"
    model = ProjectorCountdown
    payload = Payload(
        ProjectorCountdown,
        required=["id"],
        optional=["title", "description", "default_time", "countdown_time", "running"],
    )
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (UniqueInMeeting("title"),)


class ProjectorCountdownDelete(DeleteAction):
    """Delete a countdown with its projections; not those of the lists of speakers and of the polls."""

    name = "projector_countdown.delete"
    model = ProjectorCountdown
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)

    parts = (Stored(*_USES),)

    def check(self, element: Fields) -> None:
        countdown = self.stored(element)
        for name in _USES:
            if countdown[name] is not None and not self.uow.is_deleting("meeting", countdown[name]):
                raise BadRequest(f"projector_countdown/{element['id']} is in use ({name}) and can not be deleted.")
