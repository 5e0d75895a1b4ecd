"""Who may set which field of whose account, row by row (user_permissions.md, sections 3 to 12 and 19)."""

from typing import Any

import pytest

from openslides_backend.actions.user.accounts import _INTERNAL_FIELDS, UserCreate, UserUpdate
from openslides_backend.models.models import MODELS
from openslides_backend.permissions.accounts import Requester, Target, scope_of
from openslides_backend.permissions.answers import Answers
from openslides_backend.permissions.evaluation import ask
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import Rights
from openslides_backend.permissions.rules import Inquiry, evaluate
from openslides_backend.permissions.user_fields import (
    FIELDS,
    GROUP_OF,
    Case,
    FieldGroup,
    case_of,
    given_groups,
    may_act_on_account,
    may_create_account,
    may_update_account,
)
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.typing import Fields
from tests.unit.permissions.stored_data import StoredData

CAN_MANAGE, CAN_UPDATE = Permissions.User.CAN_MANAGE, Permissions.User.CAN_UPDATE

SUPERADMIN, ORGA, USERS = 1, 2, 3
UPDATES_1, MANAGES_60, ADMIN_1_4, ADMIN_1, MANAGES_60_63, ADMIN_1_2, MANAGES_50 = 11, 12, 13, 14, 15, 16, 17
IN_1, IN_1_AND_ARCHIVED, IN_ARCHIVED, IN_1_4, MANAGER_IN_1_4, IN_1_2, HOME_8, PLAIN, BOSS, HOME_2 = range(101, 111)

REQUESTERS: dict[int, tuple[Fields, dict[int, int]]] = {
    SUPERADMIN: ({"organization_management_level": "superadmin"}, {}),
    ORGA: ({"organization_management_level": "can_manage_organization"}, {}),
    USERS: ({"organization_management_level": "can_manage_users"}, {}),
    UPDATES_1: ({}, {1: 12}),
    MANAGES_60: ({"committee_management_ids": [60]}, {}),
    ADMIN_1_4: ({}, {1: 11, 4: 41}),
    ADMIN_1: ({}, {1: 11, 4: 43}),
    MANAGES_60_63: ({"committee_management_ids": [60, 63]}, {}),
    ADMIN_1_2: ({}, {1: 11, 2: 21}),
    MANAGES_50: ({"committee_management_ids": [50]}, {}),
}
TARGETS: dict[int, Fields] = {
    IN_1: {"meeting_ids": [1]},
    IN_1_AND_ARCHIVED: {"meeting_ids": [1, 5]},
    IN_ARCHIVED: {"meeting_ids": [6]},
    IN_1_4: {"meeting_ids": [1, 4]},
    MANAGER_IN_1_4: {"meeting_ids": [1, 4], "committee_management_ids": [60]},
    IN_1_2: {"meeting_ids": [1, 2]},
    HOME_8: {"meeting_ids": [1, 4], "home_committee_id": 8},
    PLAIN: {},
    BOSS: {"organization_management_level": "superadmin", "meeting_ids": [1]},
    HOME_2: {"home_committee_id": 60},
}
GROUPS: dict[int, Fields] = {
    11: {"admin_group_for_meeting_id": 1},
    12: {"permissions": ["user.can_update"]},
    13: {},
    21: {"admin_group_for_meeting_id": 2},
    41: {"admin_group_for_meeting_id": 4},
    43: {},
}


