"""The ways of motions through their states (motion.md)."""

from collections.abc import Iterator
from time import time

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.motions import FIRST, LABELLED, OTHER, SECOND, WORKFLOW, MotionTest

CAN_MANAGE_METADATA = "motion.can_manage_metadata"
WITHDRAWN = OTHER


@pytest.fixture(name="now")
def fixture_now() -> Iterator[int]:
    before = round(time())
    yield before
    assert time() - before < 60


class TestSetState(MotionTest):
    def test_effects(self, now: int) -> None:
        self.state(SECOND, set_workflow_timestamp=True)
        self.motion(1, created=5, state_extension="x", recommendation_id=LABELLED)
        answer = self.request("motion.set_state", {"id": 1, "state_id": SECOND}).assert_status(200)
        assert answer.results == [[None]]
        same = {"created": 5, "state_extension": "x", "recommendation_id": LABELLED}
        motion = self.assert_model_exists("motion/1", {"state_id": SECOND, "number": "01", **same})
        assert now <= motion["last_modified"] == motion["workflow_timestamp"]
        self.assert_model_exists(f"motion_state/{FIRST}", {"motion_ids": []})
        self.assert_model_exists(f"motion_state/{SECOND}", {"motion_ids": [1]})
        assert self.history_of("motion/1") == [["State set to {}", f"motion_state/{SECOND}"]]

    @pytest.mark.parametrize(("stored", "kept"), [(5, True), (0, False), (None, False)])
    def test_first_timestamp_counts(self, now: int, stored: int | None, kept: bool) -> None:
        self.state(SECOND, set_workflow_timestamp=True)
        self.motion(1, workflow_timestamp=stored)
        self.request("motion.set_state", {"id": 1, "state_id": SECOND}).assert_status(200)
        timestamp = self.get_model("motion/1")["workflow_timestamp"]
        assert timestamp == 5 if kept else timestamp >= now

    def test_state_of_another_meeting(self) -> None:
        self.create_meeting(4)
        self.motion(1)
        self.request("motion.set_state", {"id": 1, "state_id": 4}).assert_status(400, "meeting")

    @pytest.mark.parametrize("element", [{"id": 9, "state_id": SECOND}, {"id": 1, "state_id": 99}])
    def test_what_is_not_there(self, element: Fields) -> None:
        self.motion(1)
        self.request("motion.set_state", element).assert_status(400, "does not exist")
        self.request("motion.set_state", element, internal=True).assert_status(400, "does not exist")

    def test_managers_of_metadata_go_anywhere(self) -> None:
        self.motion(1)
        user_id = self.participant(CAN_MANAGE_METADATA)
        self.request("motion.set_state", {"id": 1, "state_id": OTHER}, user=user_id).assert_status(200)

    def test_internal_requests_go_anywhere(self) -> None:
        self.motion(1)
        self.request("motion.set_state", {"id": 1, "state_id": OTHER}, internal=True).assert_status(200)

    def test_submitters(self) -> None:
        """Along the graph while they may edit, and to where the motion is withdrawn if they see motions."""
        self.state(FIRST, submitter_withdraw_state_id=WITHDRAWN)
        self.motion(1)
        self.motion(2)
        user_id = self.participant()
        self.submitted_by(user_id, 1)

        def go(id_: int, state_id: int, status: int) -> None:
            self.request("motion.set_state", {"id": id_, "state_id": state_id}, user=user_id).assert_status(status)

        go(1, SECOND, 403)
        go(1, WITHDRAWN, 403)
        self.state(FIRST, allow_submitter_edit=True)
        go(1, WITHDRAWN, 400)
        go(1, LABELLED, 400)
        go(2, SECOND, 403)
        go(1, SECOND, 200)
        go(1, FIRST, 403)
        self.request("motion.set_state", {"id": 1, "state_id": FIRST}).assert_status(200)
        self.state(FIRST, allow_submitter_edit=False)
        self.set_permissions(3, ["motion.can_see"])
        go(1, WITHDRAWN, 200)

    def test_each_element_on_its_own(self) -> None:
        self.state(FIRST, submitter_withdraw_state_id=WITHDRAWN, allow_submitter_edit=True)
        user_id = self.participant("motion.can_see")
        for id_ in (1, 2):
            self.motion(id_)
            self.submitted_by(user_id, id_)
        elements = [{"id": 1, "state_id": WITHDRAWN}, {"id": 2, "state_id": LABELLED}]
        answer = self.request("motion.set_state", *elements, user=user_id).assert_status(400, "state_id")
        assert answer.body["action_data_error_index"] == 1
        self.request("motion.set_state", *elements[::-1], user=user_id).assert_status(400, "state_id")
        self.request("motion.set_state", elements[0], {"id": 2, "state_id": SECOND}, user=user_id).assert_status(200)

    @pytest.mark.parametrize("count", [1, 100])
    def test_few_calls_off_the_graph(self, count: int) -> None:
        user_id = self.participant(CAN_MANAGE_METADATA)
        elements = [{"id": self.motion(id_), "state_id": OTHER} for id_ in range(1, count + 1)]
        with self.stack.count_calls() as calls:
            self.request("motion.set_state", *elements, user=user_id).assert_status(200)
        calls.assert_at_most(reads=8, reserves=1, writes=1)

    def test_archived_meeting(self) -> None:
        self.motion(1)
        self.assert_needs_permission("motion.set_state", {"id": 1, "state_id": SECOND}, CAN_MANAGE_METADATA)


