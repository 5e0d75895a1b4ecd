"""Rooms of a meeting's chat (small_collections.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.unique import check_unique_in_meeting
from openslides_backend.engine.action import Action, Results, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import assign_weights, weight_needs
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import ChatGroup
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import Filter, any_of, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_SETTING = GetMany("organization", (1,), ("id", "enable_chat"))


def _check_chat_enabled(action: Action) -> None:
    if not (action.uow.find("organization", 1, "enable_chat") or {}).get("enable_chat"):
        raise BadRequest("Chat is not enabled in the organization.")


def _check_writers(action: Action, element: Fields) -> None:
    """Anonymous users have no name to write under."""
    anonymous_group = action.meeting(element).get("anonymous_group_id")
    if anonymous_group is not None and anonymous_group in (element.get("write_group_ids") or ()):
        raise BadRequest(f"write_group_ids: group/{anonymous_group} is the group of anonymous users.")


def _in_meeting(element: Fields) -> Filter:
    return equals(meeting_id=element["meeting_id"])


class ChatGroupCreate(CreateAction):
    """Create a chat group, as the last of its meeting."""

    name = "chat_group.create"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["name", "meeting_id"], optional=["read_group_ids", "write_group_ids"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    meeting_fields = ("anonymous_group_id",)

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().needs(elements), _SETTING, *weight_needs("chat_group", elements, _in_meeting)]

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        _check_chat_enabled(self)
        check_unique_in_meeting(self, elements, "name")
        for element in elements:
            element["weight"] = None  # in place of the default: the weight is the next one
        assign_weights(self.uow, "chat_group", elements, _in_meeting)
        return elements

    def check(self, element: Fields) -> None:
        _check_writers(self, element)


class ChatGroupUpdate(UpdateAction):
    """Rename a chat group, or let others read and write in it."""

    name = "chat_group.update"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["id"], optional=["name", "read_group_ids", "write_group_ids"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    meeting_fields = ("anonymous_group_id",)
    stored_fields = ("name",)

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [_SETTING]

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        _check_chat_enabled(self)
        stored = self.uow.get_many("chat_group", [element["id"] for element in elements], "name")
        # The element stays in its place, for the index in errors.
        renamed = [e if e.get("name") != stored.get(e["id"], {}).get("name") else {} for e in elements]
        check_unique_in_meeting(self, renamed, "name")
        return elements

    def check(self, element: Fields) -> None:
        _check_writers(self, element)


class ChatGroupDelete(DeleteAction):
    """Delete a chat group with its messages; also without chat, if it goes with its meeting."""

    name = "chat_group.delete"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["id"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [_SETTING]

    def check(self, element: Fields) -> None:
        meeting_id = self.meeting_id(element)
        if meeting_id is None or not self.uow.is_deleting("meeting", meeting_id):
            _check_chat_enabled(self)


class ChatGroupClear(Action):
    """Delete all messages of a chat group."""

    name = "chat_group.clear"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["id"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    result_is_null = True

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [filter_query("chat_message", self._messages(elements), "id")]

    @staticmethod
    def _messages(elements: Sequence[Fields]) -> Filter:
        return any_of("chat_group_id", {element["id"] for element in elements})

    def work(self, elements: list[Fields]) -> Results:
        """Delete the messages of all groups at once."""
        for index, element in enumerate(elements):
            with blaming(index):
                if not self.uow.exists("chat_group", element["id"]):
                    raise ModelDoesNotExist(make_fqid("chat_group", element["id"]))
        messages = self.uow.filter("chat_message", self._messages(elements), "id")
        self.execute("chat_message.delete", [{"id": id_} for id_ in messages])
        return []


class ChatGroupSort(LinearSortAction):
    """Put the chat groups of a meeting in order."""

    name = "chat_group.sort"
    model = ChatGroup
    payload = linear_payload(ChatGroup, "meeting_id", "chat_group_ids")
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    main_key = main_field = "meeting_id"
    ids_key = "chat_group_ids"

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().needs(elements), _SETTING]

    def check(self, element: Fields) -> None:
        if element["chat_group_ids"]:
            _check_chat_enabled(self)
