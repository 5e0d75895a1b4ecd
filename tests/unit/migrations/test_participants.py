"""Participants: made of users, with structure levels, without those that are none any longer."""

import pytest

from openslides_backend.migrations.data import MigrationFailed
from tests.unit.migrations.steps import Before, step


def old_users() -> Before:
    """Data of index 44 with two participants, each of whom votes for the other in turn."""
    return {
        "meeting": [{"id": 3}],
        "user": [
            {
                "id": 7,
                "username": "a",
                "comment_$": ["3", "4"],
                "comment_$3": "quiet",
                "comment_$4": "of a meeting that isn't there",
                "number_$": ["3"],
                "number_$3": "12",
                "structure_level_$3": "Hall",
                "about_me_$3": "me",
                "vote_weight_$3": "2.000000",
                "group_$_ids": ["3"],
                "group_$3_ids": [1],
                "speaker_$3_ids": [1],
                "personal_note_$3_ids": [1],
                "supported_motion_$3_ids": [1],
                "submitted_motion_$3_ids": [1],
                "assignment_candidate_$3_ids": [1],
                "chat_message_$3_ids": [1],
                "vote_delegated_$_to_id": ["3"],
                "vote_delegated_$3_to_id": 8,
                "poll_voted_$_ids": ["3", "4"],
                "poll_voted_$3_ids": [1, 2],
                "poll_voted_$4_ids": [5],
                "option_$3_ids": [1],
                "vote_$_ids": ["3"],
                "vote_$3_ids": [4],
                "vote_delegated_vote_$_ids": ["3"],
                "vote_delegated_vote_$3_ids": [4, 6],
            },
            {"id": 8, "vote_delegations_$_from_ids": ["3"], "vote_delegations_$3_from_ids": [7], "group_$3_ids": [2]},
            {"id": 9, "group_$_ids": [], "vote_$_ids": []},
        ],
        **{
            collection: [{"id": 1, "meeting_id": 3, "user_id": 7}]
            for collection in ("personal_note", "speaker", "motion_submitter", "assignment_candidate", "chat_message")
        },
        "group": [{"id": 1, "meeting_id": 3, "user_ids": [7]}, {"id": 2, "meeting_id": 3, "user_ids": [8]}],
        "motion": [{"id": 1, "meeting_id": 3, "supporter_ids": [7]}, {"id": 2, "meeting_id": 3}],
    }


def test_users_become_participants() -> None:
    after = step(44, old_users())
    assert after["meeting"] == [{"id": 3, "meeting_user_ids": [1, 2]}]
    assert after["user"] == [
        {
            "id": 7,
            "username": "a",
            "poll_voted_ids": [1, 2, 5],
            "option_ids": [1],
            "vote_ids": [4],
            "delegated_vote_ids": [4, 6],
            "meeting_user_ids": [1],
        },
        {"id": 8, "meeting_user_ids": [2]},
        {"id": 9},
    ]
    assert after["meeting_user"] == [
        {
            "id": 1,
            "meeting_id": 3,
            "user_id": 7,
            "comment": "quiet",
            "number": "12",
            "structure_level": "Hall",
            "about_me": "me",
            "vote_weight": "2.000000",
            "group_ids": [1],
            "speaker_ids": [1],
            "personal_note_ids": [1],
            "supported_motion_ids": [1],
            "motion_submitter_ids": [1],
            "assignment_candidate_ids": [1],
            "chat_message_ids": [1],
            "vote_delegated_to_id": 2,
        },
        {"id": 2, "meeting_id": 3, "user_id": 8, "group_ids": [2], "vote_delegations_from_ids": [1]},
    ]
    for collection in ("personal_note", "speaker", "motion_submitter", "assignment_candidate", "chat_message"):
        assert after[collection] == [{"id": 1, "meeting_id": 3, "meeting_user_id": 1}]
    assert [group["meeting_user_ids"] for group in after["group"]] == [[1], [2]]
    assert after["motion"] == [
        {"id": 1, "meeting_id": 3, "supporter_meeting_user_ids": [1]},
        {"id": 2, "meeting_id": 3},
    ]


