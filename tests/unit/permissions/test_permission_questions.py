"""Every row of permissions.md."""

from typing import Any

import pytest

from openslides_backend.permissions.answers import Answers
from openslides_backend.permissions.checker import Checker
from openslides_backend.permissions.evaluation import ask
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import ANONYMOUS_PERMISSIONS, Permissions
from openslides_backend.permissions.questions import (
    existing,
    is_own_meeting_user,
    manages_all,
    meeting_of,
    meeting_user_of,
    rights_in,
)
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.typing import Fields
from tests.unit.permissions.stored_data import StoredData

TAG = Permissions.Tag.CAN_MANAGE
SEE = Permissions.Motion.CAN_SEE


def data(**models: Fields) -> StoredData:
    """A meeting of committee 60 (below 50, below 40) with its groups, user 2 in no group; changed by `models`.

    Names are fqids with `__` for the slash; fields are added to those of the base, None removes one.
    """
    base: dict[str, Fields] = {
        "meeting/1": {"committee_id": 60, "admin_group_id": 11},
        "committee/60": {"all_parent_ids": [40, 50]},
        "committee/40": {"all_child_ids": [50, 60]},
        "group/10": {"meeting_id": 1},
        "group/11": {"meeting_id": 1, "admin_group_for_meeting_id": 1},
        "group/12": {"meeting_id": 1, "permissions": ["tag.can_manage"]},
        "group/13": {"meeting_id": 1, "permissions": ["motion.can_manage"]},
        "group/14": {"meeting_id": 2, "admin_group_for_meeting_id": 2},
        "user/2": {"is_active": True},
    }
    for name, fields in models.items():
        base.setdefault(name.replace("__", "/"), {}).update(fields)
    return StoredData(
        {fqid: {name: value for name, value in fields.items() if value is not None} for fqid, fields in base.items()}
    )


def member(*group_ids: int, **fields: Any) -> Fields:
    return {"user_id": 2, "meeting_id": 1, "group_ids": list(group_ids), **fields}


def level(text: str, *, active: bool | None = True) -> Fields:
    return {"organization_management_level": text, "is_active": active}


LOCKED: Fields = {"locked_from_inside": True}
ANON: Fields = {"enable_anonymous": True, "anonymous_group_id": 20}

