"""Who may add, change and remove speakers (speaker.md, "Allowed when")."""

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, is_restricted_delegator, model, rights_in
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.shared.context import ANONYMOUS

_CAN_MANAGE = Permissions.ListOfSpeakers.CAN_MANAGE
_CAN_BE_SPEAKER = Permissions.ListOfSpeakers.CAN_BE_SPEAKER
_CAN_SEE = Permissions.ListOfSpeakers.CAN_SEE
_DELEGATORS = "users_forbid_delegator_in_list_of_speakers"


@question
def _is_own(user_id: int, meeting_user_id: int | None) -> Steps[bool]:
    """Whether the meeting user is the user's; one that isn't stored any more is nobody's."""
    if meeting_user_id is None or user_id <= ANONYMOUS:
        return False
    member = yield from model("meeting_user", meeting_user_id, "user_id")
    return member is not None and member.get("user_id") == user_id


@rule
def may_add_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Oneself as somebody who can be a speaker, unless delegators are forbidden to; others as a manager of lists."""
    list_of_speakers = yield from existing("list_of_speakers", element.id("list_of_speakers_id"), "meeting_id")
    meeting_id = list_of_speakers["meeting_id"]
    rights = yield from rights_in(inquiry.user_id, meeting_id)
    needed = _CAN_MANAGE
    if (yield from _is_own(inquiry.user_id, element.optional_id("meeting_user_id"))):
        restricted = yield from is_restricted_delegator(inquiry.user_id, meeting_id, _DELEGATORS)
        needed = _CAN_MANAGE if restricted else _CAN_BE_SPEAKER
    return None if rights.has(needed) else f"Missing permission: {needed.value}."


@rule
def may_change_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """One's own as somebody who sees lists or can be a speaker; others as a manager of lists."""
    speaker = yield from existing("speaker", element.id("id"), "meeting_id", "meeting_user_id")
    rights = yield from rights_in(inquiry.user_id, speaker["meeting_id"])
    if rights.has(_CAN_MANAGE):
        return None
    if not (rights.has(_CAN_SEE) or rights.has(_CAN_BE_SPEAKER)):
        return f"Missing permission: {_CAN_MANAGE.value}."
    own = yield from _is_own(inquiry.user_id, speaker.get("meeting_user_id"))
    return None if own else "It is not your own speaker."


@rule
def may_remove_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """One's own unless delegators are forbidden to, with no permission at all; others as a manager of lists."""
    speaker = yield from existing("speaker", element.id("id"), "meeting_id", "meeting_user_id")
    meeting_id = speaker["meeting_id"]
    if (yield from rights_in(inquiry.user_id, meeting_id)).has(_CAN_MANAGE):
        return None
    if not (yield from _is_own(inquiry.user_id, speaker.get("meeting_user_id"))):
        return "It is not your own speaker."
    restricted = yield from is_restricted_delegator(inquiry.user_id, meeting_id, _DELEGATORS)
    return "You have delegated your vote." if restricted else None