def stored_data(**locked: bool) -> StoredData:
    active = {"is_active_in_organization_id": 1}
    models: dict[str, Fields] = {
        "meeting/1": {"committee_id": 60, "locked_from_inside": locked.get("locked", False), **active},
        "meeting/2": {"committee_id": 60, **active},
        "meeting/4": {"committee_id": 63, **active},
        "meeting/5": {"committee_id": 63},
        "meeting/6": {"committee_id": 60},
        "committee/8": {},
        "committee/50": {"all_child_ids": [60], "meeting_ids": []},
        "committee/60": {"all_parent_ids": [50], "meeting_ids": [1, 2, 6]},
        "committee/63": {"meeting_ids": [4, 5]},
    }
    models |= {f"group/{id_}": {"id": id_, **group} for id_, group in GROUPS.items()}
    models |= {f"user/{id_}": {"is_active": True, **fields} for id_, fields in TARGETS.items()}
    for user_id, (fields, groups) in REQUESTERS.items():
        models[f"user/{user_id}"] = {"is_active": True, "meeting_ids": list(groups), **fields}
        for meeting_id, group_id in groups.items():
            member = {"user_id": user_id, "meeting_id": meeting_id, "group_ids": [group_id]}
            models[f"meeting_user/{user_id * 10 + meeting_id}"] = member
    return StoredData(models)


def update(user_id: int, data: StoredData, *payloads: Fields) -> bool:
    return evaluate(may_update_account, Inquiry(user_id, "user.update"), payloads, Answers(data)) is None


def create(user_id: int, data: StoredData, payload: Fields) -> bool:
    return evaluate(may_create_account, Inquiry(user_id, "user.create"), [payload], Answers(data)) is None


VALUES: Fields = {
    "A": {"title": "x"},
    "B": {"meeting_id": 1, "number": "x"},
    "C": {"meeting_id": 1, "group_ids": [13]},
    "D": {"committee_management_ids": [60]},
    "E": {"organization_management_level": "can_manage_users"},
    "F": {"default_password": "x"},
    "G": {"is_demo_user": True},
    "I": {"home_committee_id": 60},
    "J": {"external": False},
}


@pytest.mark.parametrize(
    ("requester", "target", "allowed", "refused"),
    [
        (UPDATES_1, IN_1, "ABCFJ", "DEGI"),
        (UPDATES_1, IN_1_AND_ARCHIVED, "ABCFJ", "DEGI"),
        (UPDATES_1, IN_ARCHIVED, "B", "ACDEFGIJ"),
        (UPDATES_1, BOSS, "BC", "ADEFGIJ"),
        (UPDATES_1, PLAIN, "B", "ACDEFGIJ"),
        (MANAGES_60, IN_ARCHIVED, "ABCDFIJ", "EG"),
        (MANAGES_60, IN_1_4, "ABCDFIJ", "EG"),
        (MANAGES_60, PLAIN, "BD", "ACEFGIJ"),
        (MANAGES_60, HOME_2, "ABCDFIJ", "EG"),
        (MANAGES_50, HOME_2, "ABCDFIJ", "EG"),
        (ADMIN_1_4, IN_1_4, "ABCFJ", "DEGI"),
        (ADMIN_1, IN_1_4, "BC", "ADEFGIJ"),
        (ADMIN_1_4, MANAGER_IN_1_4, "BCD", "AEFGIJ"),
        (ADMIN_1_2, IN_1_2, "ABCFJ", "DEGI"),
        (MANAGES_60_63, HOME_8, "BCD", "AEFGIJ"),
        (USERS, IN_1, "ACDEFJ", "BGI"),
        (USERS, HOME_2, "ACDEF", "BGIJ"),
        (ORGA, BOSS, "BC", "ADEFGIJ"),
        (ORGA, IN_1, "ABCDEFIJ", "G"),
        (SUPERADMIN, BOSS, "ABCDEFGIJ", ""),
        (0, IN_1, "", "ABCDEFGIJ"),
        (-1, IN_1, "", "ABCDEFGIJ"),
    ],
)
def test_update(requester: int, target: int, allowed: str, refused: str) -> None:
    data = stored_data()

    outcome = {group: update(requester, data, {"id": target, **VALUES[group]}) for group in allowed + refused}

    assert "".join(group for group, verdict in outcome.items() if verdict) == allowed
    assert "".join(sorted(allowed + refused)) == "ABCDEFGIJ"


