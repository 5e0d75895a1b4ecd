"""The facts that decide who may change an account (user_permissions.md, sections 1 to 3, 6 and 7)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from openslides_backend.permissions.evaluation import Steps, both, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import Rights, existing, manages_meeting, models, rights_in
from openslides_backend.services.datastore import FilterModels, GetMany
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_REQUESTER = ("committee_management_ids", "is_active", "meeting_ids", "organization_management_level")
_TARGET = ("committee_management_ids", "home_committee_id", "meeting_ids", "organization_management_level")
MEETING = ("committee_id", "is_active_in_organization_id", "locked_from_inside")
"""What the scope of an account needs of its meetings, and whether it is locked."""
_MEETING_USER = ("group_ids", "locked_out", "meeting_id", "user_id")
_GROUP = ("admin_group_for_meeting_id", "permissions")
_OWN_COMMITTEE = ("all_child_ids", "meeting_ids")


@dataclass(frozen=True, slots=True)
class Requester:
    """What the request user brings along (section 2).

    `managed` are the `committee_management_ids` and `own_committees` these with all below them; `committee_meetings`
    the meetings of those. `rights` are what he may do by his groups in the meetings in which he isn't locked out.
    """

    user_id: int = ANONYMOUS
    level: Level = Level.NONE
    meeting_ids: frozenset[int] = frozenset()
    managed: frozenset[int] = frozenset()
    own_committees: frozenset[int] = frozenset()
    committee_meetings: frozenset[int] = frozenset()
    rights: Mapping[int, Rights] = field(default_factory=dict)

    def has_in(self, meeting_id: int | None, permission: str) -> bool:
        """Whether a group gives him the permission in the meeting ("PERM_MEETINGS" for this permission)."""
        return meeting_id is not None and meeting_id in self.rights and self.rights[meeting_id].has(permission)

    def manages(self, committee_id: int, above: Collection[int]) -> bool:
        """Whether he manages the committee (section 1.2); `above` are its `all_parent_ids`."""
        if self.level >= Level.CAN_MANAGE_ORGANIZATION or committee_id in self.managed:
            return True
        return not self.managed.isdisjoint(above)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an account belongs to (section 3), with T_COMMITTEES, T_MEETINGS and ARCHIVED_ONLY."""

    collection: Literal["meeting", "committee", "organization"] = "organization"
    id: int = ORGANIZATION_ID
    committee_ids: frozenset[int] = frozenset()
    meeting_ids: frozenset[int] = frozenset()
    archived_only: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The account that is acted on: as it is stored, or as it is going to be created.

    `level` counts whether the account is active or not: it may be activated again. `meetings` are those that he takes
    part in, by id.
    """

    level: Level = Level.NONE
    meetings: Models = field(default_factory=dict)
    managed: frozenset[int] = frozenset()
    home_committee_id: int | None = None
    scope: Scope = field(default_factory=Scope)

    def belongs_somewhere(self) -> bool:
        """Whether he takes part in a meeting, manages a committee or has a home committee."""
        return bool(self.meetings or self.managed or self.home_committee_id)

    def extended(self, meetings: Models, managed: frozenset[int]) -> "Target":
        """The account if it took part in these meetings, too, and managed these committees."""
        everything = {**self.meetings, **meetings}
        scope = scope_of(everything, managed, self.home_committee_id)
        return Target(self.level, everything, managed, self.home_committee_id, scope)


def scope_of(meetings: Models, managed: Iterable[int], home_committee_id: int | None) -> Scope:
    """The scope of an account that takes part in these meetings and manages these committees.

    Who manages a committee never belongs to a meeting: whoever may change accounts there could act as manager then.
    The meetings must have `committee_id` and `is_active_in_organization_id`.
    """
    managed = frozenset(managed)
    everything: defaultdict[int, set[int]] = defaultdict(set)
    active: defaultdict[int, set[int]] = defaultdict(set)
    for committee_id in managed:
        everything[committee_id], active[committee_id] = set(), set()
    for id_, meeting in meetings.items():
        if (committee := meeting.get("committee_id")) is not None:
            everything[committee].add(id_)
            if meeting.get("is_active_in_organization_id"):
                active[committee].add(id_)
    active_meetings = frozenset[int]().union(*active.values())
    facts = (frozenset(everything), frozenset[int]().union(*everything.values()), bool(everything) and not active)
    if home_committee_id is not None:
        return Scope("committee", home_committee_id, *facts)
    if not managed and len(active_meetings) == 1 and len(active) == 1:
        return Scope("meeting", next(iter(active_meetings)), frozenset(active), active_meetings)
    if len(everything) == 1:
        return Scope("committee", next(iter(everything)), *facts)
    return Scope("organization", ORGANIZATION_ID, *facts)


@question
def requester_of(user_id: int) -> Steps[Requester]:
    """What a user brings along, in at most three reads, in however many meetings and committees he is."""
    if user_id <= ANONYMOUS:
        return Requester(user_id)
    users, found = yield [
        GetMany("user", (user_id,), _REQUESTER),
        FilterModels("meeting_user", equals(user_id=user_id), _MEETING_USER),
    ]
    user = users.get(user_id, {})
    if not user.get("is_active"):
        return Requester(user_id)
    level = Level.of(user.get("organization_management_level"))
    managed = frozenset(user.get("committee_management_ids") or ())
    members = [member for member in found.models.values() if not member.get("locked_out") and "meeting_id" in member]
    group_ids = {group_id for member in members for group_id in member.get("group_ids") or ()}
    committees, groups = yield [
        GetMany("committee", tuple(sorted(managed)), _OWN_COMMITTEE),
        GetMany("group", tuple(sorted(group_ids)), _GROUP),
    ]
    below = {child for committee in committees.values() for child in committee.get("all_child_ids") or ()}
    committees = {**committees, **(yield from models("committee", sorted(below - managed), *_OWN_COMMITTEE))}
    return Requester(
        user_id,
        level,
        frozenset(user.get("meeting_ids") or ()),
        managed,
        managed | below,
        frozenset(meeting for committee in committees.values() for meeting in committee.get("meeting_ids") or ()),
        {member["meeting_id"]: _rights(member, groups) for member in members},
    )


def _rights(member: Fields, groups: Models) -> Rights:
    own = [groups[group_id] for group_id in member.get("group_ids") or () if group_id in groups]
    is_admin = any(group.get("admin_group_for_meeting_id") == member["meeting_id"] for group in own)
    return Rights(is_admin, frozenset(name for group in own for name in group.get("permissions") or ()))


@question
def target_of(user_id: int) -> Steps[Target]:
    """A stored account, in two reads. Raises ModelDoesNotExist."""
    user = yield from existing("user", user_id, *_TARGET)
    return (yield from _target(user, user.get("meeting_ids") or ()))


@question
def new_target(given: ReadOnlyFields) -> Steps[Target]:
    """The account that a payload of `user.create` describes, in one read."""
    meeting_id = given.get("meeting_id") if "group_ids" in given else None
    return (yield from _target(given, () if meeting_id is None else (meeting_id,)))


@question
def _target(user: ReadOnlyFields, meeting_ids: Iterable[int]) -> Steps[Target]:
    meetings = yield from models("meeting", meeting_ids, *MEETING)
    # Answers may hold more than was asked for.
    own_meetings = {id_: meetings[id_] for id_ in meeting_ids if id_ in meetings}
    managed = frozenset(user.get("committee_management_ids") or ())
    home = user.get("home_committee_id")
    level = Level.of(user.get("organization_management_level"))
    return Target(level, own_meetings, managed, home, scope_of(own_meetings, managed, home))


@question
def managed_among(requester: Requester, committee_ids: Collection[int]) -> Steps[frozenset[int]]:
    """Those of the committees that the user manages (section 1.2), in one read."""
    if requester.level >= Level.CAN_MANAGE_ORGANIZATION:
        return frozenset(committee_ids)
    committees = yield from models("committee", sorted(committee_ids), "all_parent_ids")
    above = {id_: committees.get(id_, {}).get("all_parent_ids") or () for id_ in committee_ids}
    return frozenset(id_ for id_ in committee_ids if requester.manages(id_, above[id_]))


def administrates_all_meetings(requester: Requester, target: Target, *, is_new: bool = False) -> bool:
    """Whether the user may change the account because he administrates all of its meetings (section 6)."""
    meetings, scope = target.scope.meeting_ids, target.scope
    if target.home_committee_id is not None or scope.archived_only or (target.managed and not is_new):
        return False
    can_update = Permissions.User.CAN_UPDATE
    return bool(meetings) and all(m in requester.meeting_ids and requester.has_in(m, can_update) for m in meetings)


@question
def account_refusal(user_id: int, target_id: int, permission: str) -> Steps[str | None]:
    """Why a user may not act on an account as a whole (section 7); None: he may.

    `permission` is what he needs in the meeting that the account's scope is. At most five reads. Raises
    ModelDoesNotExist if there is no such account.
    """
    if user_id <= ANONYMOUS:
        return "Anonymous users are not."
    requester, target = yield from both(requester_of(user_id), target_of(target_id))
    scope = target.scope
    if requester.level < target.level:
        return "The user has a higher organization management level than you."
    if requester.level >= Level.CAN_MANAGE_USERS:
        return None
    if scope.collection == "committee":
        allowed = bool((yield from managed_among(requester, (scope.id,))))
    elif scope.collection == "meeting":
        manages, rights = yield from both(manages_meeting(user_id, scope.id), rights_in(user_id, scope.id))
        allowed = manages or rights.has(permission)
    else:
        managed = yield from managed_among(requester, scope.committee_ids)
        allowed = bool(managed) or administrates_all_meetings(requester, target)
    return None if allowed else f"Missing rights in {scope.collection} {scope.id}, where the account belongs to."