class TestResetState(MotionTest):
    def test_effects(self, now: int) -> None:
        same = {"created": 5, "recommendation_id": LABELLED, "state_extension": "x"}
        self.motion(1, state_id=SECOND, workflow_timestamp=7, **same)
        answer = self.request("motion.reset_state", {"id": 1}).assert_status(200)
        assert answer.results == [[None]]
        motion = self.assert_model_exists(
            "motion/1", {"state_id": FIRST, "number": None, "workflow_timestamp": None, **same}
        )
        assert motion["last_modified"] >= now
        assert self.history_of("motion/1") == []

    def test_number_and_time(self, now: int) -> None:
        self.state(FIRST, set_number=True, set_workflow_timestamp=True)
        self.motion(1, state_id=SECOND, workflow_timestamp=7)
        self.request("motion.reset_state", {"id": 1}).assert_status(200)
        assert self.assert_model_exists("motion/1", {"number": "01"})["workflow_timestamp"] >= now

    def test_without_state_or_workflow_or_first_state(self) -> None:
        self.set_models({"motion/1": {"title": "t", "meeting_id": 1}})
        self.request("motion.reset_state", {"id": 1}).assert_status(400, "state")
        self.motion(2)
        self.set_models({f"motion_workflow/{WORKFLOW}": {"first_state_id": None}})
        self.request("motion.reset_state", {"id": 2}).assert_status(400, "first")
        self.state(FIRST, workflow_id=None)
        self.request("motion.reset_state", {"id": 2}).assert_status(400, "state")

    def test_permission(self) -> None:
        self.motion(1)
        self.assert_needs_permission("motion.reset_state", {"id": 1}, CAN_MANAGE_METADATA)


class TestFollowRecommendation(MotionTest):
    def test_effects(self, now: int) -> None:
        self.state(SECOND, set_workflow_timestamp=True)
        self.motion(1, recommendation_id=SECOND, recommendation_extension="x")
        self.motion(2)
        answer = self.request("motion.follow_recommendation", {"id": 1}, {"id": 2}).assert_status(200)
        assert answer.results == [None]
        same = {"recommendation_id": SECOND, "recommendation_extension": "x", "state_extension": None}
        motion = self.assert_model_exists("motion/1", {"state_id": SECOND, "number": "01", **same})
        assert motion["last_modified"] == motion["workflow_timestamp"] >= now
        self.assert_model_exists("motion/2", {"state_id": FIRST, "last_modified": None})
        assert self.history_of("motion/1") == [["State set to {}", f"motion_state/{SECOND}"]]
        assert self.history_of("motion/2") == []

    @pytest.mark.parametrize("both", [True, False])
    def test_extension(self, both: bool) -> None:
        self.state(SECOND, show_state_extension_field=True, show_recommendation_extension_field=both)
        self.motion(2)
        extension = {"recommendation_extension": "[motion/2]", "recommendation_extension_reference_ids": ["motion/2"]}
        self.motion(1, recommendation_id=SECOND, state_extension="old", **extension)
        self.request("motion.follow_recommendation", {"id": 1}).assert_status(200)
        text, references = ("[motion/2]", ["motion/2"]) if both else ("old", None)
        self.assert_model_exists("motion/1", {"state_extension": text, "state_extension_reference_ids": references})
        back = [1] if both else None
        self.assert_model_exists("motion/2", {"referenced_in_motion_state_extension_ids": back})

    def test_only_along_the_graph(self) -> None:
        self.motion(1, recommendation_id=SECOND)
        self.motion(2, recommendation_id=LABELLED)
        answer = self.request("motion.follow_recommendation", {"id": 1}, {"id": 2}).assert_status(400, "recommended")
        assert answer.body["action_data_error_index"] == 1
        self.assert_model_exists("motion/1", {"state_id": FIRST})

    def test_permission(self) -> None:
        self.motion(1, recommendation_id=SECOND)
        self.assert_needs_permission("motion.follow_recommendation", {"id": 1}, CAN_MANAGE_METADATA)

    @pytest.mark.parametrize("count", [1, 60])
    def test_few_calls(self, count: int) -> None:
        self.state(SECOND, show_state_extension_field=True, show_recommendation_extension_field=True)
        self.motion(100)
        extension = {
            "recommendation_extension": "[motion/100]",
            "recommendation_extension_reference_ids": ["motion/100"],
        }
        ids = [self.motion(id_, recommendation_id=SECOND, **extension) for id_ in range(1, count + 1)]
        with self.stack.count_calls() as calls:
            self.request("motion.follow_recommendation", *[{"id": id_} for id_ in ids]).assert_status(200)
        calls.assert_at_most(reads=6, reserves=1, writes=1)


