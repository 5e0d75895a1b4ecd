"""Motion blocks (motion_objects.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

BLOCK = {"title": "block", "meeting_id": 1}


class MotionBlockTest(RightsTest):
    """A meeting with block 5, in which motion 7 is."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_block_ids=[5], motion_ids=[7, 8])
        self.set_models(
            {
                "motion_block/5": {"title": "old", "meeting_id": 1, "sequential_number": 3, "motion_ids": [7]},
                "motion/7": {"title": "m7", "meeting_id": 1, "block_id": 5},
                "motion/8": {"title": "m8", "meeting_id": 1},
            }
        )


class TestCreate(MotionBlockTest):
    """`motion_block.create`."""

    def test_create(self) -> None:
        self.set_models({"meeting/1": {"list_of_speakers_initially_closed": True}})
        answer = self.request("motion_block.create", {**BLOCK, "internal": True}).assert_status(200)
        assert answer.results == [[{"id": answer.id, "sequential_number": 4}]]
        block = self.assert_model_exists(
            f"motion_block/{answer.id}",
            {"title": "block", "internal": True, "meeting_id": 1, "sequential_number": 4, "agenda_item_id": None},
        )
        self.assert_model_exists(
            f"list_of_speakers/{block['list_of_speakers_id']}",
            {"content_object_id": f"motion_block/{answer.id}", "closed": True, "meeting_id": 1, "sequential_number": 1},
        )
        self.assert_model_exists("meeting/1", {"motion_block_ids": [5, answer.id]})
        assert self.history_of(f"motion_block/{answer.id}") == []

    def test_deleted_blocks_count_for_the_sequential_number(self) -> None:
        self.delete_models("motion_block/5")
        answer = self.request("motion_block.create", BLOCK, BLOCK).assert_status(200)
        assert [result["sequential_number"] for result in answer.results[0]] == [4, 5]

    @pytest.mark.parametrize(
        ("setting", "agenda_create", "created"),
        [
            ("always", None, True),
            ("always", False, True),
            ("never", None, False),
            ("never", True, False),
            ("default_yes", None, True),
            ("default_yes", False, False),
            ("default_no", None, False),
            ("default_no", True, True),
            (None, None, False),
            (None, True, True),
        ],
    )
    def test_agenda_item(self, setting: str | None, agenda_create: bool | None, created: bool) -> None:
        self.set_models({"meeting/1": {"agenda_item_creation": setting}})
        given = {} if agenda_create is None else {"agenda_create": agenda_create}
        answer = self.request("motion_block.create", {**BLOCK, **given}).assert_status(200)
        block = self.get_model(f"motion_block/{answer.id}")
        assert ("agenda_item_id" in block) is created
        if created:
            self.assert_model_exists(
                f"agenda_item/{block['agenda_item_id']}",
                {"content_object_id": f"motion_block/{answer.id}", "type": "common", "weight": 1, "level": 0},
            )

    def test_agenda_fields(self) -> None:
        self.set_models(
            {
                "agenda_item/2": {"meeting_id": 1, "content_object_id": "topic/1", "level": 1, "type": "internal"},
                "tag/3": {"name": "t", "meeting_id": 1},
            }
        )
        element = {
            **BLOCK,
            "agenda_create": True,
            "agenda_type": "hidden",
            "agenda_parent_id": 2,
            "agenda_comment": "c",
            "agenda_duration": 4,
            "agenda_weight": 5,
            "agenda_tag_ids": [3],
        }
        answer = self.request("motion_block.create", element).assert_status(200)
        item_id = self.get_model(f"motion_block/{answer.id}")["agenda_item_id"]
        fields = {"type": "hidden", "parent_id": 2, "comment": "c", "duration": 4, "weight": 5, "tag_ids": [3]}
        self.assert_model_exists(f"agenda_item/{item_id}", {**fields, "level": 2, "is_hidden": True})

    def test_agenda_fields_do_not_matter_without_an_item(self) -> None:
        element = {**BLOCK, "agenda_comment": "c" * 257, "agenda_parent_id": 99, "agenda_tag_ids": [99]}
        self.request("motion_block.create", element).assert_status(200)
        assert self.find_models("agenda_item") == {}

    @pytest.mark.parametrize(
        "given", [{"agenda_comment": "c" * 257}, {"agenda_parent_id": 99}, {"agenda_parent_id": 2}]
    )
    def test_bad_agenda_fields(self, given: dict[str, Any]) -> None:
        self.create_meeting(4)
        self.set_models({"agenda_item/2": {"meeting_id": 4, "content_object_id": "topic/1"}})
        answer = self.request("motion_block.create", BLOCK, {**BLOCK, "agenda_create": True, **given})
        answer.assert_status(400)
        assert answer.body["action_data_error_index"] == 1

    @pytest.mark.parametrize(
        "given",
        [
            {"title": ""},
            {"title": None},
            {"title": "x" * 257},
            {"meeting_id": None},
            {"agenda_create": "true"},
            {"agenda_create": None},
            {"agenda_type": None},
            {"agenda_comment": None},
            {"agenda_duration": -1},
            {"agenda_tag_ids": [1, 1]},
            {"motion_ids": [7]},
        ],
    )
    def test_bad_payload(self, given: dict[str, Any]) -> None:
        self.request("motion_block.create", {**BLOCK, **given}).assert_status(400)

    def test_unknown_meeting(self) -> None:
        self.request("motion_block.create", {"title": "x", "meeting_id": 99}).assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_block.create", BLOCK, "motion.can_manage")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        elements = [{**BLOCK, "agenda_create": True}] * amount
        with self.stack.count_calls() as calls:
            self.request("motion_block.create", *elements).assert_status(200)
        calls.assert_at_most(reads=1, reserves=1, writes=1)


