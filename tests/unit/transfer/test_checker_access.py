"""What the checker says about who sees files (checker.md, "Calculated fields of `meeting_mediafile`")."""

from typing import Any

import pytest

from openslides_backend.models.mediafile_access import inherit_access
from openslides_backend.transfer.checker import CheckMode
from tests.unit.transfer.complete_data import Data, errors, meeting


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
