"""Create, change and delete projectors."""

from collections.abc import Sequence

from openslides_backend.actions.shared.projectors import USED_AS_DEFAULT, USED_AS_REFERENCE
from openslides_backend.engine.action import check_each
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Projector
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.typing import Fields

_SETTINGS = (
    "is_internal",
    "width",
    "aspect_ratio_numerator",
    "aspect_ratio_denominator",
    "color",
    "background_color",
    "header_background_color",
    "header_font_color",
    "header_h1_color",
    "chyron_background_color",
    "chyron_background_color_2",
    "chyron_font_color",
    "chyron_font_color_2",
    "show_header_footer",
    "show_title",
    "show_logo",
    "show_clock",
)


def _check_roles(element: Fields, meeting_id: int | None) -> None:
    """A projector plays its roles in its own meeting only."""
    for name in (USED_AS_REFERENCE, *USED_AS_DEFAULT):
        if element.get(name) is not None and element[name] != meeting_id:
            raise BadRequest(f"{name} must be the projector's own meeting.")


class ProjectorCreate(CreateAction):
    """Create a projector."""

    name = "projector.create"
    model = Projector
    payload = Payload(
        Projector,
        required=["meeting_id"],
        required_keys=["name"],
        optional=[*_SETTINGS, USED_AS_REFERENCE, *USED_AS_DEFAULT],
    )
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)

    def check(self, element: Fields) -> None:
        _check_roles(element, element["meeting_id"])
        if element.get("is_internal") and element.get(USED_AS_REFERENCE):
            raise InvalidField("is_internal", "the reference projector can not be internal.")


class ProjectorUpdate(UpdateAction):
    """Change a projector."""

    name = "projector.update"
    model = Projector
    payload = Payload(Projector, required=["id"], optional=["name", *_SETTINGS, *USED_AS_DEFAULT])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (Stored("is_internal", USED_AS_REFERENCE),)

    def check_early(self, elements: Sequence[Fields]) -> None:
        check_each(elements, self._check_internal)

    def _check_internal(self, element: Fields) -> None:
        stored = self.uow.find_fields("projector", element["id"], *self.stored_names)
        if element.get("is_internal") and stored[USED_AS_REFERENCE] and not stored["is_internal"]:
            raise BadRequest("is_internal: the reference projector can not be made internal.")

    def check(self, element: Fields) -> None:
        _check_roles(element, self.meeting_id(element))


class ProjectorDelete(DeleteAction):
    """Delete a projector with its projections; where it was the only default, the reference projector takes over."""

    name = "projector.delete"
    model = Projector
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (Stored(USED_AS_REFERENCE),)

    def check(self, element: Fields) -> None:
        meeting_id = self.stored(element)[USED_AS_REFERENCE]
        if meeting_id is not None and not self.uow.is_deleting("meeting", meeting_id):
            raise BadRequest(f"projector/{element['id']} is the reference projector of meeting {meeting_id}.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        replacements = []
        for element in elements:
            meeting_id = self.uow.last_value("projector", element["id"], "meeting_id")
            if meeting_id is not None and not self.uow.is_deleting("meeting", meeting_id):
                replacements.append({"id": meeting_id, "projector_id": element["id"]})
        self.execute("meeting.replace_projector_id", replacements)


class ProjectorControlView(UpdateAction):
    """Zoom or scroll what a projector shows."""

    name = "projector.control_view"
    model = Projector
    payload = Payload(
        Projector,
        required=["id"],
        extra_required={
            "field": {"type": "string", "enum": ["scale", "scroll"]},
            "direction": {"type": "string", "enum": ["up", "down", "reset"]},
        },
        extra_optional={"step": {"type": "integer", "minimum": 1}},
    )
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
    parts = (Stored("scale", "scroll"),)

    def fill(self, element: Fields) -> None:
        name, step = element["field"], element.get("step", 1)
        value = self.stored(element)[name] or 0
        moved = {"up": value + step, "down": value - step, "reset": 0}[element["direction"]]
        element[name] = max(moved, 0) if name == "scroll" else moved
