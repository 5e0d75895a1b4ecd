"""Steps that touch a field or two: before and after."""

from typing import Any

import pytest

from openslides_backend.migrations.data import MigrationFailed
from tests.unit.migrations.steps import Before, step

REMOVED = [
    (3, "motion_state", "dont_set_identifier"),
    (8, "motion_state", "dont_set_identifier"),
    (12, "user", "committee_$_management_level"),
    (12, "user", "committee_$can_manage_management_level"),
    (44, "user", "committee_$_management_level"),
    (44, "user", "committee_$can_manage_management_level"),
    (15, "motion", "workflow_id"),
    (16, "meeting", "url_name"),
    (16, "meeting", "users_pdf_url"),
    (18, "meeting", "template_for_committee_id"),
    (23, "meeting", "enable_chat"),
    (27, "poll", "publish_immediately"),
    (27, "option", "publish_immediately"),
    (27, "user", "meeting_id"),
    (30, "meeting", "users_sort_by"),
    *((33, "assignment", name) for name in ("agenda_create", "agenda_type", "agenda_parent_id")),
    *((33, "motion", name) for name in ("agenda_comment", "agenda_duration", "agenda_weight")),
    (33, "motion_block", "agenda_type"),
    (33, "topic", "agenda_type"),
    (51, "user", "default_number"),
    (52, "meeting_user", "structure_level"),
    (63, "agenda_item", "moderator_notes"),
    (66, "user", "forwarding_committee_ids"),
]

RENAMED = [
    (
        11,
        "projector_countdown",
        "used_as_list_of_speaker_countdown_meeting_id",
        "used_as_list_of_speakers_countdown_meeting_id",
    ),
    (28, "motion", "sort_children_ids", "sort_child_ids"),
    (40, "user", "last_email_send", "last_email_sent"),
    *(
        (40, "meeting", f"{kind}_default_100_percent_base", f"{kind}_default_onehundred_percent_base")
        for kind in ("motion_poll", "assignment_poll", "poll")
    ),
    (43, "motion_state", "set_created_timestamp", "set_workflow_timestamp"),
    (67, "user", "guest", "external"),
]

SET: list[tuple[int, str, dict[str, Any], dict[str, Any]]] = [
    (4, "motion_state", {"weight": 1}, {"weight": 7}),
    (17, "group", {}, {"weight": 7}),
    (22, "mediafile", {"meeting_id": 3}, {"owner_id": "meeting/3"}),
    (22, "mediafile", {"owner_id": "meeting/3"}, {"owner_id": "meeting/3"}),
    (24, "motion_change_recommendation", {"line_from": 1, "line_to": 3}, {"line_from": 1, "line_to": 2}),
    (24, "motion_change_recommendation", {"line_from": 2, "line_to": 2}, {"line_from": 2, "line_to": 2}),
    (24, "motion_change_recommendation", {"line_to": 2}, {"line_to": 2}),
    (
        25,
        "meeting",
        {"export_pdf_page_margin_top": 3},
        {
            "export_pdf_line_height": 1.25,
            "export_pdf_page_margin_left": 20,
            "export_pdf_page_margin_top": 25,
            "export_pdf_page_margin_right": 20,
            "export_pdf_page_margin_bottom": 20,
        },
    ),
    (26, "motion", {}, {"start_line_number": 1}),
    (29, "user", {"organization_id": 5}, {"organization_id": 1}),
    (31, "group", {"permissions": ["user.can_see_extra_data", "tag.can_manage"]}, {"permissions": ["tag.can_manage"]}),
    (31, "group", {}, {}),
    (
        36,
        "meeting",
        {"default_projector_$_id": ["agenda_all_items"], "default_projector_$agenda_all_items_id": 4},
        {"default_projector_$_ids": ["agenda_all_items"], "default_projector_$agenda_all_items_ids": [4]},
    ),
    (43, "motion", {"created": 12}, {"created": 12, "workflow_timestamp": 12}),
    (43, "motion", {"workflow_timestamp": 12}, {"workflow_timestamp": 12}),
    (47, "motion_state", {}, {"set_workflow_timestamp": False, "allow_motion_forwarding": False}),
    (
        47,
        "motion_state",
        {"set_workflow_timestamp": True, "allow_motion_forwarding": None},
        {"set_workflow_timestamp": True, "allow_motion_forwarding": False},
    ),
    (
        48,
        "meeting",
        {"is_active_in_organization_id": 1, "is_archived_in_organization_id": 1},
        {"is_active_in_organization_id": 1},
    ),
    (48, "meeting", {"is_archived_in_organization_id": 1}, {"is_archived_in_organization_id": 1}),
    (55, "user", {}, {"is_active": True}),
    (55, "user", {"is_active": False}, {"is_active": False}),
    (58, "meeting", {"motion_poll_default_method": "YN"}, {"motion_poll_default_method": "YN"}),
    (58, "meeting", {}, {"motion_poll_default_method": "YNA"}),
    (
        64,
        "meeting",
        {},
        {"motion_poll_projection_name_order_first": "last_name", "motion_poll_projection_max_columns": 6},
    ),
    (77, "projector", {"scroll": -3}, {"scroll": 0}),
    (77, "projector", {"scroll": 3}, {"scroll": 3}),
    (
        79,
        "motion",
        {"recommendation_extension_reference_ids": ["motion/2", "motion/1", "motion/2"], "origin_meeting_id": 9},
        {"recommendation_extension_reference_ids": ["motion/2", "motion/1"]},
    ),
    (80, "group", {"external_id": ""}, {}),
    (80, "motion", {"number": "1", "reason": ""}, {"number": "1", "reason": ""}),
    (80, "user", {"member_number": ""}, {}),
    (
        82,
        "meeting",
        {"custom_translations": [{"original": "a", "translation": "b"}, {"original": "a", "translation": "c"}]},
        {"custom_translations": {"a": "c"}},
    ),
    (82, "meeting", {"custom_translations": {"a": "b"}}, {"custom_translations": {"a": "b"}}),
    (82, "meeting", {"custom_translations": None}, {"custom_translations": None}),
]