def test_participants_that_are_there_stay() -> None:
    after = step(
        44,
        {
            "meeting": [{"id": 3, "meeting_user_ids": [5]}],
            "user": [{"id": 7, "meeting_user_ids": [5], "number_$3": "1"}],
            "meeting_user": [{"id": 5, "meeting_id": 3, "user_id": 7, "group_ids": [1]}],
            "group": [{"id": 1, "meeting_user_ids": [5], "user_ids": []}],
        },
    )
    assert after == {
        "meeting": [{"id": 3, "meeting_user_ids": [5]}],
        "user": [{"id": 7, "meeting_user_ids": [5]}],
        "meeting_user": [{"id": 5, "meeting_id": 3, "user_id": 7, "group_ids": [1], "number": "1"}],
        "group": [{"id": 1, "meeting_user_ids": [5]}],
    }


def test_other_template_fields_are_renamed() -> None:
    after = step(
        44,
        {
            "meeting": [
                {
                    "id": 1,
                    "logo_$_id": ["web_header"],
                    "logo_$web_header_id": 2,
                    "font_$_id": ["bold"],
                    "font_$bold_id": 2,
                    "default_projector_$_ids": ["agenda_all_items", "topics", "motion"],
                    "default_projector_$agenda_all_items_ids": [1],
                    "default_projector_$topics_ids": [1],
                    "default_projector_$projector_countdowns_ids": [1],
                    "default_projector_$projector_message_ids": [1],
                    "default_projector_$motion_ids": [1],
                }
            ],
            "projector": [
                {
                    "id": 1,
                    "used_as_default_$_in_meeting_id": ["topics"],
                    "used_as_default_$topics_in_meeting_id": 1,
                    "used_as_default_$motion_in_meeting_id": 1,
                }
            ],
            "mediafile": [
                {
                    "id": 2,
                    "used_as_logo_$_in_meeting_id": ["web_header"],
                    "used_as_logo_$web_header_in_meeting_id": 1,
                    "used_as_font_$bold_in_meeting_id": 1,
                }
            ],
        },
    )
    projectors = ("agenda_item_list", "topic", "countdown", "message", "motion")
    assert after == {
        "meeting": [
            {"id": 1, "logo_web_header_id": 2, "font_bold_id": 2}
            | {f"default_projector_{name}_ids": [1] for name in projectors}
        ],
        "projector": [
            {
                "id": 1,
                "used_as_default_projector_for_topic_in_meeting_id": 1,
                "used_as_default_projector_for_motion_in_meeting_id": 1,
            }
        ],
        "mediafile": [{"id": 2, "used_as_logo_web_header_in_meeting_id": 1, "used_as_font_bold_in_meeting_id": 1}],
    }


@pytest.mark.parametrize(
    ("collection", "fields", "place"),
    [
        ("speaker", {"user_id": 99, "meeting_id": 3}, "speaker/1/user_id"),
        ("speaker", {"user_id": 7, "meeting_id": 4}, "speaker/1/meeting_id"),
        ("speaker", {"user_id": "7", "meeting_id": 3}, "speaker/1/user_id"),
        ("group", {"user_ids": [99], "meeting_id": 3}, "group/1/user_ids"),
        ("user", {"vote_delegated_$3_to_id": 99}, r"user/1/vote_delegated_\$3_to_id"),
        ("user", {"vote_delegations_$3_from_ids": 7}, r"user/1/vote_delegations_\$3_from_ids"),
        ("user", {"vote_$3_ids": "x"}, r"user/1/vote_\$3_ids"),
    ],
)
def test_what_names_nobody(collection: str, fields: dict[str, object], place: str) -> None:
    before: Before = {"meeting": [{"id": 3}], "user": [{"id": 7}]}
    before.setdefault(collection, []).append({"id": 1, **fields})
    with pytest.raises(MigrationFailed, match=f"^{place}: "):
        step(44, before)


