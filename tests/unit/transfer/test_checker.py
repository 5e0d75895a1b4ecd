"""The checker for complete data (checker.md)."""

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest

from openslides_backend.models.fields import MISSING
from openslides_backend.models.mediafile_access import inherit_access
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.transfer.checker import (
    FORWARDING_FIELDS,
    CheckFailed,
    CheckMode,
    MigrationMode,
    allowed_collections,
    check_data,
)

Data = dict[str, Any]


def model(collection: str, id_: int, **values: Any) -> dict[str, Any]:
    """A model with all of its defaults."""
    defaults = {
        name: field.default for name, field in MODELS[collection].fields.items() if field.default is not MISSING
    }
    return {**defaults, "id": id_, **values}


def organization() -> Data:
    """A consistent organization without meetings."""
    return {
        "_migration_index": MIGRATION_INDEX,
        "organization": {
            "1": model(
                "organization",
                1,
                theme_id=1,
                theme_ids=[1],
                user_ids=[1, 2],
                committee_ids=[5],
                organization_tag_ids=[3],
            )
        },
        "theme": {"1": model("theme", 1, name="Default", theme_for_organization_id=1, organization_id=1)},
        "user": {
            "1": model("user", 1, username="admin", organization_id=1, committee_ids=[5]),
            "2": model("user", 2, username="member", organization_id=1),
        },
        "committee": {
            "5": model("committee", 5, name="Board", organization_id=1, user_ids=[1], organization_tag_ids=[3])
        },
        "organization_tag": {
            "3": model(
                "organization_tag", 3, name="new", color="#00ff00", organization_id=1, tagged_ids=["committee/5"]
            )
        },
    }


def meeting() -> Data:
    """Two motions and files of a meeting whose groups, projectors and so on are missing: look at single places only."""
    required = MODELS["meeting"].fields.values()
    elsewhere = {field.name: [99] if field.name.endswith("_ids") else 99 for field in required if field.required}
    common = {"meeting_id": 1, "state_id": 1, "sequential_number": 1, "title": "Title", "list_of_speakers_id": 1}
    mediafile = {"owner_id": "meeting/1", "title": "File"}
    return {
        "_migration_index": MIGRATION_INDEX,
        "meeting": {
            "1": {
                **elsewhere,
                **model(
                    "meeting",
                    1,
                    motion_ids=[1, 2],
                    group_ids=[7, 8],
                    admin_group_id=7,
                    meeting_mediafile_ids=[11, 12],
                    mediafile_ids=[1, 2],
                    committee_id=5,
                ),
            }
        },
        "motion": {"1": model("motion", 1, **common), "2": model("motion", 2, **common)},
        "group": {
            "7": model("group", 7, name="Admins", meeting_id=1, admin_group_for_meeting_id=1),
            "8": model("group", 8, name="Members", meeting_id=1, meeting_mediafile_access_group_ids=[11]),
        },
        "mediafile": {
            "1": model("mediafile", 1, **mediafile, is_directory=True, child_ids=[2], meeting_mediafile_ids=[11]),
            "2": model("mediafile", 2, **mediafile, parent_id=1, meeting_mediafile_ids=[12]),
        },
        "meeting_mediafile": {
            "11": model(
                "meeting_mediafile",
                11,
                mediafile_id=1,
                meeting_id=1,
                is_public=False,
                access_group_ids=[8],
                inherited_access_group_ids=[8],
            ),
            "12": model(
                "meeting_mediafile",
                12,
                mediafile_id=2,
                meeting_id=1,
                is_public=False,
                inherited_access_group_ids=[8],
            ),
        },
    }


def errors(data: Data, **options: Any) -> list[str]:
    try:
        check_data(data, **options)
    except CheckFailed as failure:
        return list(failure.errors)
    return []


def errors_at(place: str, data: Data, **options: Any) -> list[str]:
    return [error for error in errors(data, **options) if error.startswith(f"{place}:")]


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


def test_the_failure_has_a_line_for_each_error() -> None:
    data = organization()
    data["user"]["1"].update(username="", committee_ids=[])
    with pytest.raises(CheckFailed) as failure:
        check_data(data)
    assert len(failure.value.errors) == 2
    assert str(failure.value) == "\n".join(f"\t{error}" for error in failure.value.errors)


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


def access_errors(data: Data) -> list[str]:
    return [
        error
        for error in errors(data, mode=CheckMode.INTERNAL)
        if error.startswith("meeting_mediafile/") and "should be" in error
    ]


def test_sound_access_to_files() -> None:
    assert access_errors(meeting()) == []


@pytest.mark.parametrize(
    ("key", "values", "place"),
    [
        ("11", {"is_public": True}, "meeting_mediafile/11/is_public"),
        ("11", {"inherited_access_group_ids": []}, "meeting_mediafile/11/inherited_access_group_ids"),
        ("12", {"inherited_access_group_ids": [7, 8]}, "meeting_mediafile/12/inherited_access_group_ids"),
        ("12", {"access_group_ids": [7]}, "meeting_mediafile/12/inherited_access_group_ids"),
    ],
)
def test_wrong_access_to_files(key: str, values: dict[str, Any], place: str) -> None:
    data = meeting()
    data["meeting_mediafile"][key].update(values)
    assert place in [error.partition(":")[0] for error in access_errors(data)]


def test_a_file_in_a_folder_without_data_belongs_to_the_admins() -> None:
    data = meeting()
    data["meeting"]["1"]["meeting_mediafile_ids"] = [12]
    assert len(access_errors(data)) == 1
    data["meeting_mediafile"]["12"]["inherited_access_group_ids"] = [7]
    assert access_errors(data) == []


def test_a_published_file_belongs_to_the_admins() -> None:
    data = meeting()
    data["mediafile"]["1"].update(owner_id="organization/1", published_to_meetings_in_organization_id=1)
    data["meeting_mediafile"]["11"].update(access_group_ids=None, inherited_access_group_ids=[7])
    data["meeting_mediafile"]["12"].update(inherited_access_group_ids=[7])
    assert access_errors(data) == []
    data["mediafile"]["1"]["published_to_meetings_in_organization_id"] = None
    assert access_errors(data)


@pytest.mark.parametrize("missing", [("mediafile", "1"), ("mediafile", "2")])
def test_access_to_missing_files_is_not_judged(missing: tuple[str, str]) -> None:
    data = meeting()
    del data[missing[0]][missing[1]]
    data["meeting_mediafile"]["12"].update(is_public=True)
    assert [error for error in access_errors(data) if "/12/" in error] == []


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (([1, 2, 3], False, [3, 1, 5]), (False, [1, 3])),
        (([1], False, [2]), (False, [])),
        (([1], False, []), (False, [])),
        (([1], True, []), (False, [1])),
        (([1], None, None), (False, [1])),
        (([], False, [2, 1]), (False, [2, 1])),
        ((None, True, []), (True, [])),
        ((None, False, []), (False, [])),
        ((None, None, None), (True, [])),
    ],
)
def test_inheritance(
    arguments: tuple[list[int] | None, bool | None, list[int] | None], result: tuple[bool, list[int]]
) -> None:
    assert inherit_access(*arguments) == result


def test_long_lists_are_checked_in_time() -> None:
    count = 20_000
    data = organization()
    data["user"] = {
        str(id_): model("user", id_, username=str(id_), organization_id=1, committee_ids=[5])
        for id_ in range(1, count + 1)
    }
    data["organization"]["1"]["user_ids"] = list(range(1, count + 1))
    data["committee"]["5"]["user_ids"] = list(range(1, count + 1))
    before = time.process_time()
    assert errors(data) == []
    assert time.process_time() - before < 10
