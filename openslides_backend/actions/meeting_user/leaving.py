"""Who leaves a meeting isn't waiting to speak there any more, nor present (meeting_user.md, user.md)."""

from collections.abc import Iterable

from openslides_backend.actions.shared.participation import Pair
from openslides_backend.engine.action import Action
from openslides_backend.shared.filters import And, Filter, any_of, equals

PRESENT = "is_present_in_meeting_ids"


def waiting_speakers(meeting_user_ids: set[int]) -> Filter:
    """Speakers of these meeting_users that haven't begun."""
    return And(any_of("meeting_user_id", meeting_user_ids), equals(begin_time=None))


def leave_meetings(action: Action, meeting_user_ids: set[int], pairs: Iterable[Pair]) -> None:
    """Delete the waiting speakers of the meeting_users, and set these users absent from these meetings."""
    uow = action.uow
    speakers = uow.filter("speaker", waiting_speakers(meeting_user_ids), "id") if meeting_user_ids else ()
    action.execute("speaker.delete", [{"id": id_} for id_ in speakers if not uow.is_deleting("speaker", id_)])
    absences = [
        {"id": user_id, "meeting_id": meeting_id, "present": False}
        for user_id, meeting_id in pairs
        if meeting_id in (uow.find_fields("user", user_id, PRESENT)[PRESENT] or ())
        and uow.exists("meeting", meeting_id)
    ]
    action.execute("user.set_present", absences)