@pytest.mark.parametrize(
    ("requester", "groups"),
    [(SUPERADMIN, ""), (ORGA, ""), (USERS, ""), (MANAGES_60, ""), (UPDATES_1, "BC"), (ADMIN_1, "BC")],
)
def test_update_in_a_meeting_locked_from_inside(requester: int, groups: str) -> None:
    data = stored_data(locked=True)

    assert "".join(g for g in "BC" if update(requester, data, {"id": IN_1, **VALUES[g]})) == groups


def test_a_locked_meeting_does_not_protect_the_accounts_in_it() -> None:
    data = stored_data(locked=True)

    assert update(MANAGES_60, data, {"id": IN_1, "title": "x"})
    assert update(UPDATES_1, data, {"id": IN_1, "title": "x"})


@pytest.mark.parametrize(
    ("requester", "payload", "allowed"),
    [
        (UPDATES_1, {"username": "x", "meeting_id": 1, "group_ids": [13]}, False),
        (ADMIN_1, {"username": "x", "meeting_id": 1, "group_ids": [13], "number": "1", "external": True}, True),
        (ADMIN_1, {"username": "x", "meeting_id": 1, "group_ids": []}, True),
        (ADMIN_1, {"username": "x", "meeting_id": 1}, False),
        (ADMIN_1, {"username": "x"}, False),
        (ADMIN_1, {"username": "x", "meeting_id": 1, "group_ids": [13], "home_committee_id": 60}, False),
        (ADMIN_1, {"meeting_id": 1, "is_present_in_meeting_ids": [1]}, True),
        (ADMIN_1, {"meeting_id": 1, "is_present_in_meeting_ids": [4]}, False),
        (MANAGES_60, {"username": "x", "home_committee_id": 60}, True),
        (MANAGES_50, {"username": "x", "home_committee_id": 60}, True),
        (MANAGES_60, {"username": "x", "home_committee_id": 63}, False),
        (MANAGES_60, {"username": "x", "committee_management_ids": [60]}, True),
        (MANAGES_60, {"username": "x", "committee_management_ids": [60, 63]}, False),
        (USERS, {"username": "x", "saml_id": "s"}, True),
        (USERS, {"username": "x", "organization_management_level": "can_manage_organization"}, False),
        (USERS, {"username": "x", "home_committee_id": 60}, False),
        (USERS, {"username": "x", "is_demo_user": True}, False),
        (ORGA, {"username": "x", "organization_management_level": "superadmin"}, False),
        (ORGA, {"default_password": "x", "organization_management_level": "can_manage_organization"}, True),
        (0, {"username": "x"}, False),
        (0, {}, False),
    ],
)
def test_create(requester: int, payload: Fields, allowed: bool) -> None:
    assert create(requester, stored_data(), payload) is allowed


def test_single_sign_on_is_refused_with_400_but_403_comes_first_where_the_level_is_higher() -> None:
    data = stored_data()

    with pytest.raises(BadRequest):
        update(USERS, data, {"id": IN_1, "saml_id": "x"})
    assert not update(ORGA, data, {"id": BOSS, "saml_id": "x"})
    assert update(SUPERADMIN, data, {"id": BOSS, "saml_id": "x"})
    with pytest.raises(BadRequest):
        create(MANAGES_60, data, {"saml_id": "x"})


def test_what_is_missing_is_400() -> None:
    data = stored_data()

    with pytest.raises(ModelDoesNotExist):
        update(SUPERADMIN, data, {"id": 999, "title": "x"})
    with pytest.raises(ModelDoesNotExist):
        update(SUPERADMIN, data, {"id": IN_1, "meeting_id": 999})
    with pytest.raises(ModelDoesNotExist):
        create(UPDATES_1, data, {"meeting_id": 999, "group_ids": [1]})


def test_only_the_committees_that_change_need_a_right() -> None:
    data = stored_data()
    data.models[f"user/{IN_1}"]["committee_management_ids"] = [63]

    assert update(MANAGES_60, data, {"id": IN_1, "committee_management_ids": [60, 63]})
    assert not update(MANAGES_60, data, {"id": IN_1, "committee_management_ids": [60]})
    assert not update(MANAGES_60, data, {"id": IN_1, "committee_management_ids": None})