class TestUpdate(MotionBlockTest):
    """`motion_block.update`."""

    def test_update(self) -> None:
        answer = self.request("motion_block.update", {"id": 5, "title": "new", "internal": True}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("motion_block/5", {"title": "new", "internal": True, "motion_ids": [7]})

    def test_motions(self) -> None:
        self.request("motion_block.update", {"id": 5, "motion_ids": [8]}).assert_status(200)
        self.assert_model_exists("motion_block/5", {"motion_ids": [8]})
        self.assert_model_exists("motion/7", {"block_id": None})
        self.assert_model_exists("motion/8", {"block_id": 5})
        self.request("motion_block.update", {"id": 5, "motion_ids": None}).assert_status(200)
        self.assert_model_exists("motion/8", {"block_id": None})

    def test_motion_of_another_meeting(self) -> None:
        self.create_meeting(4)
        self.set_models({"motion/9": {"title": "m9", "meeting_id": 4}})
        self.request("motion_block.update", {"id": 5, "motion_ids": [9]}).assert_status(400)
        self.request("motion_block.update", {"id": 5, "motion_ids": [99]}).assert_status(400)

    def test_unknown_block(self) -> None:
        self.request("motion_block.update", {"id": 6, "title": "x"}).assert_status(400, "motion_block/6")

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_block.update", {"id": 5, "title": "new"}, "motion.can_manage")


class TestDelete(MotionBlockTest):
    """`motion_block.delete`."""

    def test_delete_with_all_that_hangs_on_it(self) -> None:
        fqid = "motion_block/5"
        self.set_models(
            {
                fqid: {"agenda_item_id": 2, "list_of_speakers_id": 3, "projection_ids": [4]},
                "agenda_item/2": {"meeting_id": 1, "content_object_id": fqid},
                "list_of_speakers/3": {"meeting_id": 1, "content_object_id": fqid, "sequential_number": 1},
                "projection/4": {"meeting_id": 1, "content_object_id": fqid},
            }
        )
        assert self.request("motion_block.delete", {"id": 5}).assert_status(200).results == [[None]]
        for deleted in (fqid, "agenda_item/2", "list_of_speakers/3", "projection/4"):
            self.assert_model_deleted(deleted)
        self.assert_model_exists("motion/7", {"block_id": None})
        self.assert_model_exists("meeting/1", {"motion_block_ids": []})

    def test_unknown_block(self) -> None:
        self.request("motion_block.delete", {"id": 6}).assert_status(400, "motion_block/6")

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_block.delete", {"id": 5}, "motion.can_manage")