CASES: list[tuple[str, int, StoredData, str, bool, int]] = [
    # what, user, stored data, permission, allowed, reads
    ("internal request", -1, data(), TAG, False, 0),
    (
        "anonymous not enabled",
        0,
        data(meeting__1={"anonymous_group_id": 20}, group__20={"permissions": [SEE]}),
        SEE,
        False,
        1,
    ),
    ("anonymous enabled", 0, data(meeting__1=ANON, group__20={"permissions": [SEE]}), SEE, True, 2),
    (
        "anonymous in a locked meeting",
        0,
        data(meeting__1={**ANON, **LOCKED}, group__20={"permissions": [SEE]}),
        SEE,
        True,
        2,
    ),
    (
        "anonymous, other permission",
        0,
        data(meeting__1=ANON, group__20={"permissions": ["projector.can_see"]}),
        SEE,
        False,
        2,
    ),
    (
        "anonymous, implied",
        0,
        data(meeting__1=ANON, group__20={"permissions": ["motion.can_see_internal"]}),
        SEE,
        True,
        2,
    ),
    ("anonymous, impossible permission", 0, data(meeting__1=ANON, group__20={"permissions": [TAG]}), TAG, False, 2),
    (
        "anonymous, implied by an impossible one",
        0,
        data(meeting__1=ANON, group__20={"permissions": ["motion.can_manage"]}),
        SEE,
        False,
        2,
    ),
    ("anonymous, group without permissions", 0, data(meeting__1=ANON, group__20={}), SEE, False, 2),
    ("anonymous, group missing", 0, data(meeting__1=ANON), SEE, False, 2),
    ("anonymous, no group", 0, data(meeting__1={"enable_anonymous": True}), SEE, False, 1),
    ("anonymous, admin group", 0, data(meeting__1={**ANON, "anonymous_group_id": 11}), SEE, False, 2),
    ("superadmin", 2, data(user__2=level("superadmin")), TAG, True, 1),
    ("can_manage_organization", 2, data(user__2=level("can_manage_organization")), TAG, True, 1),
    ("can_manage_users", 2, data(user__2=level("can_manage_users")), TAG, False, 1),
    ("unknown level", 2, data(user__2=level("almighty")), TAG, False, 1),
    ("inactive superadmin", 2, data(user__2=level("superadmin", active=False)), TAG, False, 1),
    ("superadmin of unknown activity", 2, data(user__2=level("superadmin", active=None)), TAG, False, 1),
    ("superadmin, locked", 2, data(user__2=level("superadmin"), meeting__1=LOCKED), TAG, False, 1),
    (
        "superadmin, meeting without committee",
        2,
        data(user__2=level("superadmin"), meeting__1={"committee_id": None}),
        TAG,
        True,
        1,
    ),
    ("manager", 2, data(user__2={"committee_management_ids": [60]}), TAG, True, 1),
    ("manager of a parent", 2, data(user__2={"committee_management_ids": [40]}), TAG, True, 2),
    ("manager of another committee", 2, data(user__2={"committee_management_ids": [61]}), TAG, False, 2),
    ("manager, locked", 2, data(user__2={"committee_management_ids": [60]}, meeting__1=LOCKED), TAG, False, 1),
    (
        "manager, meeting without committee",
        2,
        data(user__2={"committee_management_ids": [60]}, meeting__1={"committee_id": None}),
        TAG,
        False,
        1,
    ),
    (
        "manager who is locked out",
        2,
        data(user__2={"committee_management_ids": [60]}, meeting_user__5=member(10, locked_out=True)),
        TAG,
        True,
        1,
    ),
    (
        "manager of a parent who is locked out",
        2,
        data(user__2={"committee_management_ids": [40]}, meeting_user__5=member(10, locked_out=True)),
        TAG,
        True,
        2,
    ),
    ("no participant", 2, data(), TAG, False, 1),
    ("participant of another meeting", 2, data(meeting_user__5={**member(12), "meeting_id": 2}), TAG, False, 1),
    ("somebody else", 2, data(meeting_user__5={**member(12), "user_id": 3}), TAG, False, 1),
    (
        "only named by the user",
        2,
        data(user__2={"meeting_user_ids": [5]}, meeting_user__5={"group_ids": [12], "meeting_id": 1}),
        TAG,
        False,
        1,
    ),
    ("not named by the user", 2, data(user__2={"meeting_user_ids": []}, meeting_user__5=member(12)), TAG, True, 2),
    ("no groups", 2, data(meeting_user__5={"user_id": 2, "meeting_id": 1}), TAG, False, 1),
    ("locked out", 2, data(meeting_user__5=member(12, locked_out=True)), TAG, False, 1),
    ("locked out admin", 2, data(meeting_user__5=member(11, locked_out=True)), TAG, False, 1),
    ("admin", 2, data(meeting_user__5=member(10, 11)), TAG, True, 2),
    ("admin, locked", 2, data(meeting_user__5=member(11), meeting__1=LOCKED), TAG, True, 2),
    (
        "admin group by the meeting only",
        2,
        data(meeting_user__5=member(10), meeting__1={"admin_group_id": 10}),
        TAG,
        False,
        2,
    ),
    ("admin group of another meeting", 2, data(meeting_user__5=member(14)), TAG, False, 2),
    ("group with the permission", 2, data(meeting_user__5=member(10, 12)), TAG, True, 2),
    ("group with the permission, locked", 2, data(meeting_user__5=member(12), meeting__1=LOCKED), TAG, True, 2),
    ("group with other permissions", 2, data(meeting_user__5=member(10, 13)), TAG, False, 2),
    ("group that is missing", 2, data(meeting_user__5=member(99)), TAG, False, 2),
    ("implied directly", 2, data(meeting_user__5=member(13)), Permissions.Motion.CAN_CREATE, True, 2),
    ("implied deeply", 2, data(meeting_user__5=member(13)), SEE, True, 2),
    ("not implied", 2, data(meeting_user__5=member(13)), Permissions.Motion.CAN_MANAGE_POLLS, False, 2),
    (
        "contained does not contain",
        2,
        data(meeting_user__5=member(10), group__10={"permissions": ["motion.can_see"]}),
        Permissions.Motion.CAN_MANAGE,
        False,
        2,
    ),
    (
        "manager of another committee with the group",
        2,
        data(user__2={"committee_management_ids": [61]}, meeting_user__5=member(12)),
        TAG,
        True,
        2,
    ),
    ("user not stored", 3, data(), TAG, False, 1),
]


