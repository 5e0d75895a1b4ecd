"""The accounts that are merged, with all that is theirs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from openslides_backend.actions.user.merging.tables import KINDS, MEETING_USER, SEVERAL_SPEECHES, USER, Kind
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query, models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import And, FieldFilter, Filter, any_of, equals
from openslides_backend.shared.typing import Fields, Models

_USER = (*USER.names, "saml_id", "is_demo_user", "member_number")
_MEETING = ("id", SEVERAL_SPEECHES)
_VOTES = ("vote_ids", "delegated_vote_ids")
"""The votes that an account has cast, for itself or for others."""
_OPTION = ("id", "poll_id", "used_as_global_option_in_poll_id")
_CANDIDATE = ("id", "poll_candidate_list_id")
_POLL = ("id", "meeting_id", "entitled_group_ids")

ENTITLED = "entitled_users_at_stop"
_STOPPED = FieldFilter(ENTITLED, "!=", None)


def ids_of_selected(element: Fields) -> list[int]:
    """The accounts that an element names, the highest ranked first."""
    return [element["id"], *element["user_ids"]]


@dataclass(frozen=True)
class Group:
    """Objects that become one, by rank; `foreign`: the first isn't the primary account's."""

    objects: Sequence[Fields]
    foreign: bool

    @property
    def main(self) -> Fields:
        """The object that the others are merged into."""
        return self.objects[0]

    @property
    def is_untouched(self) -> bool:
        """Whether there is nothing to do."""
        return len(self.objects) == 1 and not self.foreign


@dataclass(frozen=True)
class Participation:
    """The participants of the selected accounts in one meeting, and the groups of their objects by collection.

    `shared`: several selected accounts have a participant there.
    """

    meeting_id: int
    members: Group
    objects: Mapping[str, Sequence[Group]]

    @property
    def shared(self) -> bool:
        """Whether several selected accounts know the meeting."""
        return len(self.members.objects) > 1


class Selection:
    """The accounts that an element names, as far as they exist, with all that is theirs; everything by rank."""

    def __init__(self, uow: UnitOfWork, element: Fields) -> None:
        self._uow = uow
        self.primary_id: int = element["id"]
        self._named = ids_of_selected(element)
        self.users = list(uow.get_many("user", self._named, *_USER).values())

    @property
    def primary(self) -> Fields:
        """The account into which the others are merged; it must exist."""
        return self.users[0]

    @property
    def secondary_ids(self) -> list[int]:
        """The accounts that are merged into the primary one."""
        return [user["id"] for user in self.users if user["id"] != self.primary_id]

    @property
    def has_primary(self) -> bool:
        """Whether the primary account exists."""
        return bool(self.users) and self.users[0]["id"] == self.primary_id

    @cached_property
    def members(self) -> list[Fields]:
        """The participants of all accounts."""
        ranks = {user["id"]: rank for rank, user in enumerate(self.users)}
        filter_ = _members(self._named)
        found = self._uow.filter("meeting_user", filter_, *MEETING_USER.names, constant=True).values()
        placed = [member for member in found if member["meeting_id"] is not None and member["user_id"] in ranks]
        return sorted(placed, key=lambda member: (ranks[member["user_id"]], member["id"]))

    @cached_property
    def by_meeting(self) -> dict[int, list[Fields]]:
        """The participants, by their meetings."""
        found: defaultdict[int, list[Fields]] = defaultdict(list)
        for member in self.members:
            found[member["meeting_id"]].append(member)
        return found

    @cached_property
    def participations(self) -> list[Participation]:
        """The meetings in which there is something to merge."""
        groups = [Group(members, members[0]["user_id"] != self.primary_id) for members in self.by_meeting.values()]
        return [self._participation(group) for group in groups if not group.is_untouched]

    def _participation(self, members: Group) -> Participation:
        objects = {kind.collection: list(self._groups(kind, members)) for kind in KINDS}
        return Participation(members.main["meeting_id"], members, objects)

    def _groups(self, kind: Kind, members: Group) -> Iterator[Group]:
        meeting = self._uow.find_fields("meeting", members.main["meeting_id"], *_MEETING)
        alike: dict[object, list[tuple[Fields, Fields]]] = {}
        for member in members.objects:
            for object_ in self.objects_of(kind, member):
                common = kind.equivalent(object_, meeting)
                key = ("alone", object_["id"]) if common is None else ("alike", common)
                alike.setdefault(key, []).append((member, object_))
        for entries in alike.values():
            foreign = members.foreign or entries[0][0] is not members.main
            yield Group([object_ for _, object_ in entries], foreign)

    def objects_of(self, kind: Kind, member: Fields) -> list[Fields]:
        """The objects of a kind that a participant has."""
        found = self._objects[kind.collection]
        return [found[id_] for id_ in member[kind.relation] or () if id_ in found]

    @cached_property
    def _objects(self) -> dict[str, Models]:
        """All objects of all participants, by collection."""
        return {
            kind.collection: self._uow.get_many(kind.collection, ids_in(self.members, kind.relation), *kind.table.names)
            for kind in KINDS
        }

    @cached_property
    def started_polls(self) -> list[Fields]:
        """The polls that are going on in meetings which the accounts know."""
        if not self.by_meeting:
            return []
        return list(self._uow.filter("poll", _started(self.by_meeting), *_POLL).values())

    def polls_voted_in(self, user: Fields) -> set[int]:
        """The polls in which an account has voted, for itself or for others."""
        votes = self._uow.get_many("vote", ids_in([user], *_VOTES), "option_id").values()
        return {*(user["poll_voted_ids"] or ()), *self._polls_of(ids_in(votes, "option_id"), *_OPTION[1:])}

    def polls_eligible_in(self, user: Fields) -> set[int]:
        """The polls of which an account is an option by itself."""
        return self._polls_of(user["option_ids"] or (), "poll_id")

    def lists_with(self, user: Fields) -> set[int]:
        """The lists of candidates that an account is on."""
        found = self._uow.get_many("poll_candidate", user["poll_candidate_ids"] or (), *_CANDIDATE)
        return set(ids_in(found.values(), "poll_candidate_list_id"))

    def _polls_of(self, option_ids: Iterable[int], *names: str) -> set[int]:
        return set(ids_in(self._uow.get_many("option", option_ids, *_OPTION).values(), *names))


def _members(user_ids: Iterable[int]) -> Filter:
    return any_of("user_id", set(user_ids))


def _started(meeting_ids: Iterable[int]) -> Filter:
    return And(equals(state="started"), any_of("meeting_id", set(meeting_ids)))


def stopped_polls(uow: UnitOfWork) -> Models:
    """All polls that tell who was entitled, in whatever meeting. One read of much: for those who may merge only."""
    return uow.filter("poll", _STOPPED, ENTITLED, constant=True)


def needs(uow: UnitOfWork, elements: Sequence[Fields]) -> Iterator[Query]:
    """What merging reads by itself, as far as it is known: three rounds, however much there is to merge."""
    first = [query for element in elements for query in _accounts(element)]
    yield from first
    if uow.unknown(first):
        return
    selections = [Selection(uow, element) for element in elements]
    second = [query for selection in selections for query in _belongings(selection)]
    yield from second
    if uow.unknown(second):
        return
    votes = ids_in((user for selection in selections for user in selection.users), *_VOTES)
    options = ids_in(uow.get_many("vote", votes, "option_id").values(), "option_id")
    yield models_query("option", options, *_OPTION)


def _accounts(element: Fields) -> Iterator[Query]:
    ids = ids_of_selected(element)
    yield models_query("user", ids, *_USER)
    yield filter_query("meeting_user", _members(ids), *MEETING_USER.names)


def _belongings(selection: Selection) -> Iterator[Query]:
    for kind in KINDS:
        yield models_query(kind.collection, ids_in(selection.members, kind.relation), *kind.table.names)
    if meetings := selection.by_meeting:
        yield models_query("meeting", meetings, *_MEETING)
        yield filter_query("poll", _started(meetings), *_POLL)
    yield models_query("vote", ids_in(selection.users, *_VOTES), "option_id")
    yield models_query("option", ids_in(selection.users, "option_ids"), *_OPTION)
    yield models_query("poll_candidate", ids_in(selection.users, "poll_candidate_ids"), *_CANDIDATE)
