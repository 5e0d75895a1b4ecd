"""Put content objects on the agenda."""

from openslides_backend.actions.agenda_item.flags import FLAGS, flags_of
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.parts import Related
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting_of
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields


class AgendaItemCreate(CreateAction):
    """Create the agenda item of a content object that has none."""

    name = "agenda_item.create"
    model = AgendaItem
    payload = Payload(
        AgendaItem,
        required=["content_object_id"],
        optional=["item_number", "comment", "type", "parent_id", "duration", "weight", "tag_ids"],
    )
    permission = in_meeting_of("content_object_id", Permissions.AgendaItem.CAN_MANAGE)
    meeting_source = "content_object_id"

    parts = (NextWeight("meeting_id", optional=("parent_id",)),)
    parent = Related("parent_id", "level", *FLAGS)
    content_object = Related("content_object_id", "agenda_item_id")

    def fill(self, element: Fields) -> None:
        parent = self.parent.of(element)
        element["level"] = 0 if parent is None else (parent["level"] or 0) + 1
        element.update(flags_of(element.get("type"), parent or {}))

    def check(self, element: Fields) -> None:
        if any(model["agenda_item_id"] is not None for model in self.content_object.all_of(element)):
            raise InvalidField("content_object_id", f"{element['content_object_id']} has an agenda item already.")