@pytest.mark.parametrize(
    ("user_id", "stored", "permission", "allowed", "reads"), [pytest.param(*case, id=what) for what, *case in CASES]
)
def test_has_permission(user_id: int, stored: StoredData, permission: str, allowed: bool, reads: int) -> None:
    assert Checker(stored, user_id).has_permission(1, permission) is allowed
    assert stored.reads == reads


ADMIN_CASES: list[tuple[str, int, StoredData, bool]] = [
    ("internal request", -1, data(), False),
    ("anonymous", 0, data(meeting__1={**ANON, "anonymous_group_id": 11}), False),
    ("superadmin", 2, data(user__2=level("superadmin")), True),
    ("superadmin, locked", 2, data(user__2=level("superadmin"), meeting__1=LOCKED), False),
    ("can_manage_users", 2, data(user__2=level("can_manage_users")), False),
    ("manager of a parent", 2, data(user__2={"committee_management_ids": [50]}), True),
    ("manager, locked", 2, data(user__2={"committee_management_ids": [60]}, meeting__1=LOCKED), False),
    ("admin group", 2, data(meeting_user__5=member(11)), True),
    ("admin group, locked", 2, data(meeting_user__5=member(11), meeting__1=LOCKED), True),
    ("admin group, locked out", 2, data(meeting_user__5=member(11, locked_out=True)), False),
    ("admin group of another meeting", 2, data(meeting_user__5=member(14)), False),
    ("all permissions", 2, data(meeting_user__5=member(10), group__10={"permissions": [TAG]}), False),
]


@pytest.mark.parametrize(("what", "user_id", "stored", "expected"), ADMIN_CASES)
def test_is_admin(what: str, user_id: int, stored: StoredData, expected: bool) -> None:
    assert Checker(stored, user_id).is_admin(1) is expected, what


COMMITTEE_CASES: list[tuple[str, int, Fields, int | None, bool]] = [
    ("superadmin", 2, level("superadmin"), 60, True),
    ("can_manage_organization, committee not stored", 2, level("can_manage_organization"), 99, True),
    ("can_manage_organization, no committee", 2, level("can_manage_organization"), None, True),
    ("can_manage_users", 2, level("can_manage_users"), 60, False),
    ("inactive superadmin", 2, level("superadmin", active=False), 60, False),
    ("inactive manager", 2, {"is_active": False, "committee_management_ids": [60]}, 60, False),
    ("manager", 2, {"committee_management_ids": [1, 60]}, 60, True),
    ("manager of the parent", 2, {"committee_management_ids": [50]}, 60, True),
    ("manager of the root", 2, {"committee_management_ids": [40]}, 60, True),
    ("manager of a child", 2, {"committee_management_ids": [60]}, 40, False),
    ("manager of another one", 2, {"committee_management_ids": [61]}, 60, False),
    ("manager, committee not stored", 2, {"committee_management_ids": [61]}, 99, False),
    ("manager, no committee", 2, {"committee_management_ids": [60]}, None, False),
    ("nobody special", 2, {}, 60, False),
    ("anonymous", 0, {}, 60, False),
    ("internal request", -1, {}, 60, False),
    ("user not stored", 3, {}, 60, False),
]


