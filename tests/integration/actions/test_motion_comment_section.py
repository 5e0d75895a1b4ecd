"""Sections for comments on motions (motion_objects.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest


class CommentSectionTest(RightsTest):
    """Sections 5 and 6."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_comment_section_ids=[5, 6])
        self.set_models(
            {
                "motion_comment_section/5": {"name": "five", "meeting_id": 1, "sequential_number": 1},
                "motion_comment_section/6": {"name": "six", "meeting_id": 1, "sequential_number": 2},
            }
        )


class TestCreate(CommentSectionTest):
    """`motion_comment_section.create`."""

    name = "motion_comment_section.create"

    def test_create(self) -> None:
        fields = {"read_group_ids": [1, 3], "write_group_ids": [3], "submitter_can_write": True}
        element = {"name": "a", "meeting_id": 1, **fields}
        answer = self.request(self.name, element, {"name": "b", "meeting_id": 1}).assert_status(200)
        first, second = answer.results[0]
        assert (first["sequential_number"], second["sequential_number"]) == (3, 4)
        fqid = f"motion_comment_section/{first['id']}"
        self.assert_model_exists(fqid, {**element, "weight": 10000, "sequential_number": 3})
        self.assert_model_exists("group/3", {"read_comment_section_ids": [first["id"]]})
        self.assert_model_exists("group/3", {"write_comment_section_ids": [first["id"]]})
        self.assert_model_exists("meeting/1", {"motion_comment_section_ids": [5, 6, first["id"], second["id"]]})

    def test_nulls(self) -> None:
        self.set_models({"meeting/1": {"anonymous_group_id": 3}})
        fields = dict.fromkeys(["read_group_ids", "write_group_ids", "submitter_can_write"])
        self.request(self.name, {"name": "a", "meeting_id": 1, **fields}).assert_status(200)

    @pytest.mark.parametrize("enabled", [True, False, None])
    def test_anonymous_can_not_write(self, enabled: bool | None) -> None:
        self.set_models({"meeting/1": {"anonymous_group_id": 3, "enable_anonymous": enabled}})
        element = {"name": "a", "meeting_id": 1}
        self.request(self.name, {**element, "write_group_ids": [1, 3]}).assert_status(400, "write_group_ids")
        self.request(self.name, {**element, "read_group_ids": [3], "write_group_ids": [1]}).assert_status(200)

    @pytest.mark.parametrize("field", ["read_group_ids", "write_group_ids"])
    def test_groups_of_another_meeting(self, field: str) -> None:
        self.create_meeting(4)
        self.request(self.name, {"name": "a", "meeting_id": 1, field: [4]}).assert_status(400, "group/4")

    @pytest.mark.parametrize("given", [{"name": ""}, {"name": None}, {"weight": 1}, {"comment_ids": []}])
    def test_bad_payload(self, given: dict[str, Any]) -> None:
        self.request(self.name, {"name": "a", "meeting_id": 1, **given}).assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"name": "a", "meeting_id": 1}, "motion.can_manage")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        with self.stack.count_calls() as calls:
            element = {"name": "a", "meeting_id": 1, "write_group_ids": [3]}
            self.request(self.name, *[element] * amount).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)


class TestUpdate(CommentSectionTest):
    """`motion_comment_section.update`."""

    name = "motion_comment_section.update"

    def test_update(self) -> None:
        fields = {"name": "new", "read_group_ids": [1], "write_group_ids": [2, 3], "submitter_can_write": True}
        assert self.request(self.name, {"id": 5, **fields}).assert_status(200).results == [[None]]
        self.assert_model_exists("motion_comment_section/5", {**fields, "weight": None})
        self.assert_model_exists("group/2", {"write_comment_section_ids": [5]})

    def test_anonymous_can_not_write(self) -> None:
        self.set_models({"meeting/1": {"anonymous_group_id": 3}})
        self.request(self.name, {"id": 5, "write_group_ids": [3]}).assert_status(400, "write_group_ids")
        self.request(self.name, {"id": 5, "read_group_ids": [3], "write_group_ids": None}).assert_status(200)

    def test_refused(self) -> None:
        self.create_meeting(4)
        for given in ({"name": ""}, {"read_group_ids": [4]}, {"write_group_ids": [4]}, {"meeting_id": 4}):
            self.request(self.name, {"id": 5, **given}).assert_status(400)
        self.request(self.name, {"id": 99, "name": "x"}).assert_status(400, "motion_comment_section/99")

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"id": 5, "name": "x"}, "motion.can_manage")