@pytest.mark.parametrize(("number", "collection", "name"), REMOVED)
def test_removed(number: int, collection: str, name: str) -> None:
    before: Before = {collection: [{"id": 1, "other": 2, name: 3}]}
    assert step(number, before) == {collection: [{"id": 1, "other": 2}]}


@pytest.mark.parametrize(("number", "collection", "old", "new"), RENAMED)
def test_renamed(number: int, collection: str, old: str, new: str) -> None:
    assert step(number, {collection: [{"id": 1, old: 3, new: 4}, {"id": 2, new: 5}]}) == {
        collection: [{"id": 1, new: 3}, {"id": 2, new: 5}]
    }


@pytest.mark.parametrize(("number", "collection", "before", "after"), SET)
def test_set(number: int, collection: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert step(number, {collection: [{"id": 7, **before}]}) == {collection: [{"id": 7, **after}]}


def test_collection_is_removed() -> None:
    assert step(21, {"resource": [{"id": 1}], "tag": []}) == {"tag": []}


@pytest.mark.parametrize(("number", "motions"), [(10, [9, 9]), (20, [1, 2])])
def test_sequential_numbers_are_counted_in_each_meeting(number: int, motions: list[int]) -> None:
    before: Before = {
        "poll": [{"id": 5, "meeting_id": 1}, {"id": 3, "meeting_id": 2}, {"id": 4, "meeting_id": 1}],
        "motion": [{"id": id_, "meeting_id": 1, "sequential_number": 9} for id_ in (2, 1)],
    }
    after = step(number, before)
    assert [poll["sequential_number"] for poll in after["poll"]] == [1, 1, 2]
    assert [motion["sequential_number"] for motion in after["motion"]] == motions


@pytest.mark.parametrize(
    ("number", "before", "after"),
    [
        (41, ["list_of_speakers.can_be_speaker"], ["list_of_speakers.can_be_speaker", "list_of_speakers.can_see"]),
        *(
            (41, permissions, permissions)
            for permissions in (
                ["list_of_speakers.can_be_speaker", "list_of_speakers.can_manage"],
                ["list_of_speakers.can_see", "list_of_speakers.can_be_speaker"],
                ["tag.can_manage"],
            )
        ),
        (
            60,
            ["agenda_item.can_see_moderator_notes", "tag.can_manage"],
            ["list_of_speakers.can_see_moderator_notes", "tag.can_manage", "agenda_item.can_see"],
        ),
        (
            60,
            ["agenda_item.can_manage", "agenda_item.can_manage_moderator_notes"],
            ["agenda_item.can_manage", "list_of_speakers.can_manage_moderator_notes"],
        ),
        (60, ["agenda_item.can_manage"], ["agenda_item.can_manage"]),
        (
            68,
            ["motion.can_manage", "assignment.can_manage"],
            ["motion.can_manage", "assignment.can_manage", "motion.can_manage_polls", "assignment.can_manage_polls"],
        ),
        (68, ["motion.can_manage_polls", "motion.can_manage"], ["motion.can_manage_polls", "motion.can_manage"]),
    ],
)
def test_permissions(number: int, before: list[str], after: list[str]) -> None:
    assert step(number, {"group": [{"id": 1, "permissions": before}, {"id": 2}]}) == {
        "group": [{"id": 1, "permissions": after}, {"id": 2}]
    }


def test_moderator_notes_move() -> None:
    before: Before = {
        "agenda_item": [{"id": 1, "content_object_id": "topic/2", "moderator_notes": "quiet"}, {"id": 2}],
        "topic": [{"id": 2, "list_of_speakers_id": 3}],
        "list_of_speakers": [{"id": 3, "moderator_notes": "old"}],
    }
    after = step(60, before)
    assert after["agenda_item"] == [{"id": 1, "content_object_id": "topic/2"}, {"id": 2}]
    assert after["list_of_speakers"] == [{"id": 3, "moderator_notes": "quiet"}]
    before["list_of_speakers"] = []
    with pytest.raises(MigrationFailed, match="agenda_item/1/moderator_notes"):
        step(60, before)


def test_presence_of_those_without_groups_ends() -> None:
    after = step(
        62,
        {
            "meeting": [{"id": 1, "present_user_ids": [4, 5, 6]}, {"id": 2, "present_user_ids": [4]}],
            "user": [
                {"id": 4, "is_present_in_meeting_ids": [1, 2]},
                {"id": 5, "is_present_in_meeting_ids": [1]},
                {"id": 6, "is_present_in_meeting_ids": [1]},
            ],
            "meeting_user": [
                {"id": 1, "meeting_id": 1, "user_id": 4, "group_ids": []},
                {"id": 2, "meeting_id": 2, "user_id": 4, "group_ids": [1]},
                {"id": 3, "meeting_id": 1, "user_id": 5},
            ],
        },
    )
    assert [meeting["present_user_ids"] for meeting in after["meeting"]] == [[6], [4]]
    assert [user["is_present_in_meeting_ids"] for user in after["user"]] == [[2], [], [1]]


def test_current_list_of_speakers_is_shortened() -> None:
    long = "used_as_default_projector_for_current_list_of_speakers_in_meeting_id"
    short = "used_as_default_projector_for_current_los_in_meeting_id"
    after = step(
        65,
        {
            "meeting": [{"id": 1, "default_projector_current_list_of_speakers_ids": [3]}],
            "projector": [{"id": 3, long: 1}, {"id": 4, long: 1}],
            "projection": [{"id": 1, "type": "current_list_of_speakers"}, {"id": 2, "type": "agenda"}],
        },
    )
    assert after == {
        "meeting": [{"id": 1, "default_projector_current_los_ids": [3]}],
        "projector": [{"id": 3, short: 1}, {"id": 4}],
        "projection": [{"id": 1, "type": "current_los"}, {"id": 2, "type": "agenda"}],
    }


def test_missing_participants_are_forgotten() -> None:
    after = step(
        78,
        {
            "group": [{"id": 1, "meeting_user_ids": [1, 2]}, {"id": 2}],
            "meeting": [{"id": 1, "present_user_ids": [7, 8]}],
            "meeting_user": [{"id": 2}],
            "user": [{"id": 7}],
        },
    )
    assert after["group"] == [{"id": 1, "meeting_user_ids": [2]}, {"id": 2}]
    assert after["meeting"] == [{"id": 1, "present_user_ids": [7]}]


@pytest.mark.parametrize("entry", [1, {"original": "a"}, {"original": "a", "translation": 1}])
def test_translations_of_a_wrong_form(entry: object) -> None:
    with pytest.raises(MigrationFailed, match="meeting/1/custom_translations"):
        step(82, {"meeting": [{"id": 1, "custom_translations": [entry]}]})
