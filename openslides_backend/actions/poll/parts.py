"""What the actions at the end of polls look at: options with their votes, and who was entitled."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Part
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import equals
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, Models

_MEMBER_FIELDS = ("user_id", "group_ids", "vote_delegated_to_id")
_DELEGATIONS = "users_enable_vote_delegations"
_PRESENT = "is_present_in_meeting_ids"


class PollOptions(Part):
    """The options of polls, the global one last, and fields of their votes."""

    stored_fields = ("option_ids", "global_option_id")

    def __init__(self, *names: str) -> None:
        self.names = ("id", *names)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        polls = [self.uow.peek("poll", element["id"], *self.stored_fields) for element in elements]
        ids = [id_ for poll in polls if poll is not None for id_ in _ids(poll)]
        yield GetMany("option", tuple(ids), ("id", "vote_ids"))
        options = [self.uow.peek("option", id_, "vote_ids") for id_ in ids]
        votes = [id_ for option in options if option is not None for id_ in option["vote_ids"] or ()]
        yield GetMany("vote", tuple(votes), self.names)

    def ids_of(self, element: Fields) -> list[int]:
        """The ids of the poll's options."""
        return _ids(self.action.stored(element))

    def votes_of(self, option_ids: Iterable[int]) -> dict[int, Models]:
        """The votes of these options, by the option's id."""
        options = self.uow.get_many("option", option_ids, "id", "vote_ids")
        vote_ids = {id_: option["vote_ids"] or () for id_, option in options.items()}
        self.uow.load("vote", [vote_id for ids in vote_ids.values() for vote_id in ids], *self.names)
        return {id_: self.uow.get_many("vote", ids, *self.names) for id_, ids in vote_ids.items()}


def _ids(poll: Record) -> list[int]:
    global_option_id = poll["global_option_id"]
    ids = [*(poll["option_ids"] or ()), *([global_option_id] if global_option_id else [])]
    return list(dict.fromkeys(ids))


class EntitledUsers(Part):
    """Who is entitled to vote, for `entitled_users_at_stop` (poll.md, "Counting")."""

    stored_fields = ("entitled_group_ids",)
    meeting_fields = (_DELEGATIONS,)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        for element in elements:
            meeting_id, poll = (
                self.action.meeting_id(element),
                self.uow.peek("poll", element["id"], "entitled_group_ids"),
            )
            if meeting_id is not None and poll is not None and poll["entitled_group_ids"]:
                yield filter_query("meeting_user", equals(meeting_id=meeting_id), *_MEMBER_FIELDS)

    def listed(self, element: Fields, voted_ids: Iterable[int]) -> list[Fields]:
        """An entry for each meeting user who is in an entitled group, ascending by the meeting user's id.

        Who is present is told as it was read: to lock that would let everybody who comes or goes repeat the count.
        """
        groups = set(self.action.stored(element)["entitled_group_ids"] or ())
        meeting_id, voted = self.action.meeting_id(element), set(voted_ids)
        if not groups or meeting_id is None:
            return []
        members = self.uow.filter("meeting_user", equals(meeting_id=meeting_id), *_MEMBER_FIELDS, constant=True)
        entitled = {id_: member for id_, member in members.items() if groups.intersection(member["group_ids"] or ())}
        self.uow.load("user", [m["user_id"] for m in entitled.values() if m["user_id"]], "id", _PRESENT)
        delegates = self._delegates(element, entitled, members)
        return [
            {
                "voted": member["user_id"] in voted,
                "present": self._is_present(member["user_id"], meeting_id),
                "user_id": member["user_id"],
                "vote_delegated_to_user_id": delegates.get(member["vote_delegated_to_id"]),
            }
            for member in entitled.values()
        ]

    def _is_present(self, user_id: int | None, meeting_id: int) -> bool:
        user = None if user_id is None else self.uow.peek("user", user_id, "id", _PRESENT)
        return user is not None and meeting_id in (user[_PRESENT] or ())

    def _delegates(self, element: Fields, entitled: Models, members: Models) -> dict[int | None, int | None]:
        """The users of the meeting users that votes are delegated to."""
        if not self.action.meeting(element)[_DELEGATIONS]:
            return {}
        ids = {member["vote_delegated_to_id"] for member in entitled.values()} - {None}
        others = self.uow.get_many("meeting_user", sorted(ids - members.keys()), "user_id")
        return {id_: {**members, **others}.get(id_, {}).get("user_id") for id_ in ids}
