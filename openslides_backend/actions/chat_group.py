"""Rooms of a meeting's chat (small_collections.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.action import Action
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.parts import Matching, OfMeeting, Organization, same
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.models.models import ChatGroup
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest, InvalidField, ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class _ChatEnabled(Organization):
    """Chat must be enabled in the organization, except for what goes with its meeting, or if nothing is sorted."""

    def __init__(self) -> None:
        super().__init__("enable_chat")

    def check(self, element: Fields) -> None:
        meeting_id = self.action.meeting_id(element)
        exempt = element.get("chat_group_ids") == [] or self.uow.is_deleting("meeting", meeting_id or 0)
        if not self.record["enable_chat"] and not exempt:
            raise BadRequest("Chat is not enabled in the organization.")


class _Writers(OfMeeting):
    """Anonymous users have no name to write under."""

    def __init__(self) -> None:
        super().__init__("anonymous_group_id")

    def check(self, element: Fields) -> None:
        anonymous_group = self.action.meeting(element)["anonymous_group_id"]
        if anonymous_group is not None and anonymous_group in (element.get("write_group_ids") or ()):
            raise InvalidField("write_group_ids", f"group/{anonymous_group} is the group of anonymous users.")


class ChatGroupCreate(CreateAction):
    """Create a chat group, as the last of its meeting."""

    name = "chat_group.create"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["name", "meeting_id"], optional=["read_group_ids", "write_group_ids"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    parts = (_ChatEnabled(), UniqueInMeeting("name"), NextWeight("meeting_id", over_default=True), _Writers())


class ChatGroupUpdate(UpdateAction):
    """Rename a chat group, or let others read and write in it."""

    name = "chat_group.update"
    model = ChatGroup
    payload = Payload(ChatGroup, required=["id"], optional=["name", "read_group_ids", "write_group_ids"])
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    parts = (_ChatEnabled(), UniqueInMeeting("name"), _Writers())


class ChatGroupDelete(DeleteAction):
    """Delete a chat group with its messages; also without chat, if it goes with its meeting."""

    name = "chat_group.delete"
    model = ChatGroup
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    parts = (_ChatEnabled(),)


class ChatGroupClear(Action):
    """Delete all messages of a chat group."""

    name = "chat_group.clear"
    model = ChatGroup
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    result_is_null = True
    messages = Matching("chat_message", same(chat_group_id="id"))

    def check(self, element: Fields) -> None:
        if not self.uow.exists("chat_group", element["id"]):
            raise ModelDoesNotExist(make_fqid("chat_group", element["id"]))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        messages = dict.fromkeys(id_ for element in elements for id_ in self.messages.of(element))
        self.execute("chat_message.delete", [{"id": id_} for id_ in messages])


class ChatGroupSort(LinearSortAction):
    """Put the chat groups of a meeting in order."""

    name = "chat_group.sort"
    model = ChatGroup
    payload = linear_payload(ChatGroup, "meeting_id", "chat_group_ids")
    permission = in_meeting(Permissions.Chat.CAN_MANAGE)
    main_key = main_field = "meeting_id"
    ids_key = "chat_group_ids"
    parts = (_ChatEnabled(),)
