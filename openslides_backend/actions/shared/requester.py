"""The requesting user as participant of meetings (small_collections.md, "Meeting user of the requester")."""

from collections.abc import Iterable

from openslides_backend.actions.shared.participation import participations
from openslides_backend.engine.action import Action
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest


def meeting_users_of_requester(action: Action, meeting_ids: Iterable[int]) -> dict[int, int]:
    """Ids of the requesting user's meeting users by meeting; those that are missing are created, without groups.

    Raises BadRequest if there is no requesting user.
    """
    meetings = list(dict.fromkeys(meeting_ids))
    user_id = action.run.user_id
    if meetings and user_id <= ANONYMOUS:
        raise BadRequest("This needs a user who is logged in.")
    members = participations(action.uow, [(user_id, id_) for id_ in meetings])
    found = {meeting_id: member["id"] for (_, meeting_id), member in members.items()}
    missing = [id_ for id_ in meetings if id_ not in found]
    created = action.execute("meeting_user.create", [{"user_id": user_id, "meeting_id": id_} for id_ in missing])
    return found | {id_: (result or {})["id"] for id_, result in zip(missing, created, strict=True)}
