"""Nobody is locked out of a meeting and has rights for it at the same time (user_permissions.md, section 11)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from openslides_backend.actions.shared.participation import Pair, pair_of, participation_needs, participations
from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.models import User
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_TRIGGERS = ("locked_out", "group_ids", "organization_management_level", "committee_management_ids")
_USER = ("organization_management_level", "committee_management_ids")
_GROUP = ("admin_group_for_meeting_id", "permissions")


@dataclass(frozen=True, slots=True)
class _Case:
    """What one element gives for a user in a meeting; no user: he is about to be created."""

    given: ReadOnlyFields
    user_id: int | None = None
    meeting_id: int | None = None

    @property
    def pair(self) -> Pair:
        """User and meeting, 0 for none."""
        return self.user_id or 0, self.meeting_id or 0

    @property
    def promotes(self) -> bool:
        """Whether a level or a committee is given to a user who exists."""
        return self.user_id is not None and any(self.given.get(name) for name in _USER)


class LockedOut(Part):
    """Refuses who would be locked out of a meeting and have rights for it: what the elements give counts, overlaid on
    what is stored.

    Elements are accounts, with data for a meeting, or meeting_users. `new_users`: the accounts don't exist yet.
    """

    def __init__(self, *, new_users: bool = False) -> None:
        self.new_users = new_users

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        """In most cases nothing but the users and their meeting_users."""
        self._cases = self._cases_of(elements)
        first = self._first_reads()
        yield from first
        if self._cases and not self.uow.unknown(first):
            self._look()
            yield from self._further_reads()

    def prepare(self, elements: list[Fields]) -> None:
        self._cases = self._cases_of(elements)
        self._look()

    def check(self, element: Fields) -> None:
        for case in self._cases_of([element]):
            self._check_case(case)

    def fill(self, element: Fields) -> None:
        for case in self._cases_of([element]):
            self._remember(case)

    def _cases_of(self, elements: Sequence[Fields]) -> list[_Case]:
        return [_Case(e, *self._person(e)) for e in elements if any(name in e for name in _TRIGGERS)]

    def _person(self, element: Fields) -> tuple[int | None, int | None]:
        if self.action.model is User:
            return None if self.new_users else element.get("id"), element.get("meeting_id")
        user_id, meeting_id = pair_of(self.uow, element)
        return user_id or None, meeting_id or None

    def _pairs(self) -> set[Pair]:
        return {case.pair for case in self._cases if all(case.pair)}

    def _look(self) -> None:
        """What the meeting_users are before anything of the action is changed."""
        self._members = participations(self.uow, self._pairs())
        self._somewhere = self._locked_out_somewhere()

    def _first_reads(self) -> list[Query]:
        created = partial(self.uow.is_created, "user")
        users = [case.user_id for case in self._cases if case.user_id and not created(case.user_id)]
        queries = [*participation_needs(self.uow, self._pairs()), models_query("user", users, "id", *_USER)]
        if (filter_ := self._promoted()) is not None:
            queries.append(filter_query("meeting_user", filter_, "user_id", "meeting_id"))
        return queries

    def _further_reads(self) -> Iterator[Query]:
        """The meetings that matter with their committees, and the groups of those who are locked out."""
        locked_out = [case for case in self._cases if self._is_locked_out(case)]
        meetings = {case.meeting_id for case in locked_out if case.meeting_id}
        meetings.update(m for case in self._cases if case.promotes for m in self._meetings_somewhere(case))
        groups = [group_id for case in locked_out for group_id in self._group_ids(case)]
        yield models_query("meeting", meetings, "committee_id")
        yield models_query("group", groups, *_GROUP)
        known = self.uow.peek_all("meeting", meetings, "committee_id")
        yield models_query("committee", ids_in(known, "committee_id"), "all_parent_ids")

    def _check_case(self, case: _Case) -> None:
        if self._is_locked_out(case):
            if case.user_id is not None and case.user_id == self.run.user_id:
                raise InvalidField("locked_out", "You can not lock yourself out.")
            if (obstacle := self._obstacle(case)) is not None:
                raise InvalidField("locked_out", f"A user with {obstacle} can not be locked out.")
        if not case.promotes or not (meetings := self._meetings_somewhere(case)):
            return
        if case.given.get("organization_management_level"):
            raise InvalidField("organization_management_level", "The user is locked out of a meeting.")
        managed = set(case.given.get("committee_management_ids") or ())
        if any(managed.intersection(self._line(meeting_id)) for meeting_id in meetings):
            raise InvalidField("committee_management_ids", "The user is locked out of a meeting of these committees.")

    def _remember(self, case: _Case) -> None:
        """From now on, what the element gives counts as if it were stored."""
        if case.user_id is not None:
            given = {name: case.given[name] for name in ("locked_out", "group_ids") if name in case.given}
            self._members[case.pair] = {**self._members.get(case.pair, {}), **given}
            self._somewhere[case.user_id] = self._meetings_somewhere(case)

    def _obstacle(self, case: _Case) -> str | None:
        user = self._user(case)
        if user.get("organization_management_level"):
            return "an organization management level"
        if case.meeting_id is None:
            return None
        if set(user.get("committee_management_ids") or ()).intersection(self._line(case.meeting_id)):
            return "committee management rights for the meeting"
        for group_id in self._group_ids(case):
            group = self.uow.find_fields("group", group_id, *_GROUP)
            if group.get("admin_group_for_meeting_id") == case.meeting_id:
                return "the admin group of the meeting"
            if Permissions.User.CAN_MANAGE in (group.get("permissions") or ()):
                return "the permission to manage users"
        return None

    def _is_locked_out(self, case: _Case) -> bool:
        return bool(case.given.get("locked_out", self._members.get(case.pair, {}).get("locked_out")))

    def _group_ids(self, case: _Case) -> list[int]:
        ids: list[int] | None = case.given.get("group_ids", self._members.get(case.pair, {}).get("group_ids"))
        return ids or []

    def _user(self, case: _Case) -> Fields:
        stored = (self.uow.find_fields("user", case.user_id, *_USER)) if case.user_id else {}
        return {**stored, **{name: case.given[name] for name in _USER if name in case.given}}

    def _promoted(self) -> Filter | None:
        """Where those who get a level or a committee are locked out."""
        users = {case.user_id for case in self._cases if case.promotes}
        return And(any_of("user_id", users), equals(locked_out=True)) if users else None

    def _locked_out_somewhere(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        if (filter_ := self._promoted()) is not None:
            for member in self.uow.filter("meeting_user", filter_, "user_id", "meeting_id").values():
                if "meeting_id" in member:
                    found.setdefault(member["user_id"], set()).add(member["meeting_id"])
        return found

    def _meetings_somewhere(self, case: _Case) -> set[int]:
        meetings = set(self._somewhere.get(case.user_id or 0, ()))
        if case.meeting_id is not None and case.given.get("locked_out") is not None:
            (meetings.add if case.given["locked_out"] else meetings.discard)(case.meeting_id)
        return meetings

    def _line(self, meeting_id: int) -> set[int]:
        """The committee of the meeting and all above it."""
        committee_id = self.uow.find_fields("meeting", meeting_id, "committee_id")["committee_id"]
        if committee_id is None:
            return set()
        committee = self.uow.find_fields("committee", committee_id, "all_parent_ids")
        return {committee_id, *(committee["all_parent_ids"] or ())}
