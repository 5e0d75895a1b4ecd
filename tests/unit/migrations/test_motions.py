"""Motions: references, amendments, texts, statutes, supporters."""

from hashlib import md5

import pytest

from openslides_backend.migrations import m0050_identical_motions
from openslides_backend.migrations.data import MigrationFailed
from tests.unit.migrations.steps import Before, step


def test_references_in_extensions_become_relations() -> None:
    after = step(
        35,
        {
            "motion": [
                {"id": 1, "state_extension": "see [motion:2], [motion/3], [motion:2] and [motion:9]"},
                {"id": 2, "state_extension": "none", "recommendation_extension": "[motion/1]"},
                {"id": 3, "referenced_in_motion_recommendation_extension_ids": [2]},
            ]
        },
    )
    assert after["motion"] == [
        {
            "id": 1,
            "state_extension": "see [motion/2], [motion/3], [motion/2] and [motion/9]",
            "state_extension_reference_ids": ["motion/2", "motion/3"],
            "referenced_in_motion_recommendation_extension_ids": [2],
        },
        {
            "id": 2,
            "state_extension": "none",
            "state_extension_reference_ids": [],
            "referenced_in_motion_state_extension_ids": [1],
            "recommendation_extension": "[motion/1]",
            "recommendation_extension_reference_ids": ["motion/1"],
        },
        {
            "id": 3,
            "referenced_in_motion_state_extension_ids": [1],
            "referenced_in_motion_recommendation_extension_ids": [],
        },
    ]


def test_paragraphs_become_an_object() -> None:
    after = step(
        45,
        {
            "motion": [
                {
                    "id": 1,
                    "amendment_paragraph_$": ["0", "12"],
                    "amendment_paragraph_$0": "a",
                    "amendment_paragraph_$12": "b",
                    "amendment_paragraph_$13": None,
                },
                {"id": 2, "amendment_paragraph_$": []},
                {"id": 3, "amendment_paragraphs": {}},
            ]
        },
    )
    assert after["motion"] == [
        {"id": 1, "amendment_paragraphs": {"0": "a", "12": "b"}},
        {"id": 2},
        {"id": 3, "amendment_paragraphs": {}},
    ]


def test_topics_lose_their_tags() -> None:
    after = step(
        46, {"topic": [{"id": 1, "tag_ids": [1]}], "tag": [{"id": 1, "tagged_ids": ["topic/1", "motion/1"]}, {"id": 2}]}
    )
    assert after == {"topic": [{"id": 1}], "tag": [{"id": 1, "tagged_ids": ["motion/1"]}, {"id": 2}]}


def test_motions_with_the_same_text() -> None:
    before: Before = {
        "motion": [
            {"id": 1, "meeting_id": 1, "text": "<p>a</p>"},
            {"id": 2, "meeting_id": 1, "text": "<b>a<script>x</script></b>", "identical_motion_ids": [9]},
            {"id": 3, "meeting_id": 2, "text": "a"},
            {"id": 4, "meeting_id": 1, "text": "a", "lead_motion_id": 1},
            {"id": 5, "meeting_id": 1, "text": "", "amendment_paragraphs": {"0": "<i>x</i>", "1": None}},
            {"id": 6, "meeting_id": 1, "amendment_paragraphs": {"0": "x"}},
            {"id": 7, "meeting_id": 1, "text": ""},
        ]
    }
    after = step(50, before)["motion"]
    identical = [motion.get("identical_motion_ids") for motion in after]
    assert identical == [[2], [1], [], [], [6], [5], None]
    assert [motion["text"] for motion in after[:2]] == [motion["text"] for motion in before["motion"][:2]]
    assert after[0]["text_hash"] == after[2]["text_hash"] == md5(b"a", usedforsecurity=False).hexdigest()
    assert "text_hash" not in after[6]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"text": 1}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "<b>" * 100_000}, "text"),
        ({"amendment_paragraphs": ["x"]}, "amendment_paragraphs"),
        ({"amendment_paragraphs": {"0": 1}}, "amendment_paragraphs"),
    ],
)
def test_texts_that_are_none(fields: dict[str, object], name: str) -> None:
    with pytest.raises(MigrationFailed, match=f"motion/1/{name}"):
        step(50, {"motion": [{"id": 1, **fields}]})


def test_too_many_motions_with_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m0050_identical_motions, "MAX_RELATIONS", 6)
    step(50, {"motion": [{"id": id_, "text": "a"} for id_ in range(1, 4)]})
    with pytest.raises(MigrationFailed, match="motion/1/text"):
        step(50, {"motion": [{"id": id_, "text": "a"} for id_ in range(1, 5)]})


