"""Who may set which field of whose account: the one table of it (user_permissions.md, sections 4 and 5).

`user.create` and `user.update` are judged by it as a whole (`may_create_account`, `may_update_account`); imports and
the presenter `get_user_editable` ask for single groups of fields (`Case.refusal`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from openslides_backend.permissions.accounts import (
    MEETING,
    Requester,
    Target,
    account_refusal,
    administrates_all_meetings,
    managed_among,
    new_target,
    requester_of,
    target_of,
)
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, both, question, together
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, level_of, models
from openslides_backend.permissions.rules import Inquiry, Rule, Verdict, rule
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Models, ReadOnlyFields


class FieldGroup(StrEnum):
    """Fields that are judged by the same rule."""

    ACCOUNT = "A"
    PARTICIPATION = "B"
    MEMBERSHIP = "C"
    COMMITTEE_MANAGEMENT = "D"
    LEVEL = "E"
    DEFAULT_PASSWORD = "F"  # noqa: S105 - the name of a group
    DEMO_USER = "G"
    SINGLE_SIGN_ON = "H"
    HOME_COMMITTEE = "I"
    EXTERNAL = "J"


FIELDS: Mapping[FieldGroup, tuple[str, ...]] = {
    FieldGroup.ACCOUNT: (
        "title",
        "first_name",
        "last_name",
        "username",
        "is_active",
        "is_physical_person",
        "gender_id",
        "pronoun",
        "can_change_own_password",
        "email",
        "default_vote_weight",
        "member_number",
    ),
    FieldGroup.PARTICIPATION: (
        "number",
        "vote_weight",
        "about_me",
        "comment",
        "structure_level_ids",
        "vote_delegated_to_id",
        "vote_delegations_from_ids",
        "locked_out",
        "is_present_in_meeting_ids",
        "is_present",
    ),
    FieldGroup.MEMBERSHIP: ("meeting_id", "group_ids"),
    FieldGroup.COMMITTEE_MANAGEMENT: ("committee_management_ids",),
    FieldGroup.LEVEL: ("organization_management_level",),
    FieldGroup.DEFAULT_PASSWORD: ("default_password",),
    FieldGroup.DEMO_USER: ("is_demo_user",),
    FieldGroup.SINGLE_SIGN_ON: ("saml_id",),
    FieldGroup.HOME_COMMITTEE: ("home_committee_id",),
    FieldGroup.EXTERNAL: ("external",),
}
"""All fields that somebody needs a right for, by their groups; `is_present` is a column of imports."""

GROUP_OF: Mapping[str, FieldGroup] = {name: group for group, names in FIELDS.items() for name in names}
"""The group of every field."""

PARTICIPANT_FIELDS = tuple(
    name
    for group in (FieldGroup.MEMBERSHIP, FieldGroup.PARTICIPATION)
    for name in FIELDS[group]
    if name not in ("is_present_in_meeting_ids", "is_present")
)
"""Fields that are no account's, but belong to its data in the payload's meeting: that meeting, too."""

ACCOUNT_FIELDS = tuple(
    name
    for group, names in FIELDS.items()
    if group not in (FieldGroup.MEMBERSHIP, FieldGroup.PARTICIPATION)
    for name in names
)
"""Fields of the account itself: what `user.create` and `user.update` take is made from the table."""


@dataclass(frozen=True, slots=True)
class Case:
    """One account that one user wants to create or change, with all that judging it needs.

    `given` is the payload. `permission` is what counts as administrating a meeting: `user.can_manage` to create an
    account, `user.can_update` to change one. `locked` says that the payload's meeting is locked from inside.
    `managed_homes` are those among the payload's and the stored home committee that the user manages. `after` is the
    stored account with what the payload adds: the meeting that it is going to take part in, and the committees.
    """

    requester: Requester
    target: Target
    given: ReadOnlyFields
    is_new: bool = False
    permission: str = Permissions.User.CAN_UPDATE
    locked: bool = False
    managed_homes: frozenset[int] = field(default_factory=frozenset)
    after: Target | None = None

    def homes(self) -> frozenset[int]:
        """The payload's and the stored home committee, as far as they are set."""
        return home_committees(self.given, self.target)

    def refusal(self, group: FieldGroup) -> Verdict:
        """Why the user may not set the fields of a group; None: he may."""
        rule_, needed = _RULES[group]
        return None if rule_(self) else f"Missing right to set {', '.join(FIELDS[group])}: {needed}."

    def level_refusal(self) -> Verdict:
        """Why the user may not set anything but B and C of somebody with a higher level (section 5, step 3)."""
        if self.is_new or self.requester.level is Level.SUPERADMIN or self.requester.level >= self.target.level:
            return None
        return "The user has a higher organization management level than you."

    def hands_over(self) -> bool:
        """Whether the change would give the user a right to the account that he doesn't have yet."""
        return _takes_over(self)


