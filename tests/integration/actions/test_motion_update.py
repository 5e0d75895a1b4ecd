"""Changes of motions (motion.md, "motion.update")."""

from time import time
from typing import Any

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.motions import FIRST, LABELLED, SECOND, WORKFLOW, MotionTest


class UpdateTest(MotionTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.motion(1, text="old", number="07", number_value=7)
        self.set_models(
            {
                "motion_category/5": {"name": "c", "meeting_id": 1},
                "motion_block/6": {"title": "b", "meeting_id": 1},
                "tag/7": {"name": "t", "meeting_id": 1},
            }
        )

    def update(self, status: int = 200, message: str = "", *, user: int = 1, **fields: Any) -> None:
        """Change motion 1."""
        self.request("motion.update", {"id": 1, **fields}, user=user).assert_status(status, message)


class TestEffects(UpdateTest):
    def test_fields(self) -> None:
        before = round(time())
        fields: Fields = {
            "title": "n",
            "reason": "<p>r</p>",
            "modified_final_version": "<p>m</p>",
            "additional_submitter": "a",
            "start_line_number": 3,
            "category_id": 5,
            "block_id": 6,
            "tag_ids": [7],
            "created": 9,
        }
        self.update(**fields, text="<p>a<script>b</script></p>")
        same = {"number": "07", "number_value": 7, "state_id": FIRST, "text": "<p>a</p>"}
        assert self.assert_model_exists("motion/1", {**fields, **same})["last_modified"] >= before
        told = ["Category set to {}", "motion_category/5", "Motion block set to {}", "motion_block/6", "Motion updated"]
        assert self.history_of("motion/1") == [told]

    def test_paragraphs(self) -> None:
        self.motion(2, lead_motion_id=1, amendment_paragraphs={"0": "a"})
        self.request("motion.update", {"id": 2, "amendment_paragraphs": {"3": "<b>x</b>"}}).assert_status(200)
        self.assert_model_exists("motion/2", {"amendment_paragraphs": {"3": "x"}})

    def test_number(self) -> None:
        self.motion(2, number="x")
        self.update(400, "number", number="x")
        self.update(number="07")
        self.update(number=None)
        self.assert_model_exists("motion/1", {"number": None, "number_value": 7})
        elements = [{"id": 2, "number": "y"}, {"id": 1, "number": "x"}]
        self.request("motion.update", *elements).assert_status(200)

    def test_identical_motions(self) -> None:
        self.motion(2, text="b")
        self.motion(3, text="c")
        texts = ["same", "<p>same</p>", "<i>same"]
        elements = [{"id": id_, "text": text} for id_, text in enumerate(texts, start=1)]
        self.request("motion.update", *elements).assert_status(200)
        self.assert_model_exists("motion/3", {"identical_motion_ids": [1, 2]})
        self.update(text="other")
        self.assert_model_exists("motion/1", {"identical_motion_ids": []})
        self.assert_model_exists("motion/2", {"identical_motion_ids": [3]})
        self.update(title="n", text="")
        self.assert_model_exists("motion/1", {"text": "", "identical_motion_ids": []})

    def test_references(self) -> None:
        for id_ in (2, 3):
            self.motion(id_)
        text = "see [motion/3], [motion/2], [motion/3], [motion/99], [Motion/2], [motion/02]"
        self.update(state_extension=text, recommendation_extension="[motion/2]")
        fields = {"state_extension_reference_ids": ["motion/3", "motion/2"], "state_extension": text}
        self.assert_model_exists("motion/1", {**fields, "recommendation_extension_reference_ids": ["motion/2"]})
        back = {
            "referenced_in_motion_state_extension_ids": [1],
            "referenced_in_motion_recommendation_extension_ids": [1],
        }
        self.assert_model_exists("motion/2", back)
        self.update(state_extension=None, recommendation_extension="<b>")
        self.assert_model_exists("motion/1", {"state_extension_reference_ids": [], "recommendation_extension": "<b>"})
        self.assert_model_exists("motion/2", {name: [] for name in back})

    def test_references_to_others(self) -> None:
        self.create_meeting(4)
        self.set_models({"motion/8": {"title": "t", "meeting_id": 4}})
        self.update(400, "topic/1", state_extension="[topic/1]")
        self.update(400, "meeting", recommendation_extension="[motion/8]")

    def test_other_workflow(self) -> None:
        self.state(1, set_workflow_timestamp=True, set_number=True)
        same = {"created": 5, "state_extension": "x", "number": "07"}
        self.set_models({"motion/1": {"workflow_timestamp": 3, "recommendation_id": LABELLED, **same}})
        self.update(workflow_id=WORKFLOW)
        self.assert_model_exists(
            "motion/1", {"state_id": FIRST, "recommendation_id": LABELLED, "workflow_timestamp": 3}
        )
        assert self.history_of("motion/1") == []
        before = round(time())
        self.update(workflow_id=1)
        motion = self.assert_model_exists("motion/1", {"state_id": 1, "recommendation_id": None, **same})
        assert motion["workflow_timestamp"] >= before
        assert self.history_of("motion/1") == [["Workflow timestamp set to {}", str(motion["workflow_timestamp"])]]

    def test_given_timestamp_wins(self) -> None:
        self.state(1, set_workflow_timestamp=True)
        self.update(workflow_id=1, workflow_timestamp=8)
        self.assert_model_exists("motion/1", {"state_id": 1, "workflow_timestamp": 8})
        self.update(workflow_id=WORKFLOW)
        self.assert_model_exists("motion/1", {"state_id": FIRST, "workflow_timestamp": 8})
        self.update(workflow_id=None)

    @pytest.mark.parametrize("field", ["number", "additional_submitter", "recommendation_extension", "created"])
    def test_not_told(self, field: str) -> None:
        changes: Fields = {field: None}
        self.update(**changes)
        assert self.history_of("motion/1") == []

    def test_removed(self) -> None:
        self.update(category_id=None, block_id=None, workflow_timestamp=None)
        told = ["Workflow timestamp removed", "Category removed", "Motion block removed"]
        assert self.history_of("motion/1") == [told]

    @pytest.mark.parametrize("count", [1, 50])
    def test_few_calls(self, count: int) -> None:
        ids = range(10, 10 + count)
        for id_ in ids:
            self.motion(
                id_, text="t", identical_motion_ids=[id_ + 100], state_extension_reference_ids=[f"motion/{id_ + 200}"]
            )
            self.motion(id_ + 100)
            self.motion(id_ + 200)
        changes = {"text": "n", "workflow_id": 1, "category_id": 5, "state_extension": "[motion/1]", "tag_ids": [7]}
        with self.stack.count_calls() as calls:
            self.request("motion.update", *[{"id": id_, **changes} for id_ in ids]).assert_status(200)
        calls.assert_at_most(reads=8, reserves=1, writes=1)


class TestChecks(UpdateTest):
    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"amendment_paragraphs": {"0": "x"}}, "amendment_paragraphs"),
            ({"amendment_paragraphs": None}, "amendment_paragraphs"),
            ({"title": ""}, "title"),
            ({"start_line_number": 0}, "start_line_number"),
            ({"workflow_id": 99}, ""),
            ({"workflow_id": 20}, "workflow_id"),
            ({"workflow_id": 4}, "state_id"),
            ({"meeting_id": 1}, "meeting_id"),
        ],
    )
    def test_refused(self, fields: Fields, field: str) -> None:
        self.create_meeting(4)
        self.set_models({"motion_workflow/20": {"meeting_id": 1, "name": "w"}})
        answer = self.request("motion.update", {"id": 1, "title": "n"}, {"id": 1, **fields}).assert_status(400)
        assert answer.body["action_data_error_index"] == 1
        assert field in (answer.body.get("field") or answer.message)
        self.assert_model_exists("motion/1", {"title": "m1"})

    def test_no_line_number_to_start_with(self) -> None:
        self.set_models({"motion/1": {"start_line_number": 3}})
        self.update(200, start_line_number=None)
        assert "start_line_number" not in self.get_model("motion/1")

    def test_unknown_attachment(self) -> None:
        self.update(400, "mediafile/9", attachment_mediafile_ids=[9])

    def test_text_where_there_is_none(self) -> None:
        self.motion(2)
        self.request("motion.update", {"id": 2, "text": "x"}).assert_status(400, "text")
        self.request("motion.update", {"id": 2, "text": ""}).assert_status(200)

    @pytest.mark.parametrize("reason", ["", None])
    def test_reason(self, reason: str | None) -> None:
        self.settings(motions_reason_required=True)
        self.update(400, "reason", reason=reason)
        self.update(title="n")
        self.update(reason="r")