def test_both_home_committees_need_a_right() -> None:
    data = stored_data()

    assert not update(MANAGES_60, data, {"id": HOME_2, "home_committee_id": 63})
    assert update(MANAGES_60_63, data, {"id": HOME_2, "home_committee_id": 63})
    assert not update(MANAGES_60, data, {"id": HOME_8, "home_committee_id": 60})
    assert not update(MANAGES_60, data, {"id": HOME_8, "external": True})
    assert update(MANAGES_60, data, {"id": HOME_2, "external": True})


def test_who_is_locked_out_has_no_rights_of_his_groups() -> None:
    data = stored_data()
    data.models[f"meeting_user/{UPDATES_1 * 10 + 1}"]["locked_out"] = True

    assert not update(UPDATES_1, data, {"id": IN_1, "title": "x"})
    assert not update(UPDATES_1, data, {"id": IN_1, "meeting_id": 1, "group_ids": []})


def test_an_inactive_requester_has_no_level() -> None:
    data = stored_data()
    data.models[f"user/{SUPERADMIN}"]["is_active"] = False

    assert not update(SUPERADMIN, data, {"id": IN_1, "title": "x"})


@pytest.mark.parametrize(
    ("requester", "target", "permission", "allowed"),
    [
        (MANAGES_60, IN_1_4, CAN_MANAGE, True),
        (MANAGES_50, IN_1_4, CAN_MANAGE, True),
        (MANAGES_60, IN_ARCHIVED, CAN_MANAGE, True),
        (MANAGES_60, HOME_8, CAN_MANAGE, False),
        (MANAGES_50, HOME_2, CAN_MANAGE, True),
        (ADMIN_1_4, IN_1_4, CAN_MANAGE, True),
        (ADMIN_1_4, MANAGER_IN_1_4, CAN_MANAGE, False),
        (ADMIN_1, IN_1_4, CAN_MANAGE, False),
        (ADMIN_1_2, IN_1_2, CAN_MANAGE, False),
        (UPDATES_1, IN_1, CAN_UPDATE, True),
        (UPDATES_1, IN_1, CAN_MANAGE, False),
        (ADMIN_1, IN_1, CAN_MANAGE, True),
        (ADMIN_1, BOSS, CAN_UPDATE, False),
        (USERS, IN_1, CAN_MANAGE, True),
        (ORGA, BOSS, CAN_MANAGE, False),
        (SUPERADMIN, BOSS, CAN_MANAGE, True),
        (IN_1, IN_1, CAN_UPDATE, False),
        (MANAGES_60, PLAIN, CAN_UPDATE, False),
        (0, IN_1_4, CAN_MANAGE, False),
    ],
)
@pytest.mark.parametrize("locked", [False, True])
def test_acting_on_an_account(requester: int, target: int, permission: str, allowed: bool, locked: bool) -> None:
    data = stored_data(locked=locked)

    refusal = evaluate(
        may_act_on_account(permission), Inquiry(requester, "user.delete"), [{"id": target}], Answers(data)
    )

    assert (refusal is None) is allowed


def test_the_reads_do_not_grow() -> None:
    """A committee tree forty levels deep, a requester in five hundred meetings, a hundred accounts."""
    data = stored_data()
    tree, meetings = range(1000, 1040), range(2000, 2500)
    for id_ in tree:
        data.models[f"committee/{id_}"] = {
            "all_parent_ids": list(range(1000, id_)),
            "all_child_ids": list(range(id_ + 1, 1040)),
        }
    data.models["committee/1039"]["meeting_ids"] = list(meetings)
    for id_ in meetings:
        data.models[f"meeting/{id_}"] = {"committee_id": 1039, "is_active_in_organization_id": 1}
        member = {"user_id": UPDATES_1, "meeting_id": id_, "group_ids": [12]}
        data.models[f"meeting_user/{id_}"] = member
    data.models[f"user/{UPDATES_1}"]["committee_management_ids"] = [1000]
    targets = range(5000, 5100)
    for id_ in targets:
        data.models[f"user/{id_}"] = {"meeting_ids": list(meetings), "home_committee_id": 1039}

    assert update(UPDATES_1, data, *({"id": id_, "title": "x", "external": True} for id_ in targets))
    assert data.reads <= 4
    data.rounds.clear()
    rule, inquiry = may_act_on_account(CAN_MANAGE), Inquiry(UPDATES_1, "user.delete")
    assert evaluate(rule, inquiry, [{"id": id_} for id_ in targets], Answers(data)) is None
    assert data.reads <= 5