def test_structure_levels_become_models() -> None:
    after = step(
        49,
        {
            "meeting": [{"id": 1}, {"id": 2}],
            "user": [{"id": 1, "default_structure_level": "Hall"}, {"id": 2, "default_structure_level": ""}],
            "meeting_user": [
                {"id": 1, "meeting_id": 1, "user_id": 1},
                {"id": 2, "meeting_id": 1, "user_id": 2, "structure_level": "Balcony"},
                {"id": 3, "meeting_id": 1, "user_id": 9, "structure_level": "Hall"},
                {"id": 4, "meeting_id": 1, "user_id": 2, "structure_level": ""},
            ],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "structure_level_ids": [1, 2]}, {"id": 2, "structure_level_ids": []}],
        "user": [{"id": 1}, {"id": 2}],
        "meeting_user": [
            {"id": 1, "meeting_id": 1, "user_id": 1, "structure_level_ids": [1]},
            {"id": 2, "meeting_id": 1, "user_id": 2, "structure_level_ids": [2]},
            {"id": 3, "meeting_id": 1, "user_id": 9, "structure_level_ids": [1]},
            {"id": 4, "meeting_id": 1, "user_id": 2},
        ],
        "structure_level": [
            {"id": 1, "name": "Hall", "meeting_id": 1, "meeting_user_ids": [1, 3]},
            {"id": 2, "name": "Balcony", "meeting_id": 1, "meeting_user_ids": [2]},
        ],
    }


def test_users_name_votes_that_name_them() -> None:
    after = step(
        73,
        {
            "user": [{"id": 1, "vote_ids": [1, 2, 9], "delegated_vote_ids": [2, 1]}, {"id": 2}],
            "vote": [{"id": 1, "user_id": 1}, {"id": 2, "user_id": 3, "delegated_user_id": 1}],
        },
    )
    assert after["user"] == [{"id": 1, "vote_ids": [1], "delegated_vote_ids": [2]}, {"id": 2}]


def test_participants_without_groups_are_removed() -> None:
    after = step(
        75,
        {
            "meeting": [{"id": 1, "meeting_user_ids": [1, 2], "personal_note_ids": [4], "speaker_ids": [5, 6]}],
            "user": [{"id": 1, "meeting_user_ids": [1]}, {"id": 2, "meeting_user_ids": [2]}],
            "meeting_user": [{"id": 1, "group_ids": []}, {"id": 2, "group_ids": [3], "vote_delegated_to_id": 1}],
            "personal_note": [{"id": 4, "meeting_user_id": 1, "content_object_id": "motion/1"}],
            "motion": [{"id": 1, "personal_note_ids": [4]}],
            "list_of_speakers": [{"id": 1, "speaker_ids": [5, 6]}],
            "speaker": [{"id": 5, "meeting_user_id": 1}, {"id": 6, "meeting_user_id": 1, "begin_time": 10}],
            "motion_submitter": [{"id": 1, "meeting_user_id": 1}, {"id": 2, "meeting_user_id": 2}],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "meeting_user_ids": [2], "personal_note_ids": [], "speaker_ids": [6]}],
        "user": [{"id": 1, "meeting_user_ids": []}, {"id": 2, "meeting_user_ids": [2]}],
        "meeting_user": [{"id": 2, "group_ids": [3]}],
        "personal_note": [],
        "motion": [{"id": 1, "personal_note_ids": []}],
        "list_of_speakers": [{"id": 1, "speaker_ids": [6]}],
        "speaker": [{"id": 6, "begin_time": 10}],
        "motion_submitter": [{"id": 1}, {"id": 2, "meeting_user_id": 2}],
    }
