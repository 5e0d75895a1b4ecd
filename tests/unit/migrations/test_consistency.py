"""Relations that are one-sided or lead into another meeting, and what isn't unique."""

from typing import Any

import pytest

from openslides_backend.migrations.data import MigrationFailed
from openslides_backend.migrations.relations import relations
from tests.unit.migrations.steps import Before, step


def test_relations_point_back() -> None:
    for collection, fields in relations().items():
        for name, relation in fields.items():
            for other, reverse in relation.reverse.items() if relation.is_equal else ():
                back = relations()[other][reverse]
                assert (back.reverse[collection], back.is_equal) == (name, True)


def test_one_sided_relations_are_dropped() -> None:
    after = step(
        74,
        {
            "motion": [
                {"id": 1, "meeting_id": 1, "category_id": 1, "block_id": 1, "tag_ids": [1, 2, 9]},
                {"id": 2, "meeting_id": 1, "category_id": 1, "personal_note_ids": [1]},
            ],
            "motion_category": [{"id": 1, "meeting_id": 1, "motion_ids": [2, 3]}],
            "tag": [
                {"id": 1, "meeting_id": 1, "tagged_ids": ["motion/1", "topic/1", "assignment/7"]},
                {"id": 2, "meeting_id": 1},
            ],
            "personal_note": [{"id": 1, "meeting_id": 1, "content_object_id": "motion/2"}],
        },
    )
    assert after == {
        "motion": [
            {"id": 1, "meeting_id": 1, "tag_ids": [1]},
            {"id": 2, "meeting_id": 1, "category_id": 1, "personal_note_ids": [1]},
        ],
        "motion_category": [{"id": 1, "meeting_id": 1, "motion_ids": [2]}],
        "tag": [{"id": 1, "meeting_id": 1, "tagged_ids": ["motion/1"]}, {"id": 2, "meeting_id": 1}],
        "personal_note": [{"id": 1, "meeting_id": 1, "content_object_id": "motion/2"}],
    }


def test_users_and_the_meeting_are_in_no_other_meeting() -> None:
    before: Before = {
        "meeting": [{"id": 1, "projection_ids": [1]}],
        "projection": [{"id": 1, "meeting_id": 1, "content_object_id": "meeting/1"}],
        "user": [{"id": 1, "option_ids": [1]}],
        "option": [{"id": 1, "meeting_id": 1, "content_object_id": "user/1"}],
    }
    assert step(74, before) == before


@pytest.mark.parametrize(
    ("before", "place"),
    [
        (
            {
                "motion": [{"id": 1, "meeting_id": 1, "tag_ids": [1]}],
                "tag": [{"id": 1, "meeting_id": 2, "tagged_ids": ["motion/1"]}],
            },
            "motion/1/tag_ids: tag/1",
        ),
        (
            {
                "motion_state": [
                    {"id": 1, "meeting_id": 1, "workflow_id": 1, "next_state_ids": [2]},
                    {"id": 2, "meeting_id": 1, "workflow_id": 2, "previous_state_ids": [1]},
                ]
            },
            "motion_state/1/next_state_ids: motion_state/2",
        ),
        (
            {
                "mediafile": [
                    {"id": 1, "owner_id": "meeting/1", "child_ids": [2]},
                    {"id": 2, "owner_id": "meeting/2", "parent_id": 1},
                ]
            },
            r"mediafile/\d/",
        ),
        ({"motion": [{"id": 1, "tag_ids": {"x": 1}}]}, "motion/1/tag_ids"),
        ({"motion": [{"id": 1, "tag_ids": [2**40]}]}, "motion/1/tag_ids"),
        ({"tag": [{"id": 1, "tagged_ids": [1]}]}, "tag/1/tagged_ids"),
    ],
)
def test_relations_into_another_meeting(before: Before, place: str) -> None:
    with pytest.raises(MigrationFailed, match=f"^{place}"):
        step(74, before)


