"""Finds the meeting_users of users in meetings, in bulk (meeting_user.md)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import And, FieldFilter, Filter, any_of
from openslides_backend.shared.typing import Fields

Pair = tuple[int, int]
"""Ids of a user and a meeting."""

FIELDS = (
    "id",
    "user_id",
    "meeting_id",
    "group_ids",
    "structure_level_ids",
    "number",
    "vote_weight",
    "locked_out",
    "vote_delegated_to_id",
    "vote_delegations_from_ids",
)
"""What is read of a meeting_user: always the same, so that nothing is read twice in a batch."""


def pair_of(uow: UnitOfWork, element: Fields) -> Pair:
    """User and meeting that an element of an action on meeting_users means, as far as they are known; 0 for none."""
    named: Mapping[str, Any] | None = element
    if "id" in element and "user_id" not in element:
        named = uow.peek("meeting_user", element["id"], "user_id", "meeting_id")
    return (named.get("user_id") or 0, named.get("meeting_id") or 0) if named else (0, 0)


def pairs_of(uow: UnitOfWork, elements: Iterable[Fields]) -> set[Pair]:
    """The pairs of elements, as far as both are known."""
    return {pair for element in elements if all(pair := pair_of(uow, element))}


def are_known(uow: UnitOfWork, pairs: Iterable[Pair]) -> bool:
    """Whether `participations` needs no read any more."""
    return not uow.unknown(participation_needs(uow, pairs))


def participation_needs(uow: UnitOfWork, pairs: Iterable[Pair]) -> list[Query]:
    """What `participations` is going to read."""
    return [filter_query("meeting_user", filter_, *FIELDS) for filter_ in _filters(uow, pairs)]


def participations(uow: UnitOfWork, pairs: Iterable[Pair]) -> dict[Pair, Fields]:
    """The meeting_users of these users in these meetings, with `FIELDS`, as far as there are any.

    Should a user have several in a meeting, the oldest counts. One read, none if all users are new.
    """
    wanted = set(pairs)
    filters = _filters(uow, wanted)
    uow.prefetch(filter_query("meeting_user", filter_, *FIELDS) for filter_ in filters)
    found: dict[Pair, Fields] = {}
    for filter_ in filters:
        for member in uow.filter("meeting_user", filter_, *FIELDS).values():
            found.setdefault((member["user_id"], member["meeting_id"]), member)
    if any(uow.is_created("user", user_id) for user_id, _ in wanted):
        for id_, change in uow.changed("meeting_user"):
            pair = (change.fields.get("user_id", 0), change.fields.get("meeting_id", 0))
            new = uow.find("meeting_user", id_, *FIELDS) if change.created and pair in wanted else None
            if new is not None:
                found.setdefault(pair, new)
    return {pair: member for pair, member in found.items() if pair in wanted}


def take_part(
    action: Action, pairs: Iterable[Pair], blamed: Mapping[Pair, int] = MappingProxyType({})
) -> dict[Pair, int]:
    """The ids of the meeting_users of these users in these meetings; the missing ones are created, without groups.

    `blamed` are the indices of the elements that the pairs are of (see `Run.execute`).
    """
    wanted = list(pairs)
    members = {pair: int(member["id"]) for pair, member in participations(action.uow, wanted).items()}
    missing = [pair for pair in wanted if pair not in members]
    new = [{"user_id": user_id, "meeting_id": meeting_id} for user_id, meeting_id in missing]
    indices = [blamed[pair] for pair in missing if pair in blamed]
    members.update(zip(missing, ids_of(action.execute("meeting_user.create", new, indices)), strict=True))
    return members


def _filters(uow: UnitOfWork, pairs: Iterable[Pair]) -> list[Filter]:
    """As few filters as possible: one a meeting, or one a user."""
    stored = [pair for pair in pairs if not uow.is_created("user", pair[0])]
    by_meeting = len({meeting_id for _, meeting_id in stored}) <= len({user_id for user_id, _ in stored})
    others: defaultdict[int, set[int]] = defaultdict(set)
    for user_id, meeting_id in stored:
        one, other = (meeting_id, user_id) if by_meeting else (user_id, meeting_id)
        others[one].add(other)
    names = ("meeting_id", "user_id") if by_meeting else ("user_id", "meeting_id")
    return [_filter(*names, one, frozenset(others[one])) for one in sorted(others)]


@lru_cache(maxsize=16)
def _filter(name: str, other_name: str, id_: int, other_ids: frozenset[int]) -> Filter:
    """Remembered, as the steps of an action name the same thousands of users again and again."""
    return And(FieldFilter(name, "=", id_), any_of(other_name, other_ids))
