"""Deleted motions (motion.md, "motion.delete")."""

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.motions import FIRST, MotionTest


class TestDelete(MotionTest):
    def delete(self, *ids: int, user: int = 1, status: int = 200) -> None:
        """Delete motions."""
        answer = self.request("motion.delete", *[{"id": id_} for id_ in ids], user=user).assert_status(status)
        assert status != 200 or answer.results == [None]

    def test_all_that_hangs_on_it(self) -> None:
        user_id = self.participant()
        self.motion(1, comment_ids=[3], list_of_speakers_id=4)
        self.set_models(
            {
                "motion_comment/3": {"comment": "x", "meeting_id": 1, "motion_id": 1, "section_id": 2},
                "motion_comment_section/2": {"name": "s", "meeting_id": 1, "comment_ids": [3]},
                "list_of_speakers/4": {"meeting_id": 1, "content_object_id": "motion/1", "sequential_number": 1},
            }
        )
        self.submitted_by(user_id, 1)
        submitter = next(iter(self.find_models("motion_submitter", motion_id=1)))
        self.motion(2, lead_motion_id=1)
        self.motion(5, lead_motion_id=2)
        self.delete(1)
        for fqid in ("motion/2", "motion/5", f"motion_submitter/{submitter}", "motion_comment/3", "list_of_speakers/4"):
            self.assert_model_deleted(fqid)
        assert self.history_of("motion/1") == [["Motion deleted"]]
        assert self.history_of("motion/2") == []
        self.assert_model_exists("meeting/1", {"motion_ids": []})

    def test_what_only_names_it_stays(self) -> None:
        self.motion(1)
        self.motion(2, sort_parent_id=1, identical_motion_ids=[1], state_extension_reference_ids=["motion/1"])
        self.set_models(
            {
                "motion/1": {
                    "sort_child_ids": [2],
                    "identical_motion_ids": [2],
                    "referenced_in_motion_state_extension_ids": [2],
                }
            }
        )
        self.delete(1)
        lost: Fields = {"sort_parent_id": None, "identical_motion_ids": [], "state_extension_reference_ids": []}
        self.assert_model_exists("motion/2", lost)

    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (1, 3)])
    def test_together_with_the_lead_motion(self, order: tuple[int, ...]) -> None:
        """What is left to the cascade is told, but not to those that it was forwarded from."""
        self.create_meeting(4)
        self.motion(1)
        self.motion(2, lead_motion_id=1)
        self.motion(3, lead_motion_id=2, origin_id=8, all_origin_ids=[8])
        self.set_models(
            {"motion/8": {"title": "o", "meeting_id": 4, "derived_motion_ids": [3], "all_derived_motion_ids": [3]}}
        )
        self.delete(*order)
        for id_ in order:
            assert self.history_of(f"motion/{id_}") == [["Motion deleted"]]
        self.assert_model_exists("motion/8", {"derived_motion_ids": [], "all_derived_motion_ids": []})
        assert self.history_of("motion/8") == []

    def test_forwarded_motions(self) -> None:
        self.motion(1, derived_motion_ids=[2], all_derived_motion_ids=[2, 3])
        self.motion(2, origin_id=1, all_origin_ids=[1], derived_motion_ids=[3], all_derived_motion_ids=[3])
        self.motion(3, origin_id=2, all_origin_ids=[1, 2])
        self.delete(2, 3)
        assert self.history_of("motion/1") == [["Forwarded motion deleted"]]
        assert self.history_of("motion/2") == [["Motion deleted", "Forwarded motion deleted"]]
        assert self.history_of("motion/3") == [["Motion deleted", "Origin motion deleted"]]

    def test_derived_motion_stays(self) -> None:
        self.motion(1, derived_motion_ids=[2], all_derived_motion_ids=[2])
        self.motion(2, origin_id=1, all_origin_ids=[1])
        self.delete(1)
        self.assert_model_exists("motion/2", {"origin_id": None, "all_origin_ids": []})
        assert self.history_of("motion/2") == [["Origin motion deleted"]]

    def test_submitters(self) -> None:
        user_id = self.participant("motion.can_see")
        for id_ in (1, 2):
            self.motion(id_)
        self.submitted_by(user_id, 1)
        self.delete(1, user=user_id, status=403)
        self.state(FIRST, allow_submitter_edit=True)
        self.delete(1, 2, user=user_id, status=403)
        self.motion(3, lead_motion_id=1)
        self.delete(1, 3, user=user_id, status=403)
        self.delete(1, user=user_id)
        self.assert_model_deleted("motion/3")

    def test_permission(self) -> None:
        self.motion(1)
        self.assert_needs_permission("motion.delete", {"id": 1}, "motion.can_manage")

    @pytest.mark.parametrize("count", [1, 50])
    def test_few_calls(self, count: int) -> None:
        self.motion(200)
        for id_ in range(1, count + 1):
            self.motion(id_, lead_motion_id=200)
        with self.stack.count_calls() as calls:
            self.delete(200)
        calls.assert_at_most(reads=7, reserves=1, writes=1)