@pytest.mark.parametrize(("what", "user_id", "user", "committee_id", "expected"), COMMITTEE_CASES)
def test_manages_committee(what: str, user_id: int, user: Fields, committee_id: int | None, expected: bool) -> None:
    stored = data(user__2=user)
    assert Checker(stored, user_id).manages_committee(committee_id) is expected, what
    assert stored.reads == (user_id > 0)


def test_manages_all_committees_in_one_read() -> None:
    stored = data(
        user__2={"committee_management_ids": [40, 61]}, committee__61={"name": "b"}, committee__62={"name": "c"}
    )
    checker = Checker(stored, 2)
    assert checker.ask(manages_all(2, [60, 61]))
    assert not checker.ask(manages_all(2, [60, 61, 62]))
    assert checker.ask(manages_all(2, []))
    assert stored.reads == 2


@pytest.mark.parametrize(
    ("user_id", "user", "expected"),
    [
        (2, {"committee_management_ids": [40]}, True),
        (2, level("can_manage_organization"), True),
        (2, level("can_manage_users"), False),
        (0, {}, False),
        (-1, {}, False),
    ],
)
def test_the_lock_does_not_matter_for_the_manager_of_a_meeting(user_id: int, user: Fields, expected: bool) -> None:
    assert Checker(data(user__2=user, meeting__1=LOCKED), user_id).manages_meeting(1) is expected


@pytest.mark.parametrize("user_id", [0, 2])
def test_a_missing_meeting_can_not_be_judged(user_id: int) -> None:
    checker = Checker(data(user__2=level("superadmin")), user_id)
    for check in (checker.is_admin, checker.manages_meeting, lambda id_: checker.has_permission(id_, TAG)):
        with pytest.raises(ModelDoesNotExist, match="'meeting/9'"):
            check(9)


@pytest.mark.parametrize(
    ("user_id", "user", "expected"),
    [
        (2, level("superadmin"), Level.SUPERADMIN),
        (2, level("can_manage_organization"), Level.CAN_MANAGE_ORGANIZATION),
        (2, level("can_manage_users"), Level.CAN_MANAGE_USERS),
        (2, {}, Level.NONE),
        (2, level("superadmin", active=False), Level.NONE),
        (3, {}, Level.NONE),
        (0, {}, Level.NONE),
        (-1, {}, Level.NONE),
    ],
)
def test_level(user_id: int, user: Fields, expected: Level) -> None:
    checker = Checker(data(user__2=user), user_id)
    assert checker.level() is expected
    assert [level for level in Level if checker.has_level(level)] == [level for level in Level if level <= expected]


def test_several_permissions_are_asked_at_once() -> None:
    stored = data(meeting_user__5=member(12, 13))
    rights = Checker(stored, 2).rights_in(1)
    assert rights.has(TAG)
    assert rights.has(SEE)
    assert not rights.has(Permissions.User.CAN_SEE)
    assert not rights.is_admin
    assert stored.reads == 2


def test_many_meetings_take_as_many_reads_as_one() -> None:
    meetings: dict[str, Fields] = {f"meeting__{id_}": {"committee_id": 60} for id_ in range(100, 200)}
    members: dict[str, Fields] = {
        f"meeting_user__{id_}": {**member(12), "meeting_id": id_} for id_ in range(100, 200) if id_ % 2
    }
    stored = data(user__2={"committee_management_ids": [61]}, **meetings, **members)
    rights = Checker(stored, 2).ask_all(rights_in(2, id_) for id_ in range(100, 200))
    assert [right.has(TAG) for right in rights] == [id_ % 2 == 1 for id_ in range(100, 200)]
    assert stored.reads == 2


