"""Who may add, change and remove speakers (speaker.md, "Allowed when")."""

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, is_own_meeting_user, is_restricted_delegator, rights_in
from openslides_backend.permissions.rules import Inquiry, Verdict, rule

_CAN_MANAGE = Permissions.ListOfSpeakers.CAN_MANAGE
_CAN_BE_SPEAKER = Permissions.ListOfSpeakers.CAN_BE_SPEAKER
_CAN_SEE = Permissions.ListOfSpeakers.CAN_SEE
_DELEGATORS = "users_forbid_delegator_in_list_of_speakers"


@rule
def may_add_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Oneself as somebody who can be a speaker, unless delegators are forbidden to; others as a manager of lists."""
    list_of_speakers = yield from existing("list_of_speakers", element.id("list_of_speakers_id"), "meeting_id")
    meeting_id = list_of_speakers["meeting_id"]
    rights = yield from rights_in(inquiry.user_id, meeting_id)
    needed = _CAN_MANAGE
    if (yield from is_own_meeting_user(inquiry.user_id, element.optional_id("meeting_user_id"))):
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
    own = yield from is_own_meeting_user(inquiry.user_id, speaker.get("meeting_user_id"))
    return None if own else "It is not your own speaker."


@rule
def may_remove_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """One's own unless delegators are forbidden to, with no permission at all; others as a manager of lists."""
    speaker = yield from existing("speaker", element.id("id"), "meeting_id", "meeting_user_id")
    meeting_id = speaker["meeting_id"]
    if (yield from rights_in(inquiry.user_id, meeting_id)).has(_CAN_MANAGE):
        return None
    if not (yield from is_own_meeting_user(inquiry.user_id, speaker.get("meeting_user_id"))):
        return "It is not your own speaker."
    restricted = yield from is_restricted_delegator(inquiry.user_id, meeting_id, _DELEGATORS)
    return "You have delegated your vote." if restricted else None
