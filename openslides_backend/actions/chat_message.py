"""What is written into chat groups (small_collections.md)."""

from openslides_backend.actions.shared.requester import OwnMeetingUser
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import ChatMessage
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, groups_of, has_permission, model
from openslides_backend.permissions.rules import Inquiry, Verdict, all_of, any_of, in_meeting, logged_in, rule
from openslides_backend.shared.typing import Fields


@rule
def _may_write(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """One of the user's groups may write in the chat group, even if he is locked out; or he manages the chat."""
    chat_group = yield from existing("chat_group", element.id("chat_group_id"), "meeting_id", "write_group_ids")
    meeting_id = chat_group["meeting_id"]
    groups = yield from groups_of(inquiry.user_id, meeting_id)
    if not groups.isdisjoint(chat_group.get("write_group_ids") or ()):
        return None
    if (yield from has_permission(inquiry.user_id, meeting_id, Permissions.Chat.CAN_MANAGE)):
        return None
    return "None of your groups may write in this chat group."


@question
def _author_of(message_id: int) -> Steps[int | None]:
    """The user who wrote the message; None if it isn't known any more. Raises ModelDoesNotExist."""
    message = yield from existing("chat_message", message_id, "meeting_user_id")
    if message.get("meeting_user_id") is None:
        return None
    meeting_user = yield from model("meeting_user", message["meeting_user_id"], "user_id")
    author: int | None = (meeting_user or {}).get("user_id")
    return author


@rule
def _is_author(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    author = yield from _author_of(element.id("id"))
    return None if author == inquiry.user_id else "It is not your own message."


class ChatMessageCreate(CreateAction):
    """Write a message, whether or not chat is enabled."""

    name = "chat_message.create"
    model = ChatMessage
    payload = Payload(ChatMessage, required=["chat_group_id", "content"])
    permission = all_of(logged_in, _may_write)
    meeting_source = "chat_group_id"
    parts = (OwnMeetingUser(),)

    def fill(self, element: Fields) -> None:
        element["created"] = self.run.now


class ChatMessageUpdate(UpdateAction):
    """Change one's own message."""

    name = "chat_message.update"
    model = ChatMessage
    payload = Payload(ChatMessage, required=["id"], optional=["content"])
    permission = all_of(logged_in, _is_author)


class ChatMessageDelete(DeleteAction):
    """Delete a message: one's own, or any one as manager of the chat."""

    name = "chat_message.delete"
    model = ChatMessage
    permission = all_of(logged_in, any_of(_is_author, in_meeting(Permissions.Chat.CAN_MANAGE)))
