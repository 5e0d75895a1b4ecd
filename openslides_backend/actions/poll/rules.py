"""Who may manage polls (poll.md, "Poll permission")."""

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, rights_in
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import split_fqid

_NEEDED = {
    "motion": Permissions.Motion.CAN_MANAGE_POLLS,
    "assignment": Permissions.Assignment.CAN_MANAGE_POLLS,
    "topic": Permissions.Poll.CAN_MANAGE,
}
"""What is needed, by the collection of the content object."""


@question
def _verdict(user_id: int, meeting_id: int, content_object_id: str | None) -> Steps[Verdict]:
    if content_object_id is None:
        raise BadRequest("A poll without content_object_id can't be managed.")
    needed = _NEEDED.get(split_fqid(content_object_id)[0])
    if needed is None:
        raise BadRequest(f"'{content_object_id}' can't be put to the vote.")
    if (yield from rights_in(user_id, meeting_id)).has(needed):
        return None
    return f"Missing permission in meeting {meeting_id}: {needed.value}."


@question
def _verdict_on(user_id: int, poll_id: int) -> Steps[Verdict]:
    poll = yield from existing("poll", poll_id, "meeting_id", "content_object_id")
    return (yield from _verdict(user_id, poll["meeting_id"], poll.get("content_object_id")))


@rule
def may_create_poll(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """By what is put to the vote, in the meeting that the element names."""
    content_object_id = element.get("content_object_id")
    return (yield from _verdict(inquiry.user_id, element.id("meeting_id"), content_object_id))


@rule
def may_manage_poll(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """By what is put to the vote, in the poll's meeting."""
    return (yield from _verdict_on(inquiry.user_id, element.id("id")))


@rule
def may_update_option(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Who may manage the poll that the option belongs to, as an ordinary option or as the global one."""
    names = ("used_as_global_option_in_poll_id", "poll_id")
    option = yield from existing("option", element.id("id"), *names)
    poll_id = next((option.get(name) for name in names if option.get(name) is not None), None)
    if poll_id is None:
        raise BadRequest("The option belongs to no poll.")
    return (yield from _verdict_on(inquiry.user_id, poll_id))