class TestDelete(CommentSectionTest):
    """`motion_comment_section.delete`."""

    name = "motion_comment_section.delete"

    def store_comments(self, *motion_ids: int) -> None:
        """One comment on each motion in section 5."""
        for id_ in motion_ids:
            comment = {"meeting_id": 1, "motion_id": id_, "section_id": 5}
            self.set_models({f"motion/{id_}": {"title": "m", "meeting_id": 1}, f"motion_comment/{id_}": comment})

    def test_delete(self) -> None:
        self.set_models({"motion_comment_section/5": {"read_group_ids": [3]}})
        self.set_models({"group/3": {"read_comment_section_ids": [5]}})
        assert self.request(self.name, {"id": 5}, {"id": 6}).assert_status(200).results == [[None, None]]
        self.assert_model_deleted("motion_comment_section/5")
        self.assert_model_exists("group/3", {"read_comment_section_ids": []})
        self.assert_model_exists("meeting/1", {"motion_comment_section_ids": []})

    def test_section_with_comments(self) -> None:
        self.store_comments(21, 22)
        answer = self.request(self.name, {"id": 6}, {"id": 5}).assert_status(400)
        assert answer.message.endswith("motion 21, motion 22.")
        assert answer.body["action_data_error_index"] == 1
        self.store_comments(23, 24)
        answer = self.request(self.name, {"id": 5}).assert_status(400)
        assert answer.message.endswith("motion 21, motion 22, motion 23 and others.")

    def test_comments_that_only_the_section_knows(self) -> None:
        self.set_models({"motion_comment/9": {"meeting_id": 1, "motion_id": 33}})
        self.set_models({"motion_comment_section/5": {"comment_ids": [8, 9]}})
        self.request(self.name, {"id": 5}).assert_status(400, "motion 33")
        self.delete_models("motion_comment/9")
        self.request(self.name, {"id": 5}).assert_status(200)

    def test_comments_that_are_deleted_in_the_same_batch(self) -> None:
        self.store_comments(21)
        self.set_models({"motion_comment_section/5": {"comment_ids": [21]}})
        batch = [("motion_comment.delete", [{"id": 21}]), (self.name, [{"id": 5}])]
        self.request_multi(batch).assert_status(200)
        self.assert_model_deleted("motion_comment_section/5")

    def test_together_with_the_meeting(self) -> None:
        self.store_comments(21)
        self.set_models({"motion_comment_section/5": {"comment_ids": [21]}, "motion/21": {"comment_ids": [21]}})
        self.set_models({"meeting/1": {"motion_comment_ids": [21], "motion_ids": [21]}})
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_deleted("motion_comment_section/5")
        self.assert_model_deleted("motion_comment/21")

    def test_unknown_section(self) -> None:
        self.request(self.name, {"id": 99}).assert_status(400, "motion_comment_section/99")

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"id": 5}, "motion.can_manage")


class TestSort(CommentSectionTest):
    """`motion_comment_section.sort`."""

    name = "motion_comment_section.sort"

    def test_sort(self) -> None:
        element = {"meeting_id": 1, "motion_comment_section_ids": [6, 5]}
        assert self.request(self.name, element).assert_status(200).results == [None]
        self.assert_model_exists("motion_comment_section/6", {"weight": 1})
        self.assert_model_exists("motion_comment_section/5", {"weight": 2})
        self.request(self.name, element, element).assert_status(400)

    @pytest.mark.parametrize("ids", [[], [5], [5, 6, 7], [5, 5, 6], [5, 6, 99]])
    def test_bad_lists(self, ids: list[int]) -> None:
        self.set_models({"motion_comment_section/7": {"name": "seven", "meeting_id": 4}})
        self.request(self.name, {"meeting_id": 1, "motion_comment_section_ids": ids}).assert_status(400)

    def test_permission(self) -> None:
        element = {"meeting_id": 1, "motion_comment_section_ids": [6, 5]}
        self.assert_needs_permission(self.name, element, "motion.can_manage")
