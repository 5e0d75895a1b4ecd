"""Rules as they are declared, judged for one and for many elements."""

from typing import Any

import pytest

from openslides_backend.permissions.answers import Answers
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, is_own_meeting_user, rights_in
from openslides_backend.permissions.rules import (
    Inquiry,
    Rule,
    Verdict,
    all_of,
    any_of,
    committee_manager,
    evaluate,
    everybody,
    in_meeting,
    in_meeting_of,
    is_user_self,
    logged_in,
    meeting_admin,
    meeting_committee_manager,
    nobody,
    oml,
    rule,
    unless_given,
    when_given,
    when_set,
)
from openslides_backend.shared.exceptions import BadRequest, PayloadError
from openslides_backend.shared.typing import Fields
from tests.unit.permissions.stored_data import StoredData

SUPERADMIN, MANAGER, MEMBER, PARENT_MANAGER = 1, 2, 3, 4
TAG = Permissions.Tag.CAN_MANAGE


def stored_data() -> StoredData:
    models: dict[str, Fields] = {
        "user/1": {"is_active": True, "organization_management_level": "superadmin"},
        "user/2": {"is_active": True, "committee_management_ids": [60]},
        "user/3": {"is_active": True},
        "user/4": {"is_active": True, "committee_management_ids": [50]},
        "committee/60": {"all_parent_ids": [50]},
        "committee/61": {"name": "other"},
        "meeting/1": {"committee_id": 60},
        "meeting/2": {"committee_id": 61},
        "group/12": {"permissions": ["tag.can_manage"]},
        "meeting_user/31": {"user_id": 3, "meeting_id": 1, "group_ids": [12]},
        "tag/101": {"meeting_id": 1},
        "tag/102": {"meeting_id": 2},
        "tag/103": {"name": "lost"},
        "motion/7": {"meeting_id": 1},
        "list_of_speakers/8": {"meeting_id": 1},
        "speaker/9": {"meeting_id": 1, "meeting_user_id": 31},
        "speaker/10": {"meeting_id": 1},
    }
    return StoredData(models)


def judge(
    declared: Rule, user_id: int, *data: Fields, name: str = "tag.update", stored: StoredData | None = None
) -> tuple[int, str] | None:
    refusal = evaluate(declared, Inquiry(user_id, name), data, Answers(stored or stored_data()))
    return None if refusal is None else (refusal.index, refusal.reason)


def allowed(declared: Rule, user_id: int, *data: Fields, name: str = "tag.update") -> bool:
    return judge(declared, user_id, *data, name=name) is None


def test_in_meeting_of_the_payload_or_of_the_stored_model() -> None:
    declared = in_meeting(TAG)
    assert allowed(declared, MEMBER, {"meeting_id": 1})
    assert allowed(declared, MEMBER, {"id": 101})
    assert not allowed(declared, MEMBER, {"meeting_id": 2})
    assert not allowed(declared, MEMBER, {"id": 102})
    assert not allowed(declared, MEMBER, {"id": 101, "meeting_id": 2})
    assert allowed(declared, MEMBER, {"id": 1}, name="meeting.update")
    assert allowed(in_meeting(TAG, collection="motion"), MEMBER, {"id": 7})