def statutes() -> Before:
    return {
        "meeting": [
            {
                "id": 1,
                "motion_ids": [1, 2, 3],
                "agenda_item_ids": [4],
                "list_of_speakers_ids": [5],
                "speaker_ids": [6],
                "poll_ids": [7],
                "option_ids": [8],
                "vote_ids": [9],
                "motions_statutes_enabled": True,
                "motions_statute_recommendations_by": "x",
                "motion_statute_paragraph_ids": [1],
                "motions_default_statute_amendment_workflow_id": 1,
            }
        ],
        "motion_statute_paragraph": [{"id": 1, "motion_ids": [1]}],
        "motion_workflow": [{"id": 1, "default_statute_amendment_workflow_meeting_id": 1}],
        "motion": [
            {
                "id": 1,
                "statute_paragraph_id": 1,
                "agenda_item_id": 4,
                "list_of_speakers_id": 5,
                "poll_ids": [7],
                "amendment_ids": [3],
                "supporter_meeting_user_ids": [2],
            },
            {"id": 2, "identical_motion_ids": [1], "state_extension_reference_ids": ["motion/1"], "sort_parent_id": 1},
            {"id": 3, "lead_motion_id": 1},
        ],
        "agenda_item": [{"id": 4, "content_object_id": "motion/1"}],
        "list_of_speakers": [{"id": 5, "content_object_id": "motion/1", "speaker_ids": [6]}],
        "speaker": [{"id": 6, "list_of_speakers_id": 5}],
        "poll": [{"id": 7, "option_ids": [8]}],
        "option": [{"id": 8, "vote_ids": [9]}],
        "vote": [{"id": 9}],
        "user": [{"id": 1, "vote_ids": [9], "poll_voted_ids": [7]}],
        "meeting_user": [{"id": 2, "speaker_ids": [6], "supported_motion_ids": [1]}],
        "tag": [{"id": 1, "tagged_ids": ["motion/1", "motion/2"]}],
    }


def test_statutes_are_removed_with_all_that_hangs_on_them() -> None:
    assert step(59, statutes()) == {
        "meeting": [
            {
                "id": 1,
                "motion_ids": [2],
                "agenda_item_ids": [],
                "list_of_speakers_ids": [],
                "speaker_ids": [],
                "poll_ids": [],
                "option_ids": [],
                "vote_ids": [],
            }
        ],
        "motion_workflow": [{"id": 1}],
        "motion": [{"id": 2, "identical_motion_ids": [], "state_extension_reference_ids": []}],
        "agenda_item": [],
        "list_of_speakers": [],
        "speaker": [],
        "poll": [],
        "option": [],
        "vote": [],
        "user": [{"id": 1, "vote_ids": [], "poll_voted_ids": []}],
        "meeting_user": [{"id": 2, "speaker_ids": [], "supported_motion_ids": []}],
        "tag": [{"id": 1, "tagged_ids": ["motion/2"]}],
    }


def test_motions_stay_without_statutes() -> None:
    before: Before = {"motion": [{"id": 1, "text": "x"}, {"id": 2, "statute_paragraph_id": None}]}
    assert step(59, before)["motion"] == [{"id": 1, "text": "x"}, {"id": 2}]


def test_statutes_as_amendments_are_refused() -> None:
    with pytest.raises(MigrationFailed, match="motion/2/lead_motion_id"):
        step(59, {"motion": [{"id": 1}, {"id": 2, "lead_motion_id": 1, "statute_paragraph_id": 1}]})


def test_supporters_become_models() -> None:
    after = step(
        71,
        {
            "meeting": [{"id": 1}],
            "motion": [
                {"id": 1, "meeting_id": 1, "supporter_meeting_user_ids": [6, 5]},
                {"id": 2, "meeting_id": 1, "supporter_meeting_user_ids": [6]},
                {"id": 3, "meeting_id": 1, "supporter_meeting_user_ids": []},
            ],
            "meeting_user": [{"id": 5, "supported_motion_ids": [1]}, {"id": 6, "supported_motion_ids": [1, 2]}],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "motion_supporter_ids": [1, 2, 3]}],
        "motion": [
            {"id": 1, "meeting_id": 1, "supporter_ids": [1, 2]},
            {"id": 2, "meeting_id": 1, "supporter_ids": [3]},
            {"id": 3, "meeting_id": 1},
        ],
        "meeting_user": [{"id": 5, "motion_supporter_ids": [2]}, {"id": 6, "motion_supporter_ids": [1, 3]}],
        "motion_supporter": [
            {"id": 1, "meeting_id": 1, "motion_id": 1, "meeting_user_id": 6},
            {"id": 2, "meeting_id": 1, "motion_id": 1, "meeting_user_id": 5},
            {"id": 3, "meeting_id": 1, "motion_id": 2, "meeting_user_id": 6},
        ],
    }
    with pytest.raises(MigrationFailed, match="motion/1/supporter_meeting_user_ids"):
        step(71, {"motion": [{"id": 1, "supporter_meeting_user_ids": [6]}]})
