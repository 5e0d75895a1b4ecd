"""Change agenda items, with the flags of everything below them."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.agenda_item.flags import FLAGS, flags_of
from openslides_backend.engine.action import Known
from openslides_backend.engine.generics import DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

_TREE_FIELDS = ("type", "parent_id", *FLAGS)


def _whole_agenda(element: Known) -> Filter | None:
    """All items of the meeting, so that no subtree costs a read of its own; none if no type is given."""
    is_retyped = element["type"] is not None and element["meeting_id"] is not None
    return equals(meeting_id=element["meeting_id"]) if is_retyped else None


class AgendaItemUpdate(UpdateAction):
    """Change an agenda item; its place in the agenda stays."""

    name = "agenda_item.update"
    model = AgendaItem
    payload = Payload(
        AgendaItem,
        required=["id"],
        optional=["item_number", "comment", "closed", "weight", "tag_ids", "duration"],
        not_null=["type"],
    )
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    result_is_null = True
    parts = (Stored(*_TREE_FIELDS),)
    agenda = Matching("", _whole_agenda, *_TREE_FIELDS)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        retyped = [element for element in elements if element.get("type") is not None]
        children: dict[int, list[int]] = {}
        for element in {self.meeting_id(element): element for element in retyped}.values():
            for id_, item in self.agenda.of(element).items():
                children.setdefault(item["parent_id"] or 0, []).append(id_)
        for element in retyped:
            self._set_flags(element["id"], children)

    def _set_flags(self, id_: int, children: Mapping[int, Sequence[int]]) -> None:
        pending = [(id_, True)]
        while pending:
            item_id, is_retyped = pending.pop()
            item = self.uow.get("agenda_item", item_id, *_TREE_FIELDS)
            parent = self.uow.find("agenda_item", item["parent_id"], *FLAGS) if item["parent_id"] else None
            flags = flags_of(item["type"], parent or {})
            if is_retyped or any(item[flag] != value for flag, value in flags.items()):
                self.uow.update("agenda_item", item_id, flags)
                pending += [(child_id, False) for child_id in children.get(item_id, ())]


class AgendaItemDelete(DeleteAction):
    """Take an item from the agenda, with its topic if it has one; children become root items."""

    name = "agenda_item.delete"
    model = AgendaItem
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        topics = []
        for element in elements:
            content_object = self.uow.last_value("agenda_item", element["id"], "content_object_id")
            if content_object is None:
                continue
            collection, id_ = split_fqid(content_object)
            if collection == "topic" and not self.uow.is_deleting("topic", id_):
                topics.append(id_)
        self.uow.load("topic", topics, "id")
        self.execute("topic.delete", [{"id": id_} for id_ in topics if self.uow.is_live("topic", id_)])
