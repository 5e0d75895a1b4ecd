"""Fields that follow from others (engine.md, "Calculated fields"): who takes part in which meeting and committee.

Stored lists are changed by differences, never computed anew from all models, since stored data may be incomplete.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from openslides_backend.engine.changes import ModelChange
from openslides_backend.engine.relations import Relations
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.models.base import Model
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields

_MEMBERSHIP = ("user_id", "meeting_id", "group_ids")
_COMMITTEES = ("committee_management_ids", "home_committee_id", "committee_ids")


def affiliation_reads(uow: UnitOfWork, pairs: Iterable[tuple[int, int]]) -> Iterator[Query]:
    """What is going to be read because users (0: not created yet) change their groups in meetings, as far as known."""
    known = list(pairs)
    users = {user_id for user_id, _ in known if user_id and not uow.is_created("user", user_id)}
    meetings = {meeting_id for _, meeting_id in known if meeting_id}
    yield from _queries(users, meetings)
    found = [uow.peek("meeting", meeting_id, "committee_id") for meeting_id in sorted(meetings)]
    committees = {meeting["committee_id"] for meeting in found if meeting and meeting["committee_id"]}
    yield GetMany("committee", tuple(sorted(committees)), ("id",))


def _queries(users: set[int], meetings: set[int]) -> list[Query]:
    queries: list[Query] = [GetMany("meeting", tuple(sorted(meetings)), ("id", "committee_id"))] if meetings else []
    if users:
        queries.append(GetMany("user", tuple(sorted(users)), ("id", *_COMMITTEES)))
        queries.append(filter_query("meeting_user", any_of("user_id", users), *_MEMBERSHIP))
    return queries


class CalculatedFields:
    """Brings `meeting.user_ids`, `user.meeting_ids`, `user.committee_ids` and `committee.user_ids` up to date."""

    def __init__(self, uow: UnitOfWork, relations: Relations, user_model: type[Model]) -> None:
        self._uow = uow
        self._relations = relations
        self._user_model = user_model
        self._groups_seen: dict[int, tuple[int, ...]] = {}
        self._committees_seen: dict[int, tuple[Any, ...]] = {}

    def refresh(self) -> None:
        """Follow the changes since the last call; called after every action of the batch."""
        memberships = [(id_, change) for id_, change in self._uow.changed("meeting_user") if self._is_source(change)]
        users = self._users_with_changed_sources()
        if not memberships and not users:
            return
        existing = [id_ for id_, change in memberships if not change.created]
        self._uow.prefetch([GetMany("meeting_user", tuple(existing), _MEMBERSHIP)] if existing else [])
        changed = list(self._changed_memberships(id_ for id_, _ in memberships))
        self._uow.prefetch(_queries({u for u, *_ in changed} | set(users), {m for _, m, *_ in changed}))
        self._update_participants(changed)
        self._update_committees(users, {user: None for user, *_ in changed})

    @staticmethod
    def _is_source(change: ModelChange) -> bool:
        return change.touches("group_ids") or (change.deleted and not change.created)

    def _users_with_changed_sources(self) -> list[int]:
        changes = [
            (id_, change)
            for id_, change in self._uow.changed("user")
            if not change.deleted and any(change.touches(name) for name in _COMMITTEES[:2])
        ]
        self._uow.load("user", [id_ for id_, change in changes if not change.created], *_COMMITTEES)
        users = []
        for id_, _ in changes:
            values = tuple(str(self._uow.last_value("user", id_, name)) for name in _COMMITTEES[:2])
            if self._committees_seen.get(id_) != values:
                self._committees_seen[id_] = values
                users.append(id_)
        return users

    def _changed_memberships(self, ids: Iterable[int]) -> Iterator[tuple[int, int, list[int], list[int]]]:
        """User, meeting, and groups before and after, of every membership whose groups have been written anew."""
        for id_ in ids:
            current = self._value(id_, "group_ids") or []
            after = [] if self._uow.is_deleting("meeting_user", id_) else current
            seen = self._groups_seen.get(id_)
            user_id, meeting_id = self._value(id_, "user_id"), self._value(id_, "meeting_id")
            if user_id is None or meeting_id is None or seen == tuple(after):
                continue
            before = list(seen) if seen is not None else self._uow.stored("meeting_user", id_, "group_ids") or []
            self._groups_seen[id_] = tuple(after)
            yield user_id, meeting_id, before, after

    def _value(self, id_: int, name: str) -> Any:
        return self._uow.last_value("meeting_user", id_, name)

    def _update_participants(self, changed: list[tuple[int, int, list[int], list[int]]]) -> None:
        for user_id, meeting_id, before, after in changed:
            if self._uow.exists("meeting", meeting_id):
                if set(after) - set(before):
                    self._uow.add_to("meeting", meeting_id, "user_ids", user_id)
                elif before and not after:
                    self._uow.remove_from("meeting", meeting_id, "user_ids", user_id)
            if self._uow.exists("user", user_id):
                if after and not before:
                    self._uow.add_to("user", user_id, "meeting_ids", meeting_id)
                elif before and not after:
                    self._uow.remove_from("user", user_id, "meeting_ids", meeting_id)

    def _update_committees(self, own_sources: list[int], by_groups: dict[int, None]) -> None:
        users = [user for user in dict.fromkeys([*own_sources, *by_groups]) if self._uow.exists("user", user)]
        if not users:
            return
        meetings: defaultdict[int, set[int]] = defaultdict(set)
        for membership in self._uow.filter("meeting_user", any_of("user_id", set(users)), *_MEMBERSHIP).values():
            if membership.get("group_ids") and "meeting_id" in membership:
                meetings[membership["user_id"]].add(membership["meeting_id"])
        self._uow.load("meeting", sorted(set().union(*meetings.values())), "id", "committee_id")
        wanted = {user: self._committees(user, meetings[user], user in own_sources) for user in users}
        self._uow.load("committee", sorted(set().union(*wanted.values())), "id")
        changes = [self._change(user, committees) for user, committees in wanted.items()]
        changes = [change for change in changes if change]
        self._relations.load(self._user_model, changes)
        for change in changes:
            self._relations.update(self._user_model, change["id"], {"committee_ids": change["committee_ids"]})

    def _change(self, user_id: int, committees: set[int]) -> Fields:
        """The user's new list, former entries first; empty where nothing changes."""
        existing = {id_ for id_ in committees if self._uow.exists("committee", id_)}
        stored = self._uow.get("user", user_id, "committee_ids").get("committee_ids") or []
        if existing == set(stored):
            return {}
        kept = [id_ for id_ in stored if id_ in existing]
        return {"id": user_id, "committee_ids": kept + sorted(existing - set(kept))}

    def _committees(self, user_id: int, meetings: set[int], own_source: bool) -> set[int]:
        user = self._uow.get("user", user_id, *_COMMITTEES)
        found = (self._uow.find("meeting", meeting, "committee_id") for meeting in sorted(meetings))
        committees = {meeting["committee_id"] for meeting in found if meeting and "committee_id" in meeting}
        committees.update(user.get("committee_management_ids") or ())
        home = user.get("home_committee_id")
        if home is not None and (own_source or home in (user.get("committee_ids") or ())):
            committees.add(home)
        return committees