@pytest.mark.parametrize(
    ("element", "message"),
    [
        ({"meeting_id": 9}, "'meeting/9' does not exist"),
        ({"id": 999}, "'tag/999' does not exist"),
        ({"id": 103}, "'tag/103' belongs to no meeting"),
        ({}, "must contain 'id'"),
        ({"meeting_id": None}, "must contain 'id'"),
        ({"meeting_id": "1"}, "'meeting_id' must be an id"),
        ({"meeting_id": 0}, "'meeting_id' must be an id"),
        ({"meeting_id": [1]}, "'meeting_id' must be an id"),
        ({"id": True}, "'id' must be an id"),
        ({"id": 2**40}, "'id' must be an id"),
    ],
)
@pytest.mark.parametrize("user_id", [SUPERADMIN, MEMBER, 0])
def test_what_can_not_be_judged_is_a_bad_request(user_id: int, element: Fields, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        judge(in_meeting(TAG), user_id, element)


def test_in_meeting_of_a_related_model() -> None:
    assert allowed(in_meeting_of("motion_id", TAG), MEMBER, {"motion_id": 7})
    assert allowed(in_meeting_of("list_of_speakers_id", TAG), MEMBER, {"list_of_speakers_id": 8})
    assert allowed(in_meeting_of("lead_motion_id", TAG, collection="motion"), MEMBER, {"lead_motion_id": 7})
    assert allowed(in_meeting_of("content_object_id", TAG), MEMBER, {"content_object_id": "motion/7"})
    assert not allowed(in_meeting_of("content_object_id", TAG), MEMBER, {"content_object_id": "tag/102"})
    for wrong in (
        {},
        {"content_object_id": "motion/x"},
        {"content_object_id": "motion/8"},
        {"content_object_id": None},
    ):
        with pytest.raises(BadRequest):
            judge(in_meeting_of("content_object_id", TAG), SUPERADMIN, wrong)


def test_permissions_are_checked_when_they_are_declared() -> None:
    with pytest.raises(KeyError):
        in_meeting("tag.can_do")


LEVELS: list[tuple[Rule, bool, bool, bool, bool]] = [
    # rule, superadmin, manager, member, anonymous
    (everybody, True, True, True, True),
    (logged_in, True, True, True, False),
    (nobody, False, False, False, False),
    (oml(Level.CAN_MANAGE_USERS), True, False, False, False),
    (oml(Level.SUPERADMIN), True, False, False, False),
    (is_user_self("id"), False, False, True, False),
    (committee_manager("committee_id"), True, True, False, False),
    (meeting_admin(), True, True, False, False),
    (meeting_committee_manager(), True, True, False, False),
    (any_of(oml(Level.SUPERADMIN), in_meeting(TAG)), True, True, True, False),
    (all_of(committee_manager("committee_id"), oml(Level.SUPERADMIN)), True, False, False, False),
    (when_given("external_id", nobody), True, True, True, True),
    (when_given({"id", "name"}, nobody), False, False, False, False),
    (when_given("external_id", nobody, otherwise=logged_in), True, True, True, False),
    (unless_given(["id", "name"], nobody), True, True, True, True),
    (unless_given("name", nobody), False, False, False, False),
    (when_set("parent_id", nobody), True, True, True, True),
    (when_set("meeting_id", logged_in, otherwise=everybody), True, True, True, False),
]


@pytest.mark.parametrize(("declared", "superadmin", "manager", "member", "anonymous"), LEVELS)
def test_rules(declared: Rule, superadmin: bool, manager: bool, member: bool, anonymous: bool) -> None:
    element = {"id": MEMBER, "meeting_id": 1, "committee_id": 60, "parent_id": None}
    users = (SUPERADMIN, MANAGER, MEMBER, 0)
    assert [allowed(declared, user, element) for user in users] == [superadmin, manager, member, anonymous]


def test_a_given_field_counts_whatever_its_value() -> None:
    assert not allowed(when_given("external_id", nobody), SUPERADMIN, {"external_id": None})
    assert allowed(when_set("external_id", nobody), SUPERADMIN, {"external_id": ""})
    assert not allowed(when_set("external_id", nobody), SUPERADMIN, {"external_id": "x"})


def test_is_user_self_needs_a_user() -> None:
    assert not allowed(is_user_self("id"), 0, {"id": None})
    assert not allowed(is_user_self("id"), MEMBER, {})


def test_a_committee_that_is_missing_can_not_be_judged() -> None:
    declared = committee_manager("committee_id")
    assert allowed(declared, PARENT_MANAGER, {"committee_id": 60})
    assert not allowed(declared, PARENT_MANAGER, {"committee_id": 61})
    assert allowed(declared, SUPERADMIN, {"committee_id": 99})
    assert not allowed(declared, 0, {"committee_id": 99})
    with pytest.raises(BadRequest, match="'committee/99'"):
        judge(declared, MEMBER, {"committee_id": 99})


def test_the_first_refused_element_is_named() -> None:
    data = [{"meeting_id": 1}, {"meeting_id": 2}, {"meeting_id": 9}, {"meeting_id": 2}]
    refusal = judge(in_meeting(TAG), MEMBER, *data, name="tag.create")
    assert refusal is not None
    index, reason = refusal
    assert index == 1
    assert reason == "You are not allowed to perform tag.create. Missing permission in meeting 2: tag.can_manage."


def test_what_comes_first_decides_between_refused_and_missing() -> None:
    with pytest.raises(BadRequest, match="meeting/9"):
        judge(in_meeting(TAG), MEMBER, {"meeting_id": 9}, {"meeting_id": 2})
    assert judge(all_of(nobody, in_meeting(TAG)), MEMBER, {"meeting_id": 9}) is not None
    with pytest.raises(BadRequest, match="meeting/9"):
        judge(all_of(in_meeting(TAG), nobody), MEMBER, {"meeting_id": 9})
    assert allowed(any_of(everybody, in_meeting(TAG)), MEMBER, {"meeting_id": 9})
    with pytest.raises(BadRequest, match="meeting/9"):
        judge(any_of(in_meeting(TAG), everybody), MEMBER, {"meeting_id": 9})


def test_reasons_name_all_that_would_have_sufficed() -> None:
    refusal = judge(any_of(oml(Level.SUPERADMIN), in_meeting(TAG), oml(Level.SUPERADMIN)), MEMBER, {"meeting_id": 2})
    assert refusal is not None
    assert refusal[1].count("superadmin") == 1
    assert "tag.can_manage" in refusal[1]


def test_no_elements() -> None:
    assert allowed(nobody, SUPERADMIN, name="tag.create")
    assert not allowed(nobody, SUPERADMIN, name="get_users")
    assert allowed(oml(Level.SUPERADMIN), SUPERADMIN, name="get_users")


READS: list[tuple[Rule, int, str, int]] = [
    (in_meeting(TAG), SUPERADMIN, "meeting_id", 1),
    (in_meeting(TAG), MEMBER, "meeting_id", 2),
    (in_meeting(TAG), PARENT_MANAGER, "meeting_id", 2),
    (in_meeting(TAG), SUPERADMIN, "id", 2),
    (in_meeting(TAG), MEMBER, "id", 3),
    (all_of(in_meeting(TAG), when_given("id", in_meeting(TAG)), oml(Level.NONE)), MEMBER, "id", 3),
    (any_of(oml(Level.SUPERADMIN), meeting_admin(), in_meeting(TAG)), MEMBER, "id", 3),
    (committee_manager("committee_id"), PARENT_MANAGER, "committee_id", 1),
    (meeting_committee_manager(), PARENT_MANAGER, "meeting_id", 2),
    (oml(Level.SUPERADMIN), SUPERADMIN, "id", 1),
    (logged_in, SUPERADMIN, "id", 1),
    (everybody, SUPERADMIN, "id", 0),
]


@pytest.mark.parametrize("case", READS)
@pytest.mark.parametrize(("count", "spread"), [(1, False), (100, False), (100, True)])
def test_the_number_of_reads_is_that_of_one_element(case: tuple[Rule, int, str, int], count: int, spread: bool) -> None:
    declared, user_id, field, reads = case
    stored = stored_data()
    for number in range(1000, 1000 + count):
        place = number if spread else 1
        stored.models[f"meeting/{number}"] = {"committee_id": 60}
        stored.models[f"tag/{number}"] = {"meeting_id": place}
        stored.models[f"committee/{number}"] = {"all_parent_ids": [50]}
        stored.models[f"meeting_user/{number}"] = {"user_id": MEMBER, "meeting_id": number, "group_ids": [12]}
    data = [{field: number if spread or field != "meeting_id" else 1} for number in range(1000, 1000 + count)]
    assert judge(declared, user_id, *data, stored=stored) is None
    assert stored.reads == reads


def test_a_superadmin_is_judged_with_three_queries() -> None:
    stored = stored_data()
    assert judge(in_meeting(TAG), SUPERADMIN, *[{"meeting_id": 1}] * 100, stored=stored) is None
    assert [len(queries) for queries in stored.rounds] == [3]


@rule
def own_speaker(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    speaker = yield from existing("speaker", element.id("id"), "meeting_id", "meeting_user_id")
    rights = yield from rights_in(inquiry.user_id, speaker["meeting_id"])
    if rights.has(Permissions.ListOfSpeakers.CAN_MANAGE):
        return None
    if (yield from is_own_meeting_user(inquiry.user_id, speaker.get("meeting_user_id"))):
        return None
    return "It is not your own speaker."


def test_special_rules() -> None:
    assert allowed(own_speaker, MANAGER, {"id": 10})
    assert allowed(own_speaker, MEMBER, {"id": 9})
    assert judge(own_speaker, MEMBER, {"id": 9}, {"id": 10}, name="speaker.delete") == (
        1,
        "You are not allowed to perform speaker.delete. It is not your own speaker.",
    )
    with pytest.raises(BadRequest, match="'speaker/11'"):
        judge(own_speaker, MEMBER, {"id": 11})


def test_special_rules_must_ask() -> None:
    def careless(inquiry: Inquiry, element: Element) -> Any:
        return None

    with pytest.raises(TypeError, match="careless"):
        rule(careless)


def test_a_question_that_is_not_asked_allows_nothing() -> None:
    @rule
    def forgetful(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        yield from ()
        answer: object = rights_in(inquiry.user_id, 1)
        return None if answer else "Not reached."

    with pytest.raises(TypeError, match="yield from"):
        judge(forgetful, MEMBER, {})


def test_elements() -> None:
    element = Element({"id": 3, "ids": [1, 2], "null": None, "owner_id": "meeting/4", "text": "x", "wrong": [0]})
    assert element.id("id") == element.optional_id("id") == 3
    assert element.optional_id("null") is element.optional_id("none") is None
    assert element.ids("ids") == (1, 2)
    assert element.ids("null") == element.ids("none") == ()
    assert element.fqid("owner_id") == ("meeting", 4)
    assert element.has("none", "null")
    assert not element.has("none")
    for access, field in [
        (element.id, "null"),
        (element.id, "none"),
        (element.id, "text"),
        (element.ids, "text"),
        (element.ids, "wrong"),
        (element.fqid, "id"),
        (element.fqid, "none"),
        (element.__getitem__, "none"),
    ]:
        with pytest.raises(PayloadError):
            access(field)
    with pytest.raises(BadRequest):
        element.fqid("text")
