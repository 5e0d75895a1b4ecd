"""What the checker says about relations, and about references in texts (checker.md, "Relations")."""

from typing import Any

import pytest

from openslides_backend.models.models import MODELS
from openslides_backend.transfer.checker import FORWARDING_FIELDS, CheckMode
from tests.unit.transfer.complete_data import errors, errors_at, meeting, organization


@pytest.mark.parametrize(
    ("collection", "key", "values", "place"),
    [
        ("organization", "1", {"theme_id": 2}, "organization/1/theme_id"),
        ("organization", "1", {"user_ids": [1, 2, 3]}, "organization/1/user_ids"),
        ("committee", "5", {"user_ids": [1, 2]}, "committee/5/user_ids"),
        ("user", "1", {"committee_ids": []}, "committee/5/user_ids"),
        ("user", "1", {"committee_ids": [True, "5"]}, "committee/5/user_ids"),
        ("committee", "5", {"organization_tag_ids": []}, "organization_tag/3/tagged_ids"),
        ("organization_tag", "3", {"tagged_ids": []}, "committee/5/organization_tag_ids"),
        ("organization_tag", "3", {"tagged_ids": ["committee"]}, "organization_tag/3/tagged_ids"),
        ("organization_tag", "3", {"tagged_ids": ["committee/x"]}, "organization_tag/3/tagged_ids"),
        ("organization_tag", "3", {"tagged_ids": ["user/1"]}, "organization_tag/3/tagged_ids"),
        ("organization_tag", "3", {"tagged_ids": ["committee/6"]}, "organization_tag/3/tagged_ids"),
    ],
)
def test_relations(collection: str, key: str, values: dict[str, Any], place: str) -> None:
    data = organization()
    data[collection][key].update(values)
    assert errors_at(place, data)


def test_the_organization_of_a_user_is_not_judged() -> None:
    data = organization()
    data["user"]["1"]["organization_id"] = 77
    assert errors_at("user/1/organization_id", data) == []


def test_broken_relations_name_both_sides() -> None:
    data = organization()
    data["user"]["1"]["committee_ids"] = []
    assert errors(data) == [
        "committee/5/user_ids: reverse relation broken: user/1/committee_ids doesn't point to committee/5"
    ]


def test_relations_that_leave_the_meeting() -> None:
    place = "meeting/1/committee_id"
    assert errors_at(place, meeting(), mode=CheckMode.ALL)
    assert errors_at(place, meeting(), mode=CheckMode.INTERNAL) == []
    assert errors_at(place, meeting(), mode=CheckMode.EXTERNAL)


def test_generic_relations_that_leave_the_meeting() -> None:
    data = meeting()
    data["mediafile"]["1"]["owner_id"] = "organization/1"
    assert errors_at("mediafile/1/owner_id", data, mode=CheckMode.INTERNAL) == []
    assert errors_at("mediafile/1/owner_id", data, mode=CheckMode.EXTERNAL)


def test_a_meeting_may_have_no_committee_and_not_be_active() -> None:
    data = meeting()
    data["meeting"]["1"].update(committee_id=None, is_active_in_organization_id=None, default_group_id=None)
    assert errors_at("meeting/1/committee_id", data) == []
    assert errors_at("meeting/1/default_group_id", data) == ["meeting/1/default_group_id: is required, but empty"]


@pytest.mark.parametrize(
    ("paragraphs", "sound"),
    [
        ({"0": "<p>a</p>", "12": ""}, True),
        ({}, True),
        (None, False),
        ([], False),
        ({"01": "a"}, False),
        ({"-1": "a"}, False),
        ({"x": "a"}, False),
        ({"1": None}, False),
        ({"1": "<script>"}, False),
        ({"1": "a & b"}, False),
        ({"1": "<div>" * 1000}, False),
    ],
)
def test_amendment_paragraphs(paragraphs: Any, sound: bool) -> None:
    data = meeting()
    data["motion"]["1"]["amendment_paragraphs"] = paragraphs
    assert (errors_at("motion/1/amendment_paragraphs", data) == []) is sound


@pytest.mark.parametrize("name", ["state_extension", "recommendation_extension"])
@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("see [motion/2] and [motion/1]", True),
        ("[motion/x] [something] [a/b]", True),
        ("", True),
        (None, True),
        ("[motion/3]", False),
        ("[motion/2] [user/1]", False),
    ],
)
def test_references_in_texts(name: str, text: str | None, sound: bool) -> None:
    data = meeting()
    data["motion"]["1"][name] = text
    assert (errors_at(f"motion/1/{name}", data) == []) is sound


def test_the_forwarding_fields_are_fields_of_motions() -> None:
    assert set(FORWARDING_FIELDS) <= set(MODELS["motion"].fields)
