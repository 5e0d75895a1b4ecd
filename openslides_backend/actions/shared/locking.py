"""Nobody is locked out of a meeting and has rights for it at the same time (user_permissions.md, section 11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.action import blaming
from openslides_backend.engine.run import Run
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_TRIGGERS = ("locked_out", "group_ids", "organization_management_level", "committee_management_ids")
_USER = ("organization_management_level", "committee_management_ids")


@dataclass(frozen=True, slots=True)
class LockingCase:
    """What one element (`index`) gives for a user in a meeting; no user: he is about to be created."""

    index: int
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


def locking_needs(run: Run, cases: Iterable[LockingCase]) -> list[Query]:
    """What `check_locking` reads first, and in most cases at all."""
    judged = _judged(cases)
    users = sorted({case.user_id for case in judged if case.user_id and not run.uow.is_created("user", case.user_id)})
    queries = participation_needs(run.uow, _pairs(judged))
    if users:
        queries.append(GetMany("user", tuple(users), ("id", *_USER)))
    if (filter_ := _locked_out_filter(judged)) is not None:
        queries.append(filter_query("meeting_user", filter_, "user_id", "meeting_id"))
    return queries


def check_locking(run: Run, cases: Sequence[LockingCase]) -> None:
    """Judge what the elements give, overlaid on what is stored.

    At most three reads, one if nobody is locked out. Raises BadRequest, blamed on the element.
    """
    judged = _judged(cases)
    if judged:
        run.uow.prefetch(locking_needs(run, judged))
        _Check(run, judged).judge()


def _judged(cases: Iterable[LockingCase]) -> list[LockingCase]:
    return [case for case in cases if any(name in case.given for name in _TRIGGERS)]


def _pairs(cases: Iterable[LockingCase]) -> set[Pair]:
    return {case.pair for case in cases if case.user_id and case.meeting_id}


def _locked_out_filter(cases: Iterable[LockingCase]) -> Filter | None:
    users = {case.user_id for case in cases if case.promotes}
    return And(any_of("user_id", users), equals(locked_out=True)) if users else None


class _Check:
    def __init__(self, run: Run, cases: Sequence[LockingCase]) -> None:
        self._run = run
        self._uow = run.uow
        self._cases = cases
        self._members = participations(run.uow, _pairs(cases))
        self._somewhere = self._locked_out_somewhere()

    def judge(self) -> None:
        """Raises BadRequest."""
        self._load()
        for case in self._cases:
            with blaming(case.index):
                self._judge(case)

    def _judge(self, case: LockingCase) -> None:
        if self._is_locked_out(case):
            if case.user_id is not None and case.user_id == self._run.user_id:
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

    def _obstacle(self, case: LockingCase) -> str | None:
        user = self._user(case)
        if user.get("organization_management_level"):
            return "an organization management level"
        if case.meeting_id is None:
            return None
        if set(user.get("committee_management_ids") or ()).intersection(self._line(case.meeting_id)):
            return "committee management rights for the meeting"
        for group_id in self._group_ids(case):
            group = self._uow.find_fields("group", group_id, "admin_group_for_meeting_id", "permissions")
            if group.get("admin_group_for_meeting_id") == case.meeting_id:
                return "the admin group of the meeting"
            if Permissions.User.CAN_MANAGE in (group.get("permissions") or ()):
                return "the permission to manage users"
        return None

    def _load(self) -> None:
        """The meetings that matter with their committees, and the groups of those who are locked out."""
        locked_out = [case for case in self._cases if self._is_locked_out(case)]
        meetings = {case.meeting_id for case in locked_out if case.meeting_id}
        meetings.update(m for case in self._cases if case.promotes for m in self._meetings_somewhere(case))
        groups = {group_id for case in locked_out for group_id in self._group_ids(case)}
        names = ("admin_group_for_meeting_id", "permissions")
        self._uow.prefetch(
            [
                GetMany("meeting", tuple(sorted(meetings)), ("committee_id",)),
                GetMany("group", tuple(sorted(groups)), names),
            ]
        )
        committees = {c for m in meetings if (c := self._committee_of(m)) is not None}
        self._uow.load("committee", sorted(committees), "all_parent_ids")

    def _is_locked_out(self, case: LockingCase) -> bool:
        return bool(case.given.get("locked_out", self._members.get(case.pair, {}).get("locked_out")))

    def _group_ids(self, case: LockingCase) -> list[int]:
        ids: list[int] | None = case.given.get("group_ids", self._members.get(case.pair, {}).get("group_ids"))
        return ids or []

    def _user(self, case: LockingCase) -> Fields:
        stored = (self._uow.find_fields("user", case.user_id, *_USER)) if case.user_id else {}
        return {**stored, **{name: case.given[name] for name in _USER if name in case.given}}

    def _locked_out_somewhere(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        if (filter_ := _locked_out_filter(self._cases)) is not None:
            for member in self._uow.filter("meeting_user", filter_, "user_id", "meeting_id").values():
                if "meeting_id" in member:
                    found.setdefault(member["user_id"], set()).add(member["meeting_id"])
        return found

    def _meetings_somewhere(self, case: LockingCase) -> set[int]:
        meetings = set(self._somewhere.get(case.user_id or 0, ()))
        if case.meeting_id is not None and case.given.get("locked_out") is not None:
            (meetings.add if case.given["locked_out"] else meetings.discard)(case.meeting_id)
        return meetings

    def _committee_of(self, meeting_id: int) -> int | None:
        committee_id: int | None = (self._uow.find_fields("meeting", meeting_id, "committee_id")).get("committee_id")
        return committee_id

    def _line(self, meeting_id: int) -> set[int]:
        """The committee of the meeting and all above it."""
        committee_id = self._committee_of(meeting_id)
        if committee_id is None:
            return set()
        committee = self._uow.find_fields("committee", committee_id, "all_parent_ids")
        return {committee_id, *(committee.get("all_parent_ids") or ())}