def home_committees(given: ReadOnlyFields, target: Target) -> frozenset[int]:
    """The payload's and the stored home committee, as far as they are set."""
    return frozenset(id_ for id_ in (given.get("home_committee_id"), target.home_committee_id) if id_ is not None)


def _account(case: Case) -> bool:
    return _may_change(case, case.target)


def _may_change(case: Case, target: Target) -> bool:
    requester, scope = case.requester, target.scope
    if requester.level >= Level.CAN_MANAGE_USERS:
        return True
    if scope.collection == "organization":
        direct = not requester.own_committees.isdisjoint(scope.committee_ids)
    elif scope.collection == "committee":
        direct = scope.id in requester.own_committees
    else:
        direct = scope.id in requester.committee_meetings or requester.has_in(scope.id, case.permission)
    return direct or administrates_all_meetings(requester, target, is_new=case.is_new)


def _takes_over(case: Case) -> bool:
    """Whether the change would give the user a right to the account that he doesn't have yet."""
    return case.after is not None and not _account(case) and _may_change(case, case.after)


def _participation(case: Case) -> bool:
    requester = case.requester
    if not case.locked and requester.level >= Level.CAN_MANAGE_ORGANIZATION:
        return True
    touched = {*(case.given.get("is_present_in_meeting_ids") or ())}
    if case.given.get("meeting_id") is not None:
        touched.add(case.given["meeting_id"])
    from_outside = frozenset() if case.locked else requester.committee_meetings
    return all(meeting in from_outside or requester.has_in(meeting, case.permission) for meeting in touched)


def _membership(case: Case) -> bool:
    requester, meeting_id = case.requester, case.given.get("meeting_id")
    from_outside = requester.level >= Level.CAN_MANAGE_USERS or meeting_id in requester.committee_meetings
    allowed = (from_outside and not case.locked) or requester.has_in(meeting_id, case.permission)
    return allowed and not _takes_over(case)


def _committee_management(case: Case) -> bool:
    given = frozenset(case.given.get("committee_management_ids") or ())
    changed = given if case.is_new else given ^ case.target.managed
    if case.requester.level >= Level.CAN_MANAGE_USERS:
        return True
    return changed <= case.requester.own_committees and not (case.target.belongs_somewhere() and _takes_over(case))


def _level(case: Case) -> bool:
    given = Level.of(case.given.get("organization_management_level"))
    return case.requester.level >= max(given, Level.CAN_MANAGE_USERS)


def _default_password(case: Case) -> bool:
    if case.target.level is Level.NONE:
        return _account(case)
    return case.requester.level >= case.target.level


def _is_superadmin(case: Case) -> bool:
    return case.requester.level is Level.SUPERADMIN


def _single_sign_on(case: Case) -> bool:
    return _is_superadmin(case) or (case.is_new and case.requester.level >= Level.CAN_MANAGE_USERS)


def _home_committee(case: Case) -> bool:
    if case.requester.level >= Level.CAN_MANAGE_ORGANIZATION:
        return True
    # Whoever could claim any account as his committee's could act as its owner then.
    return not case.homes() or (case.homes() <= case.managed_homes and (case.is_new or _account(case)))


def _external(case: Case) -> bool:
    # `external` removes a stored home committee (section 5, step 6): the right for that is part of it.
    return _home_committee(case) if case.homes() else _account(case)


_USERS = "organization management level can_manage_users"
_ORGANIZATION = "organization management level can_manage_organization"
_SCOPE = f"{_USERS}, or rights for the committee or all meetings of the user"
_Row = tuple[Callable[[Case], bool], str]

# The order in which the groups are judged: it matters because single sign-on is refused with another status.
_RULES: Mapping[FieldGroup, _Row] = {
    FieldGroup.SINGLE_SIGN_ON: (_single_sign_on, "organization management level superadmin"),
    FieldGroup.LEVEL: (_level, f"{_USERS}, and at least the level that is given"),
    FieldGroup.COMMITTEE_MANAGEMENT: (
        _committee_management,
        f"{_USERS}, or all the committees managed and rights for the user",
    ),
    FieldGroup.MEMBERSHIP: (
        _membership,
        f"{_USERS}, or the committee managed or the permission in the meeting, and no new rights for the user",
    ),
    FieldGroup.PARTICIPATION: (_participation, f"{_ORGANIZATION}, the committee managed, or the permission there"),
    FieldGroup.ACCOUNT: (_account, _SCOPE),
    FieldGroup.DEFAULT_PASSWORD: (_default_password, f"at least the level of the user; {_SCOPE}"),
    FieldGroup.DEMO_USER: (_is_superadmin, "organization management level superadmin"),
    FieldGroup.HOME_COMMITTEE: (
        _home_committee,
        f"{_ORGANIZATION}, or all the home committees managed and rights for the user",
    ),
    FieldGroup.EXTERNAL: (_external, f"{_ORGANIZATION}, or rights for the home committee or the user"),
}


_MEETING_GROUPS = (FieldGroup.PARTICIPATION, FieldGroup.MEMBERSHIP)


