"""Put content objects on the agenda."""

from collections.abc import Sequence

from openslides_backend.actions.agenda_item.flags import FLAGS, flags_of
from openslides_backend.actions.shared.agenda import siblings
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.numbering import assign_weights, weight_needs
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting_of
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import split_fqid
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

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        parents = {element["parent_id"] for element in elements if element.get("parent_id")}
        queries: list[Query] = (
            [GetMany("agenda_item", tuple(sorted(parents)), ("id", "level", *FLAGS))] if parents else []
        )
        placed = []
        for element in elements:
            meeting_id = self.meeting_id(element) if self.nested else None
            if meeting_id is not None:
                placed.append({**element, "meeting_id": meeting_id})
        return [*super().needs(elements), *queries, *weight_needs("agenda_item", placed, siblings)]

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        assign_weights(self.uow, "agenda_item", elements, siblings)
        return elements

    def fill(self, element: Fields) -> None:
        parent: Fields = {}
        element["level"] = 0
        if element.get("parent_id") is not None:
            parent = self.uow.get("agenda_item", element["parent_id"], "level", *FLAGS)
            element["level"] = (parent.get("level") or 0) + 1
        element.update(flags_of(element.get("type"), parent))

    def check(self, element: Fields) -> None:
        collection, id_ = split_fqid(element["content_object_id"])
        if self.uow.get(collection, id_, "agenda_item_id").get("agenda_item_id") is not None:
            raise BadRequest(f"content_object_id: {element['content_object_id']} has an agenda item already.")
