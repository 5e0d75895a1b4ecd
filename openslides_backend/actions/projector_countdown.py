"""Countdowns of projectors (projector.md)."""

from collections.abc import Sequence

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import ProjectorCountdown
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_USES = ("used_as_list_of_speakers_countdown_meeting_id", "used_as_poll_countdown_meeting_id")


def _same_title(meeting_id: int | None, title: str) -> Filter:
    return equals(meeting_id=meeting_id, title=title)


class ProjectorCountdownCreate(CreateAction):
    """Create a countdown that stands at its default time, which is the meeting's unless given."""

    name = "projector_countdown.create"
    model = ProjectorCountdown
    payload = Payload(ProjectorCountdown, required=["meeting_id", "title"], optional=["description", "default_time"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (OfMeeting("projector_countdown_default_time"),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        titles = [filter_query("projector_countdown", _same_title(e["meeting_id"], e["title"]), "id") for e in elements]
        return [*super().reads(elements), *titles]

    def fill(self, element: Fields) -> None:
        if element.get("default_time") is None:
            element["default_time"] = self.meeting(element).get("projector_countdown_default_time")
        element["countdown_time"] = element["default_time"]

    def check(self, element: Fields) -> None:
        if self.uow.any("projector_countdown", _same_title(element["meeting_id"], element["title"])):
            raise BadRequest(f"title: the meeting has a countdown '{element['title']}' already.")


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
    parts = (Stored("title"),)

    def prepare(self, elements: list[Fields]) -> None:
        self.uow.prefetch(
            filter_query("projector_countdown", _same_title(self.meeting_id(element), element["title"]), "id")
            for element in elements
            if "title" in element
        )

    def check(self, element: Fields) -> None:
        if "title" not in element:
            return
        same = self.uow.filter("projector_countdown", _same_title(self.meeting_id(element), element["title"]), "id")
        if same.keys() - {element["id"]}:
            raise BadRequest(f"title: the meeting has another countdown '{element['title']}'.")


class ProjectorCountdownDelete(DeleteAction):
    """Delete a countdown with its projections; not those of the lists of speakers and of the polls."""

    name = "projector_countdown.delete"
    model = ProjectorCountdown
    payload = Payload(ProjectorCountdown, required=["id"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)

    def check(self, element: Fields) -> None:
        countdown = self.uow.get("projector_countdown", element["id"], *_USES)
        for name in _USES:
            if name in countdown and not self.uow.is_deleting("meeting", countdown[name]):
                raise BadRequest(f"projector_countdown/{element['id']} is in use ({name}) and can not be deleted.")
