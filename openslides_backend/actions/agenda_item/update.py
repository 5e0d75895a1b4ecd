"""Change agenda items, with the flags of everything below them."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.agenda_item.flags import FLAGS, flags_of
from openslides_backend.engine.generics import DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

_TREE_FIELDS = ("type", "parent_id", *FLAGS)


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

    def prepare(self, elements: list[Fields]) -> None:
        retyped = [element["id"] for element in elements if element.get("type") is not None]
        if retyped:
            self._load_trees(retyped)

    def _load_trees(self, ids: Sequence[int]) -> None:
        """Read all items of the meetings that are touched, so that no subtree costs a read of its own."""
        items = self.uow.get_many("agenda_item", ids, "meeting_id")
        meetings = {item["meeting_id"] for item in items.values() if "meeting_id" in item}
        if meetings:
            self.uow.prefetch([filter_query("agenda_item", any_of("meeting_id", meetings), *_TREE_FIELDS)])

    def follow_up(self, elements: Sequence[Fields]) -> None:
        retyped = [element["id"] for element in elements if element.get("type") is not None]
        if retyped:
            children = self._children(retyped)
            for id_ in retyped:
                self._set_flags(id_, children)

    def _set_flags(self, id_: int, children: Mapping[int, Sequence[int]]) -> None:
        item = self.uow.get("agenda_item", id_, *_TREE_FIELDS)
        parent = self.uow.find("agenda_item", item["parent_id"], *FLAGS) if item.get("parent_id") else None
        self.uow.update("agenda_item", id_, flags_of(item.get("type"), parent or {}))
        pending = [id_]
        while pending:
            parent_id = pending.pop()
            above = self.uow.get("agenda_item", parent_id, *FLAGS)
            for child_id in children.get(parent_id, ()):
                child = self.uow.get("agenda_item", child_id, *_TREE_FIELDS)
                flags = flags_of(child.get("type"), above)
                if any(child.get(flag) != value for flag, value in flags.items()):
                    self.uow.update("agenda_item", child_id, flags)
                    pending.append(child_id)

    def _children(self, ids: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """The children of every item in the meetings that are touched, found once: an import changes thousands."""
        items = self.uow.get_many("agenda_item", ids, "meeting_id")
        children: dict[int, list[int]] = {}
        meetings = {item["meeting_id"] for item in items.values() if "meeting_id" in item}
        if meetings:
            found = self.uow.filter("agenda_item", any_of("meeting_id", meetings), *_TREE_FIELDS)
            for id_, item in found.items():
                if item.get("parent_id") is not None:
                    children.setdefault(item["parent_id"], []).append(id_)
        return children


class AgendaItemDelete(DeleteAction):
    """Take an item from the agenda, with its topic if it has one; children become root items."""

    name = "agenda_item.delete"
    model = AgendaItem
    payload = Payload(AgendaItem, required=["id"])
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        topics = []
        for element in elements:
            content_object = self.uow.deleted_value("agenda_item", element["id"], "content_object_id")
            if content_object is None:
                continue
            collection, id_ = split_fqid(content_object)
            if collection == "topic" and not self.uow.is_deleting("topic", id_):
                topics.append(id_)
        self.uow.load("topic", topics, "id")
        self.execute("topic.delete", [{"id": id_} for id_ in topics if self.uow.is_live("topic", id_)])