@pytest.mark.parametrize(
    ("meetings", "managed", "home", "expected"),
    [
        ({}, [], None, ("organization", 1, set(), set(), False)),
        ({1: (60, 1)}, [], None, ("meeting", 1, {60}, {1}, False)),
        ({1: (60, 1), 5: (63, None)}, [], None, ("meeting", 1, {60}, {1}, False)),
        ({1: (60, 1)}, [60], None, ("committee", 60, {60}, {1}, False)),
        ({1: (60, 1)}, [63], None, ("organization", 1, {60, 63}, {1}, False)),
        ({1: (60, 1), 2: (60, 1)}, [], None, ("committee", 60, {60}, {1, 2}, False)),
        ({6: (60, None)}, [], None, ("committee", 60, {60}, {6}, True)),
        ({6: (60, None), 5: (63, None)}, [], None, ("organization", 1, {60, 63}, {5, 6}, True)),
        ({6: (60, None)}, [60], None, ("committee", 60, {60}, {6}, False)),
        ({}, [60], None, ("committee", 60, {60}, set(), False)),
        ({1: (60, 1)}, [], 8, ("committee", 8, {60}, {1}, False)),
    ],
)
def test_scope(meetings: Any, managed: list[int], home: int | None, expected: tuple[Any, ...]) -> None:
    models = {
        id_: {"committee_id": committee_id, "is_active_in_organization_id": active}
        for id_, (committee_id, active) in meetings.items()
    }

    scope = scope_of(models, managed, home)

    assert (scope.collection, scope.id, scope.committee_ids, scope.meeting_ids, scope.archived_only) == expected


def test_every_field_is_one_of_the_models_and_in_one_group() -> None:
    names = [name for fields in FIELDS.values() for name in fields]
    known = {*MODELS["user"].fields, *MODELS["meeting_user"].fields, "is_present"}

    assert len(names) == len(set(names))
    assert set(names) <= known
    assert given_groups(names) == list("HEDCBAFGIJ")
    assert given_groups(["id", "external", "title"]) == ["A", "J"]


def test_single_groups_can_be_asked_for() -> None:
    """As the presenter and the imports do."""
    case = ask(Answers(stored_data()), case_of(MANAGES_60, {"title": None}, IN_1_4, CAN_MANAGE))
    by_hand = Case(
        Requester(7, Level.NONE, frozenset({1}), rights={1: Rights(is_admin=True)}),
        Target(scope=scope_of({1: {"committee_id": 60, "is_active_in_organization_id": 1}}, [], None)),
        {},
    )

    assert [group for group in FieldGroup if case.refusal(group) is None] == list("ABDFIJ")
    assert [group for group in FieldGroup if by_hand.refusal(group) is None] == list("ABDFIJ")
    assert "is_demo_user" in (case.refusal(FieldGroup.DEMO_USER) or "")


def test_the_payloads_are_made_of_the_table() -> None:
    """A field that nobody has put into a group can't be given."""
    for action in (UserCreate, UserUpdate):
        optional = {*action.payload.optional, *action.payload.extra_optional} - {*_INTERNAL_FIELDS}
        assert optional | {"is_present_in_meeting_ids", "is_present"} == {*GROUP_OF}


def test_a_field_in_no_group_is_allowed_to_nobody() -> None:
    with pytest.raises(LookupError):
        update(SUPERADMIN, stored_data(), {"id": IN_1, "password": "x"})
    with pytest.raises(LookupError):
        create(SUPERADMIN, stored_data(), {"organization_id": 1})
