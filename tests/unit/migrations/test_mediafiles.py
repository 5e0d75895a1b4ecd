"""Files: who may see them, and what they mean to their meeting."""

import pytest

from openslides_backend.migrations.data import MigrationFailed
from tests.unit.migrations.steps import Before, step


def test_access_follows_from_the_folders_above() -> None:
    before: Before = {
        "mediafile": [
            {"id": 3, "parent_id": 2, "access_group_ids": [8, 7], "is_public": True},
            {"id": 2, "parent_id": 1},
            {"id": 1, "access_group_ids": [7, 9]},
            {"id": 4},
            {"id": 5, "parent_id": 99},
        ],
        "group": [{"id": 7}, {"id": 8, "mediafile_inherited_access_group_ids": [3]}, {"id": 9}],
    }
    after = step(19, before)
    assert {file["id"]: (file["is_public"], file["inherited_access_group_ids"]) for file in after["mediafile"]} == {
        1: (False, [7, 9]),
        2: (False, [7, 9]),
        3: (False, [7]),
        4: (True, []),
        5: (True, []),
    }
    assert after["group"] == [
        {"id": 7, "mediafile_inherited_access_group_ids": [3, 2, 1]},
        {"id": 8, "mediafile_inherited_access_group_ids": []},
        {"id": 9, "mediafile_inherited_access_group_ids": [2, 1]},
    ]


def test_deep_folders() -> None:
    files = [{"id": id_, "parent_id": id_ + 1} for id_ in range(1, 20_000)]
    after = step(19, {"mediafile": [*files, {"id": 20_000, "access_group_ids": [1]}]})
    assert all(file["inherited_access_group_ids"] == [1] for file in after["mediafile"])


def test_what_is_inherited_does_not_grow_without_bound() -> None:
    groups = list(range(1, 100_001))
    files = [{"id": id_, "parent_id": id_ - 1} for id_ in range(2, 2_000)]
    with pytest.raises(MigrationFailed, match=r"mediafile/\d+/parent_id: too many groups"):
        step(19, {"mediafile": [{"id": 1, "access_group_ids": groups}, *files]})


@pytest.mark.parametrize("parents", [{1: 1}, {1: 2, 2: 3, 3: 2}])
def test_folders_in_a_circle(parents: dict[int, int]) -> None:
    with pytest.raises(MigrationFailed, match=r"mediafile/\d/parent_id: .*circle"):
        step(19, {"mediafile": [{"id": id_, "parent_id": parent} for id_, parent in parents.items()]})


def test_what_a_file_means_to_its_meeting_moves() -> None:
    moved = {
        "is_public": False,
        "access_group_ids": [1],
        "inherited_access_group_ids": [],
        "list_of_speakers_id": 5,
        "projection_ids": [6],
        "attachment_ids": ["topic/1"],
        "used_as_logo_web_header_in_meeting_id": 1,
        "used_as_font_bold_in_meeting_id": 1,
    }
    after = step(
        54,
        {
            "meeting": [{"id": 1, "logo_web_header_id": 3}],
            "mediafile": [
                {"id": 3, "owner_id": "meeting/1", "title": "x", **moved},
                {"id": 4, "owner_id": "organization/1"},
            ],
            "list_of_speakers": [
                {"id": 5, "content_object_id": "mediafile/3"},
                {"id": 6, "content_object_id": "topic/3"},
            ],
            "projection": [{"id": 6, "content_object_id": "mediafile/3"}, {"id": 7}],
            "topic": [{"id": 1, "attachment_ids": [3]}],
            "motion": [{"id": 1, "attachment_ids": []}],
            "assignment": [{"id": 1}],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "logo_web_header_id": 3, "meeting_mediafile_ids": [3]}],
        "mediafile": [
            {"id": 3, "owner_id": "meeting/1", "title": "x", "meeting_mediafile_ids": [3]},
            {"id": 4, "owner_id": "organization/1"},
        ],
        "meeting_mediafile": [{"id": 3, "meeting_id": 1, "mediafile_id": 3, **moved}],
        "list_of_speakers": [
            {"id": 5, "content_object_id": "meeting_mediafile/3"},
            {"id": 6, "content_object_id": "topic/3"},
        ],
        "projection": [{"id": 6, "content_object_id": "meeting_mediafile/3"}, {"id": 7}],
        "topic": [{"id": 1, "attachment_meeting_mediafile_ids": [3]}],
        "motion": [{"id": 1, "attachment_meeting_mediafile_ids": []}],
        "assignment": [{"id": 1}],
    }


def test_what_was_moved_already_stays() -> None:
    before: Before = {
        "mediafile": [{"id": 3, "owner_id": "meeting/1", "meeting_mediafile_ids": [8]}],
        "meeting_mediafile": [{"id": 8, "mediafile_id": 3, "meeting_id": 1}],
    }
    assert step(54, before) == before
    before["mediafile"][0] |= {"is_public": True}
    assert "is_public" not in step(54, before)["mediafile"][0]


def test_groups_name_what_files_mean_to_the_meeting() -> None:
    after = step(
        56,
        {
            "meeting_mediafile": [
                {"id": 3, "access_group_ids": [1, 2], "inherited_access_group_ids": [2]},
                {"id": 4, "access_group_ids": [2]},
            ],
            "group": [
                {"id": 1, "mediafile_access_group_ids": [3], "mediafile_inherited_access_group_ids": []},
                {"id": 2, "mediafile_access_group_ids": [3, 4]},
                {"id": 3, "meeting_mediafile_access_group_ids": [7]},
            ],
        },
    )
    assert after["group"] == [
        {"id": 1, "meeting_mediafile_access_group_ids": [3]},
        {"id": 2, "meeting_mediafile_access_group_ids": [3, 4], "meeting_mediafile_inherited_access_group_ids": [3]},
        {"id": 3, "meeting_mediafile_access_group_ids": []},
    ]