def given_groups(names: Iterable[str]) -> list[FieldGroup]:
    """The groups that the fields belong to, in the order in which they are judged; `id` is in none.

    Raises LookupError for other fields: nobody has said who may set them.
    """
    groups = {GROUP_OF[name] for name in names if name != "id"}
    return [group for group in _RULES if group in groups]


@question
def case_of(user_id: int, given: ReadOnlyFields, target_id: int | None, permission: str) -> Steps[Case]:
    """All that judging a payload for an account needs, in at most four reads; `target_id` None: a new account.

    A meeting that doesn't exist counts as not locked. Raises ModelDoesNotExist if there is no such account.
    """
    (case,) = yield from cases_of(user_id, [(given, target_id)], permission)
    return case


@question
def cases_of(user_id: int, accounts: Sequence[tuple[ReadOnlyFields, int | None]], permission: str) -> Steps[list[Case]]:
    """The same for payloads of many accounts, in as many reads; they are pairs of `given` and `target_id`."""
    about = together(new_target(given) if id_ is None else target_of(id_) for given, id_ in accounts)
    requester, targets = yield from both(requester_of(user_id), about)
    everybody = list(zip(accounts, targets, strict=True))
    homes = {home for (given, _), target in everybody for home in home_committees(given, target)}
    meeting_ids = {id_ for (given, _) in accounts if (id_ := given.get("meeting_id")) is not None}
    managed, meetings = yield from both(
        managed_among(requester, homes), models("meeting", sorted(meeting_ids), *MEETING)
    )
    return [
        Case(
            requester,
            target,
            given,
            target_id is None,
            permission,
            bool(meetings.get(given.get("meeting_id", 0), {}).get("locked_from_inside")),
            managed & home_committees(given, target),
            None if target_id is None else _after(target, given, meetings),
        )
        for (given, target_id), target in everybody
    ]


def _after(target: Target, given: ReadOnlyFields, meetings: Models) -> Target:
    joins = {id_: meeting for id_, meeting in meetings.items() if id_ == given.get("meeting_id")}
    managed = frozenset(given.get("committee_management_ids", target.managed) or ())
    return target.extended(joins if given.get("group_ids") else {}, managed)


@question
def takes_over(
    user_id: int, target_id: int, meeting_ids: Iterable[int] = (), committee_ids: Iterable[int] = ()
) -> Steps[bool]:
    """Whether taking part in these meetings, or managing these committees, would hand the account over to the user.

    That is: he couldn't change it, but could then. False if there is no such account, if it is the user's own, and for
    committees also if it has belonged nowhere before.
    """
    if target_id == user_id or target_id not in (yield from models("user", (target_id,), "id")):
        return False
    requester, target = yield from both(requester_of(user_id), target_of(target_id))
    if committee_ids and not target.belongs_somewhere():
        return False
    wanted = tuple(meeting_ids)
    meetings = yield from models("meeting", wanted, *MEETING)
    joined = {id_: meetings[id_] for id_ in wanted if id_ in meetings}
    return _takes_over(Case(requester, target, {}, after=target.extended(joined, target.managed.union(committee_ids))))


@question
def takes_over_one(user_id: int, target_ids: Iterable[int], committee_id: int) -> Steps[bool]:
    """Whether one of these is somebody whose account the user could change only because of belonging to the committee.

    Managing it comes to the same as taking part in a meeting of it.
    """
    wanted = dict.fromkeys(target_ids)
    if not wanted or (yield from level_of(user_id)) >= Level.CAN_MANAGE_USERS:
        return False
    return any((yield from together(takes_over(user_id, id_, committee_ids=(committee_id,)) for id_ in wanted)))


@question
def _judge(user_id: int, element: Element, target_id: int | None, permission: str) -> Steps[Verdict]:
    if user_id <= ANONYMOUS:
        return "Anonymous users are not."
    case = yield from case_of(user_id, element, target_id, permission)
    groups = given_groups(element)
    if any(group not in _MEETING_GROUPS for group in groups) and (refusal := case.level_refusal()) is not None:
        return refusal
    if (meeting_id := element.optional_id("meeting_id")) is not None:
        yield from existing("meeting", meeting_id, "locked_from_inside")
    for group in groups:
        refusal = case.refusal(group)
        if refusal is not None and group is FieldGroup.SINGLE_SIGN_ON:
            raise BadRequest(refusal)
        if refusal is not None:
            return refusal
    return None


@rule
def may_create_account(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """All groups of the given fields may be set in a new account."""
    return (yield from _judge(inquiry.user_id, element, None, Permissions.User.CAN_MANAGE))


@rule
def may_update_account(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """All groups of the given fields may be set in the account that `id` names."""
    return (yield from _judge(inquiry.user_id, element, element.id("id"), Permissions.User.CAN_UPDATE))


def may_act_on_account(permission: str) -> Rule:
    """The account that `id` names may be acted on as a whole (section 7)."""

    @rule
    def act_on_account(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        return (yield from account_refusal(inquiry.user_id, element.id("id"), permission))

    return act_on_account