class TestRecommendation(MotionTest):
    def test_set(self, now: int) -> None:
        self.motion(1, recommendation_extension="x")
        self.request("motion.set_recommendation", {"id": 1, "recommendation_id": LABELLED}).assert_status(200)
        fields = {"recommendation_id": LABELLED, "recommendation_extension": "x", "state_id": FIRST}
        assert self.assert_model_exists("motion/1", fields)["last_modified"] >= now
        assert self.history_of("motion/1") == [["Recommendation set to {}", f"motion_state/{LABELLED}"]]

    def test_checks(self) -> None:
        self.motion(1)
        self.state(SECOND, recommendation_label="")
        self.set_models({"motion_state/15": {"meeting_id": 1, "recommendation_label": "x", "workflow_id": 1}})
        for state_id, status in ((OTHER, 400), (15, 400), (99, 400), (None, 400), (SECOND, 200)):
            element = {"id": 1, "recommendation_id": state_id}
            self.request("motion.set_recommendation", element).assert_status(status)

    def test_reset(self, now: int) -> None:
        self.motion(1, recommendation_id=LABELLED, recommendation_extension="x")
        self.motion(2)
        assert self.request("motion.reset_recommendation", {"id": 1}, {"id": 2}).assert_status(200).results == [
            [None] * 2
        ]
        for id_ in (1, 2):
            assert self.assert_model_exists(f"motion/{id_}", {"recommendation_id": None})["last_modified"] >= now
            assert self.history_of(f"motion/{id_}") == [["Recommendation reset"]]
        self.assert_model_exists("motion/1", {"recommendation_extension": "x"})

    @pytest.mark.parametrize(("name", "more"), [("set", {"recommendation_id": LABELLED}), ("reset", {})])
    def test_permission(self, name: str, more: Fields) -> None:
        self.motion(1)
        self.assert_needs_permission(f"motion.{name}_recommendation", {"id": 1, **more}, CAN_MANAGE_METADATA)


class TestSort(MotionTest):
    def test_tree(self) -> None:
        for id_ in (1, 2, 3):
            self.motion(id_, last_modified=5)
        tree = [{"id": 3, "children": [{"id": 1}]}, {"id": 2}]
        assert self.request("motion.sort", {"meeting_id": 1, "tree": tree}).assert_status(200).results == [None]
        self.assert_model_exists("motion/3", {"sort_parent_id": None, "sort_weight": 1, "sort_child_ids": [1]})
        self.assert_model_exists("motion/1", {"sort_parent_id": 3, "sort_weight": 1, "sort_child_ids": []})
        self.assert_model_exists("motion/2", {"sort_weight": 2, "last_modified": 5})

    @pytest.mark.parametrize("tree", [[{"id": 1}], [{"id": 1}, {"id": 2}, {"id": 3}], [{"id": 1}, {"id": 1}], []])
    def test_all_motions_once(self, tree: list[Fields]) -> None:
        self.motion(1)
        self.motion(2, lead_motion_id=1)
        self.request("motion.sort", {"meeting_id": 1, "tree": tree}).assert_status(400, "tree")

    def test_permission(self) -> None:
        self.motion(1)
        self.assert_needs_permission("motion.sort", {"meeting_id": 1, "tree": [{"id": 1}]}, "motion.can_manage")