@pytest.mark.parametrize(
    ("collection", "fields", "name"),
    [
        ("group", {"meeting_id": 1, "external_id": "x"}, "external_id"),
        ("meeting_user", {"meeting_id": 1, "user_id": 2}, "user_id"),
        ("meeting_mediafile", {"meeting_id": 1, "mediafile_id": 2}, "mediafile_id"),
        ("motion", {"meeting_id": 1, "number": "1"}, "number"),
        ("option", {"content_object_id": "motion/1", "poll_id": 1}, "content_object_id"),
        (
            "structure_level_list_of_speakers",
            {"meeting_id": 1, "structure_level_id": 1, "list_of_speakers_id": 1},
            "list_of_speakers_id",
        ),
        ("user", {"username": "x"}, "username"),
        ("user", {"member_number": "x"}, "member_number"),
        ("user", {"saml_id": "x"}, "saml_id"),
    ],
)
def test_duplicates_that_are_refused(collection: str, fields: dict[str, Any], name: str) -> None:
    with pytest.raises(MigrationFailed, match=f"^{collection}/5/{name}: {collection}/3 "):
        step(81, {collection: [{"id": 5, **fields}, {"id": 3, **fields}]})
    for field in fields:
        different: Before = {collection: [{"id": 5, **fields}, {"id": 3, **fields, field: 9}]}
        unset: Before = {collection: [{"id": id_, **fields, field: None} for id_ in (5, 3)]}
        for data in (different, unset):
            assert step(81, data) == data


@pytest.mark.parametrize(
    ("collection", "scope", "name"),
    [
        ("chat_group", "meeting_id", "name"),
        ("projector_countdown", "meeting_id", "title"),
        ("structure_level", "meeting_id", "name"),
        ("motion_state", "workflow_id", "name"),
        ("mediafile", "parent_id", "title"),
        ("mediafile", "owner_id", "title"),
        ("mediafile", "", "token"),
    ],
)
def test_duplicates_that_are_renamed(collection: str, scope: str, name: str) -> None:
    names = {7: "a", 3: "a", 4: "a (2)", 9: "a", 5: "b", 6: ""}
    models = [{"id": id_, name: text} | ({scope: 1} if scope else {}) for id_, text in names.items()]
    elsewhere = [{"id": 10, name: "a", scope: 2}] if scope else []
    after = step(81, {collection: [*models, *elsewhere]})[collection]
    assert {model["id"]: model[name] for model in after} == {
        7: "a (3)",
        3: "a",
        4: "a (2)",
        9: "a (4)",
        5: "b",
        6: "",
        **({10: "a"} if scope else {}),
    }


def test_comments_and_notes_are_merged() -> None:
    of = {"motion_id": 1, "section_id": 1}
    note = {"meeting_user_id": 1, "content_object_id": "motion/1"}
    after = step(
        81,
        {
            "motion": [{"id": 1, "comment_ids": [4, 2], "personal_note_ids": [1, 2, 3]}],
            "motion_comment": [{"id": 4, "comment": "b", **of}, {"id": 2, "comment": "a", **of}],
            "personal_note": [
                {"id": 1, "star": False, **note},
                {"id": 2, "note": "x", "star": True, **note},
                {"id": 3, "note": "y", **note, "meeting_user_id": 2},
            ],
            "meeting_user": [{"id": 1, "personal_note_ids": [1, 2]}],
        },
    )
    assert after["motion"] == [{"id": 1, "comment_ids": [2], "personal_note_ids": [1, 3]}]
    assert after["motion_comment"] == [{"id": 2, "comment": "a\nb", **of}]
    assert after["personal_note"] == [
        {"id": 1, "note": "x", "star": True, **note},
        {"id": 3, "note": "y", **note, "meeting_user_id": 2},
    ]
    assert after["meeting_user"] == [{"id": 1, "personal_note_ids": [1]}]


@pytest.mark.parametrize(
    ("collection", "name", "kept"),
    [
        ("motion_supporter", "supporter_ids", 3),
        ("motion_editor", "editor_ids", 3),
        ("motion_working_group_speaker", "working_group_speaker_ids", 3),
        ("motion_submitter", "submitter_ids", 7),
    ],
)
def test_one_is_kept(collection: str, name: str, kept: int) -> None:
    of = {"meeting_user_id": 1, "motion_id": 1}
    after = step(
        81,
        {
            "motion": [{"id": 1, name: [7, 3, 8]}],
            collection: [{"id": 7, "weight": 1, **of}, {"id": 3, "weight": 2, **of}, {"id": 8, "motion_id": 1}],
        },
    )
    assert [model["id"] for model in after[collection]] == [kept, 8]
    assert after["motion"][0][name] == [kept, 8]


def test_many_duplicates_take_no_longer_than_their_number() -> None:
    count = 20_000
    before: Before = {
        "structure_level": [{"id": id_, "meeting_id": 1, "name": "a"} for id_ in range(1, count)],
        "motion_editor": [{"id": id_, "meeting_user_id": id_ // 2, "motion_id": 1} for id_ in range(2, count)],
        "motion": [{"id": 1, "editor_ids": list(range(2, count))}],
    }
    after = step(81, before)
    assert len({level["name"] for level in after["structure_level"]}) == count - 1
    assert after["motion"][0]["editor_ids"] == list(range(2, count, 2))
