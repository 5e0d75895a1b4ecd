"""Comments on motions (motion_objects.md)."""

from typing import Any

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest

SECTION = "motion_comment_section/78"


class MotionCommentTest(RightsTest):
    """Motions 7, with comment 5 in section 78, and 8 without one; group 3 may see motions, nobody may write."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_ids=[7, 8], motion_comment_section_ids=[78, 79], motion_comment_ids=[5])
        self.set_permissions(3, ["motion.can_see"])
        self.set_models(
            {
                "motion/7": {"title": "m7", "meeting_id": 1, "comment_ids": [5]},
                "motion/8": {"title": "m8", "meeting_id": 1},
                SECTION: {"name": "s78", "meeting_id": 1, "comment_ids": [5]},
                "motion_comment_section/79": {"name": "s79", "meeting_id": 1},
                "motion_comment/5": {"comment": "old", "meeting_id": 1, "motion_id": 7, "section_id": 78},
            }
        )

    @staticmethod
    def element(motion_id: int = 8, section_id: int = 78, **more: Any) -> Fields:
        """A payload for a new comment."""
        return {"comment": "<p>new</p>", "motion_id": motion_id, "section_id": section_id, **more}

    def comment(self, status: int, user: int, **options: Any) -> None:
        """Create, update and delete a comment: all three must be answered with the status."""
        for name, element in (
            ("motion_comment.create", self.element(7, 79)),
            ("motion_comment.update", {"id": 5, "comment": "x"}),
            ("motion_comment.delete", {"id": 5}),
        ):
            self.request(name, element, user=user, **options).assert_status(status)


class TestActions(MotionCommentTest):
    """Checks and effects."""

    def test_create(self) -> None:
        answer = self.request("motion_comment.create", self.element(comment="<p>a<b>b</b></p>")).assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        self.assert_model_exists(
            f"motion_comment/{answer.id}",
            {"comment": "<p>ab</p>", "meeting_id": 1, "motion_id": 8, "section_id": 78},
        )
        self.assert_model_exists("motion/8", {"comment_ids": [answer.id]})
        self.assert_model_exists(SECTION, {"comment_ids": [5, answer.id]})
        assert self.history_of("motion/8") == [["Comment {} created", SECTION]]

    def test_one_comment_a_motion_and_section(self) -> None:
        self.request("motion_comment.create", self.element(7, 78)).assert_status(400, "section_id")
        answer = self.request("motion_comment.create", self.element(), self.element()).assert_status(400, "section_id")
        assert answer.body["action_data_error_index"] == 1
        self.request("motion_comment.create", self.element(8, 78), self.element(8, 79)).assert_status(200)

    def test_place_of_a_deleted_comment(self) -> None:
        delete = ("motion_comment.delete", [{"id": 5}])
        self.request_multi([delete, ("motion_comment.create", [self.element(7, 78)])]).assert_status(200)
        self.assert_model_deleted("motion_comment/5")

    def test_only_the_last_comment_of_a_motion_is_told(self) -> None:
        elements = [self.element(8, 79), self.element(7, 79), self.element(8, 78)]
        self.request("motion_comment.create", *elements).assert_status(200)
        assert self.history_of("motion/8") == [["Comment {} created", SECTION]]
        assert self.history_of("motion/7") == [["Comment {} created", "motion_comment_section/79"]]

    def test_section_of_another_meeting(self) -> None:
        self.create_meeting(4)
        self.set_models({"motion_comment_section/80": {"name": "s80", "meeting_id": 4}})
        self.request("motion_comment.create", self.element(8, 80)).assert_status(400, "meeting")

    @pytest.mark.parametrize("element", [{"motion_id": 99}, {"section_id": 99}])
    def test_unknown_motion_or_section(self, element: Fields) -> None:
        self.request("motion_comment.create", self.element(**element)).assert_status(400, "/99")

    @pytest.mark.parametrize(
        "element",
        [
            {"motion_id": 8, "section_id": 78},
            {"comment": "x", "section_id": 78},
            {"comment": "x", "motion_id": 8},
            {"comment": "x", "motion_id": 8, "section_id": None},
            {"comment": "x", "motion_id": 8, "section_id": 78, "meeting_id": 1},
        ],
    )
    def test_bad_payload(self, element: Fields) -> None:
        self.request("motion_comment.create", element).assert_status(400)

    def test_comment_may_be_null(self) -> None:
        answer = self.request("motion_comment.create", self.element(comment=None)).assert_status(200)
        self.assert_model_exists(f"motion_comment/{answer.id}", {"comment": None})

    def test_update(self) -> None:
        answer = self.request("motion_comment.update", {"id": 5, "comment": "<p>new</p>"}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("motion_comment/5", {"comment": "<p>new</p>", "section_id": 78})
        self.request("motion_comment.update", {"id": 5}).assert_status(200)
        assert self.history_of("motion/7") == [["Comment {} updated", SECTION]] * 2
        self.request("motion_comment.update", {"id": 5, "section_id": 79}).assert_status(400)

    def test_delete(self) -> None:
        assert self.request("motion_comment.delete", {"id": 5}).assert_status(200).results == [[None]]
        self.assert_model_deleted("motion_comment/5")
        self.assert_model_exists("motion/7", {"comment_ids": []})
        self.assert_model_exists(SECTION, {"comment_ids": []})
        assert self.history_of("motion/7") == [["Comment {} deleted", SECTION]]

    def test_unknown_comment(self) -> None:
        user_id = self.create_user()
        for name in ("motion_comment.update", "motion_comment.delete"):
            self.request(name, {"id": 99}, user=user_id).assert_status(400, "motion_comment/99")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        ids = range(100, 100 + amount)
        self.set_models({f"motion/{id_}": {"title": "m", "meeting_id": 1} for id_ in ids})
        with self.stack.count_calls() as calls:
            self.request("motion_comment.create", *(self.element(id_) for id_ in ids)).assert_status(200)
        calls.assert_at_most(reads=3, reserves=2, writes=1)


class TestPermissions(MotionCommentTest):
    """Who may write."""

    def test_nobody_without_a_reason(self) -> None:
        self.comment(403, self.create_user(group_ids=[3]))
        self.comment(403, self.create_user())

    def test_manager_of_motions_is_no_reason(self) -> None:
        self.set_permissions(3, ["motion.can_manage"])
        self.comment(403, self.create_user(group_ids=[3]))

    def test_group_that_may_write(self) -> None:
        self.set_models({f"motion_comment_section/{id_}": {"write_group_ids": [3]} for id_ in (78, 79)})
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, [])
        self.comment(403, user_id)
        self.set_permissions(3, ["motion.can_see"])
        self.comment(200, user_id)

    def test_group_that_may_read(self) -> None:
        self.set_models({f"motion_comment_section/{id_}": {"read_group_ids": [3]} for id_ in (78, 79)})
        self.comment(403, self.create_user(group_ids=[3]))

    def test_admin_group(self) -> None:
        user_id = self.create_user(group_ids=[2])
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.comment(200, user_id)

    def test_who_is_locked_out(self) -> None:
        user_id = self.create_user(group_ids=[2])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": {"locked_out": True}})
        self.comment(403, user_id)

    def test_managers_from_outside(self) -> None:
        self.create_committee(61)
        self.set_models({"committee/60": {"parent_id": 61, "all_parent_ids": [61]}})
        for user_id in (self.create_manager(60), self.create_manager(61), self.create_user(oml="superadmin")):
            self.set_models({"meeting/1": {"locked_from_inside": True}})
            self.comment(403, user_id)
            self.set_models({"meeting/1": {"locked_from_inside": None}})
            self.request("motion_comment.update", {"id": 5, "comment": "x"}, user=user_id).assert_status(200)
        self.comment(200, self.create_user(oml="can_manage_organization"))

    def test_managers_who_take_part_in_a_locked_meeting(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        user_id = self.create_manager(60)
        self.add_to_groups(user_id, [3])
        self.comment(200, user_id)

    def test_manager_of_users(self) -> None:
        self.comment(403, self.create_user(oml="can_manage_users"))

    def test_submitters(self) -> None:
        user_id = self.create_user(group_ids=[3])
        other_id = self.create_user(group_ids=[3])
        member_id = self.meeting_user_id(user_id, 1)
        self.set_models({"motion_submitter/1": {"meeting_id": 1, "motion_id": 7, "meeting_user_id": member_id}})
        self.comment(403, user_id)
        self.set_models({f"motion_comment_section/{id_}": {"submitter_can_write": True} for id_ in (78, 79)})
        self.request("motion_comment.create", self.element(8), user=user_id).assert_status(403)
        self.comment(403, other_id)
        self.comment(200, user_id)

    def test_former_submitters(self) -> None:
        user_id = self.create_user(group_ids=[3])
        member_id = self.meeting_user_id(user_id, 1)
        self.set_models(
            {
                "motion_submitter/1": {"meeting_id": 1, "motion_id": 7, "meeting_user_id": member_id},
                "motion_submitter/2": {"meeting_id": 1, "motion_id": 7},
                **{f"motion_comment_section/{id_}": {"submitter_can_write": True} for id_ in (78, 79)},
            }
        )
        self.delete_models("motion_submitter/1")
        self.comment(403, user_id)

    def test_anonymous(self) -> None:
        self.comment(403, 0)
        self.set_models({"meeting/1": {"enable_anonymous": True, "anonymous_group_id": 3}})
        self.set_models({f"motion_comment_section/{id_}": {"write_group_ids": [3]} for id_ in (78, 79)})
        self.comment(403, 0)
        self.request("motion_comment.create", self.element(8, 99), user=0).assert_status(403)
        self.request("motion_comment.create", self.element(99), user=0).assert_status(400)

    def test_unknown_section(self) -> None:
        element = self.element(8, 99)
        self.request("motion_comment.create", element, user=self.create_user(group_ids=[3])).assert_status(400)
        self.request("motion_comment.create", element, user=self.create_user()).assert_status(403)

    def test_rights_in_the_meeting_of_the_section(self) -> None:
        self.create_meeting(4)
        self.set_models({"motion_comment_section/80": {"name": "s80", "meeting_id": 4}})
        self.request("motion_comment.create", self.element(8, 80), user=self.create_user(group_ids=[2])).assert_status(
            403
        )
        element = self.element(8, 80)
        self.request("motion_comment.create", element, user=self.create_user(group_ids=[2, 5])).assert_status(400)

    def test_archived_meeting(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.comment(400, 1)
        self.comment(400, self.create_user())