class TestPermission(UpdateTest):
    SUBMITTERS = ("title", "text", "reason")
    METADATA = ("category_id", "tag_ids", "start_line_number", "created", "state_extension", "workflow_timestamp")
    MANAGERS = ("number", "modified_final_version", "workflow_id", "attachment_mediafile_ids")
    VALUES: Fields = {
        "title": "n",
        "text": "n",
        "reason": "n",
        "category_id": 5,
        "tag_ids": [],
        "start_line_number": 3,
        "created": 3,
        "state_extension": "x",
        "workflow_timestamp": 3,
        "number": "5",
        "modified_final_version": "x",
        "workflow_id": 1,
        "attachment_mediafile_ids": [],
    }

    def allowed(self, user: int) -> tuple[str, ...]:
        """The fields that a user may change."""
        answers = {n: self.request("motion.update", {"id": 1, n: v}, user=user).status for n, v in self.VALUES.items()}
        assert set(answers.values()) <= {200, 403}
        return tuple(name for name, status in answers.items() if status == 200)

    def test_roles(self) -> None:
        user_id = self.participant("motion.can_see", "motion.can_create")
        self.update(403, "motion.can_manage", user=user_id)
        assert self.allowed(user_id) == ()
        self.submitted_by(user_id, 1)
        assert self.allowed(user_id) == ()
        self.state(FIRST, allow_submitter_edit=True)
        assert self.allowed(user_id) == self.SUBMITTERS
        self.state(1, allow_submitter_edit=True)
        self.set_permissions(3, ["motion.can_manage_metadata"])
        assert self.allowed(user_id) == (*self.SUBMITTERS, *self.METADATA)
        self.update(403, "number", user=user_id, number="x", title="y")
        self.update(user=user_id, title="x", category_id=5)
        self.state(FIRST, allow_submitter_edit=False)
        assert self.allowed(user_id) == self.METADATA
        self.set_permissions(3, ["motion.can_manage"])
        assert self.allowed(user_id) == tuple(self.VALUES)

    def test_archived_meeting(self) -> None:
        self.assert_needs_permission("motion.update", {"id": 1, "number": "3"}, "motion.can_manage")

    def test_moved_motion_is_edited_no_more(self) -> None:
        self.state(FIRST, allow_submitter_edit=True)
        user_id = self.participant()
        self.submitted_by(user_id, 1)
        self.update(user=user_id, title="x")
        self.request("motion.set_state", {"id": 1, "state_id": SECOND}).assert_status(200)
        self.update(403, user=user_id, title="y")