def test_the_oldest_of_several_participations_counts() -> None:
    stored = data(meeting_user__7=member(12), meeting_user__5=member(10))
    assert Checker(stored, 2).groups_of(1) == {10}
    assert not Checker(stored, 2).has_permission(1, TAG)


def test_groups_count_for_those_locked_out_as_well_where_groups_are_asked() -> None:
    stored = data(meeting_user__5=member(10, 12, locked_out=True))
    assert Checker(stored, 2).groups_of(1) == {10, 12}
    assert Checker(stored, 3).groups_of(1) == Checker(stored, 0).groups_of(1) == frozenset()
    participation = ask(Answers(stored), meeting_user_of(2, 1))
    assert participation is not None
    assert participation["id"] == 5


def test_meeting_of() -> None:
    checker = Checker(data(tag__1={"meeting_id": 4}, tag__2={"name": "n"}), 2)
    assert checker.ask(meeting_of("tag", 1)) == 4
    assert checker.ask(meeting_of("meeting", 9)) == 9
    with pytest.raises(BadRequest, match="'tag/2' belongs to no meeting"):
        checker.ask(meeting_of("tag", 2))
    with pytest.raises(ModelDoesNotExist, match="'tag/3'"):
        checker.ask(meeting_of("tag", 3))


def test_an_existing_model_may_lack_a_field() -> None:
    stored = data(tag__1={"name": "n"})
    tag = Checker(stored, 2).ask(existing("tag", 1, "name", "meeting_id"))
    assert (tag["name"], tag.get("meeting_id")) == ("n", None)
    with pytest.raises(BadRequest, match="'tag/1' has no 'meeting_id'"):
        tag["meeting_id"]


def test_own_meeting_users() -> None:
    stored = data(meeting_user__5=member(10), meeting_user__6={"meeting_id": 1})
    checker = Checker(stored, 2)
    assert checker.ask(is_own_meeting_user(2, 5))
    assert not checker.ask(is_own_meeting_user(3, 5))
    assert not checker.ask(is_own_meeting_user(2, 6))
    assert not checker.ask(is_own_meeting_user(0, 6))
    assert not checker.ask(is_own_meeting_user(2, None))
    assert not checker.ask(is_own_meeting_user(2, 7))


@pytest.mark.parametrize(
    ("enabled", "forbidden", "delegated", "expected"),
    [(True, True, 8, True), (None, True, 8, False), (True, None, 8, False), (True, True, None, False)],
)
def test_restricted_delegators(
    enabled: bool | None, forbidden: bool | None, delegated: int | None, expected: bool
) -> None:
    setting = "users_forbid_delegator_as_submitter"
    stored = data(
        meeting__1={"users_enable_vote_delegations": enabled, setting: forbidden},
        meeting_user__5=member(10, vote_delegated_to_id=delegated),
    )
    assert Checker(stored, 2).is_restricted_delegator(1, setting) is expected
    assert not Checker(stored, 0).is_restricted_delegator(1, setting)
    assert stored.reads == 1


def test_a_checker_asks_afresh_unless_it_shall_remember() -> None:
    stored = data(meeting_user__5=member(10))
    forgetful, remembering = Checker(stored, 2), Checker(stored, 2, remember=True)
    assert not forgetful.has_permission(1, TAG)
    assert not remembering.has_permission(1, TAG)
    stored.models["meeting_user/5"]["group_ids"] = [12]
    assert forgetful.has_permission(1, TAG)
    assert not remembering.has_permission(1, TAG)
    assert stored.reads == 6


def test_only_permissions_of_the_vocabulary_can_be_asked_for() -> None:
    with pytest.raises(KeyError):
        Checker(data(meeting_user__5=member(12)), 2).has_permission(1, "tag.can_do")


def test_anonymous_may_hold_no_managing_permission() -> None:
    assert not [name for name in ANONYMOUS_PERMISSIONS if "can_see" not in name]
