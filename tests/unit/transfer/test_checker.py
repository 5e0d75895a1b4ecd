"""The checker for complete data (checker.md)."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.transfer.checker import (
    CheckMode,
    MigrationMode,
    allowed_collections,
    check_data,
)
from openslides_backend.transfer.findings import CheckFailed
from tests.unit.transfer.complete_data import Data, errors, errors_at, meeting, organization


def test_consistent_data() -> None:
    data = organization()
    before = copy.deepcopy(data)
    check_data(data)
    assert data == before


def test_collections_of_a_meeting() -> None:
    meeting_collections = allowed_collections(CheckMode.EXTERNAL)
    assert meeting_collections == allowed_collections(CheckMode.INTERNAL)
    assert set(MODELS) - meeting_collections == {
        "action_worker",
        "committee",
        "gender",
        "history_position",
        "import_preview",
        "organization",
        "organization_tag",
        "theme",
    }
    assert allowed_collections(CheckMode.ALL) == set(MODELS)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"_migration_index": 0}, "_migration_index"),
        ({"_migration_index": True}, "_migration_index"),
        ({"_migration_index": "83"}, "_migration_index"),
        ({"_migration_index": None}, "_migration_index"),
        ({"_other": {}}, "_other"),
        ({"User": {}}, "User"),
        ({"user_": {}}, "user_"),
        ({"user": []}, "user"),
        ({"user": {"0": {"id": 0}}}, "user/0"),
        ({"user": {"x": {"id": 1}}}, "user/x"),
        ({"user": {"1": []}}, "user/1"),
        ({"user": {"1": {}}}, "user/1"),
        ({"user": {"1": {"id": "1"}}}, "user/1"),
        ({"user": {"1": {"id": True}}}, "user/1"),
        ({"user": {"1": {"id": 1, "Name": 1}}}, "user/1/Name"),
    ],
)
def test_shape(changes: Data, place: str) -> None:
    found = errors({**organization(), **changes})
    assert [error.partition(":")[0] for error in found] == [place]


def test_migration_index() -> None:
    older = {**organization(), "_migration_index": MIGRATION_INDEX - 1}
    newer = {**organization(), "_migration_index": MIGRATION_INDEX + 1}
    assert len(errors_at("_migration_index", older)) == 1
    assert errors(older, migration_mode=MigrationMode.PERMISSIVE) == []
    for mode in MigrationMode:
        assert len(errors_at("_migration_index", newer, migration_mode=mode)) == 1


def test_collections_that_are_not_allowed_end_the_check() -> None:
    data = {**meeting(), "committee": {}, "stone": {}}
    assert len(errors(data)) == 1
    assert errors_at("stone", data)
    for mode in (CheckMode.INTERNAL, CheckMode.EXTERNAL):
        found = errors(data, mode=mode)
        assert [error.partition(":")[0] for error in found] == ["committee", "stone"]


def change_user(**values: Any) -> Callable[[Data], None]:
    return lambda data: data["user"]["1"].update(values)


def drop(collection: str, key: str, name: str) -> Callable[[Data], None]:
    return lambda data: data[collection][key].pop(name)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (change_user(id=7), "user/1"),
        (change_user(id=1.0), "user/1"),
        (drop("user", "1", "username"), "user/1/username"),
        (drop("user", "1", "is_active"), "user/1/is_active"),
        (drop("user", "1", "organization_id"), "user/1/organization_id"),
        (change_user(shoe_size=42), "user/1/shoe_size"),
        (change_user(default_vote_weight="0.000000"), "user/1/default_vote_weight"),
        (change_user(default_vote_weight="NaN"), "user/1/default_vote_weight"),
        (change_user(default_vote_weight="1.0"), "user/1/default_vote_weight"),
        (change_user(default_vote_weight=1), "user/1/default_vote_weight"),
        (change_user(is_active="maybe"), "user/1/is_active"),
        (change_user(is_active="yes"), "user/1/is_active"),
        (change_user(username=""), "user/1/username"),
        (change_user(username=None), "user/1/username"),
        (change_user(username=1), "user/1/username"),
        (change_user(last_login=1.5), "user/1/last_login"),
        (change_user(meeting_ids=["1"]), "user/1/meeting_ids"),
        (change_user(organization_management_level="king"), "user/1/organization_management_level"),
        (change_user(gender_id="x"), "user/1/gender_id"),
        (change_user(committee_ids=5), "user/1/committee_ids"),
    ],
)
def test_fields_of_a_model(change: Callable[[Data], object], place: str) -> None:
    data = organization()
    change(data)
    assert errors_at(place, data)


@pytest.mark.parametrize(
    "change",
    [
        change_user(last_login=True),
        change_user(meeting_ids=[None]),
        change_user(is_active=None),
        change_user(default_vote_weight=None),
        change_user(organization_management_level=None),
        change_user(title="x" * 1000),
        change_user(gender_id=0),
        change_user(option_ids=[]),
    ],
)
def test_what_is_let_through(change: Callable[[Data], object]) -> None:
    data = organization()
    change(data)
    assert errors(data) == []


def test_the_datastore_keeps_no_nulls() -> None:
    data = organization()
    del data["user"]["1"]["is_active"]
    assert errors_at("user/1/is_active", data)
    assert errors(data, stored=True) == []
    del data["user"]["1"]["username"]
    assert errors_at("user/1/username", data, stored=True)


def test_required_fields_with_a_default_are_stored() -> None:
    data = meeting()
    del data["meeting"]["1"]["projector_countdown_default_time"]
    assert errors_at("meeting/1/projector_countdown_default_time", data, stored=True)


def test_html_and_generic_relations_are_looked_at_first() -> None:
    data = organization()
    data["committee"]["5"].update(description=7, external_id=7)
    data["organization_tag"]["3"]["tagged_ids"] = "committee/5"
    assert errors_at("committee/5/description", data)
    assert errors_at("committee/5/external_id", data) == [], "a model isn't examined further"
    assert errors_at("organization_tag/3/tagged_ids", data)
    data = meeting()
    data["mediafile"]["1"]["owner_id"] = ["meeting/1"]
    assert errors_at("mediafile/1/owner_id", data)


def test_json_knows_no_floats() -> None:
    data = organization()
    data["organization"]["1"]["saml_attr_mapping"] = {"a": [1, True, None, "x", {}]}
    assert errors(data) == []
    data["organization"]["1"]["saml_attr_mapping"] = {"a": [1.5]}
    assert errors_at("organization/1/saml_attr_mapping", data)
    data["organization"]["1"]["saml_attr_mapping"] = "text"
    assert errors_at("organization/1/saml_attr_mapping", data)


def test_repair() -> None:
    data = organization()
    del data["user"]["1"]["is_active"]
    data["user"]["1"]["password"] = "secret"
    check_data(data, repair=True, fields_to_remove={"user": ["password", "no_such_field"]})
    assert data["user"]["1"]["is_active"] is True
    assert "password" not in data["user"]["1"]


def test_without_repair_nothing_is_removed() -> None:
    data = organization()
    data["user"]["1"]["password"] = "secret"
    check_data(data, fields_to_remove={"user": ["password"]})
    assert data["user"]["1"]["password"] == "secret"


def test_repair_has_no_value_for_other_required_fields() -> None:
    data = organization()
    del data["user"]["1"]["username"]
    assert errors_at("user/1/username", data, repair=True)


def test_the_failure_has_a_line_for_each_error() -> None:
    data = organization()
    data["user"]["1"].update(username="", committee_ids=[])
    with pytest.raises(CheckFailed) as failure:
        check_data(data)
    assert len(failure.value.errors) == 2
    assert str(failure.value) == "\n".join(f"\t{error}" for error in failure.value.errors)
