"""The requesting user as participant of meetings (small_collections.md, "Meeting user of the requester")."""

from collections.abc import Iterable

from openslides_backend.action.action import Action
from openslides_backend.action.unit_of_work import filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals


def meeting_users_of_requester(action: Action, meeting_ids: Iterable[int]) -> dict[int, int]:
    """Ids of the requesting user's meeting users by meeting; those that are missing are created, without groups.

    Raises BadRequest if there is no requesting user.
    """
    meetings = list(dict.fromkeys(meeting_ids))
    user_id = action.run.user_id
    if meetings and user_id <= ANONYMOUS:
        raise BadRequest("This needs a user who is logged in.")
    queries: list[Query] = [filter_query("meeting_user", _scope(user_id, id_), "id") for id_ in meetings]
    action.uow.prefetch(queries)
    found = {id_: min(action.uow.filter("meeting_user", _scope(user_id, id_), "id"), default=None) for id_ in meetings}
    missing = [id_ for id_ in meetings if found[id_] is None]
    created = action.execute("meeting_user.create", [{"user_id": user_id, "meeting_id": id_} for id_ in missing])
    new = {id_: (result or {})["id"] for id_, result in zip(missing, created, strict=True)}
    return {**{id_: meeting_user for id_, meeting_user in found.items() if meeting_user is not None}, **new}


def _scope(user_id: int, meeting_id: int) -> Filter:
    return equals(user_id=user_id, meeting_id=meeting_id)
