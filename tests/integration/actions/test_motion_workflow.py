"""Workflows and their states (motion_workflow.md)."""

from itertools import pairwise
from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest


class WorkflowTest(RightsTest):
    """Base: meeting/1 with workflow 1 (the default) and workflow 5 with the states 51 (first) and 52."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_workflow_ids=[1, 5], motion_state_ids=[1, 51, 52])
        state = {"meeting_id": 1, "workflow_id": 5, "css_class": "grey"}
        self.set_models(
            {
                "motion_workflow/5": {
                    "name": "other",
                    "sequential_number": 2,
                    "meeting_id": 1,
                    "state_ids": [51, 52],
                    "first_state_id": 51,
                },
                "motion_state/51": {"name": "a", "weight": 1, "first_state_of_workflow_id": 5, **state},
                "motion_state/52": {"name": "b", "weight": 2, **state},
            }
        )

    def states(self, workflow_id: int) -> list[dict[str, Any]]:
        """The states of a workflow by weight, with `number`s instead of ids."""
        found = sorted(self.find_models("motion_state", workflow_id=workflow_id).values(), key=lambda s: s["weight"])
        numbers = {state["id"]: number for number, state in enumerate(found, start=1)}
        for name in ("next_state_ids", "previous_state_ids"):
            for state in found:
                state[name] = [numbers[id_] for id_ in state.get(name, ())]
        return found


class TestMotionState(WorkflowTest):
    """`motion_state.*`."""

    def test_create(self) -> None:
        element = {"name": "x", "workflow_id": 5}
        answer = self.request("motion_state.create", element, {**element, "weight": 9}, element).assert_status(200)
        assert set(answer.result) == {"id"}
        new = [result["id"] for result in answer.results[0]]
        assert [self.get_model(f"motion_state/{id_}")["weight"] for id_ in new] == [3, 9, 10]
        defaults = {
            "css_class": "lightblue",
            "restrictions": [],
            "allow_support": False,
            "set_number": True,
            "merge_amendment_into_final": "undefined",
            "allow_amendment_forwarding": None,
            "meeting_id": 1,
        }
        self.assert_model_exists(f"motion_state/{new[0]}", defaults)
        self.assert_model_exists("motion_workflow/5", {"state_ids": [51, 52, *new]})

    @pytest.mark.parametrize(
        "more",
        [
            {"workflow_id": 99},
            {"first_state_of_workflow_id": 1},
            {"first_state_of_workflow_id": None},
            {"first_state_of_workflow_id": 5},
            {"css_class": None},
            {"css_class": "pink"},
            {"is_internal": True},
            {"restrictions": ["nobody"]},
            {"name": ""},
        ],
    )
    def test_create_refused(self, more: dict[str, Any]) -> None:
        self.request("motion_state.create", {"name": "x", "workflow_id": 5, **more}).assert_status(400)

    def test_create_without_first_state(self) -> None:
        self.set_models({"motion_workflow/5": {"first_state_id": None}})
        element = {"name": "x", "workflow_id": 5, "first_state_of_workflow_id": 5}
        self.request("motion_state.create", element, element).assert_status(400, "first state")
        id_ = self.request("motion_state.create", element).assert_status(200).id
        self.assert_model_exists("motion_workflow/5", {"first_state_id": id_})

    def test_update(self) -> None:
        fields = {
            "name": "new",
            "is_internal": True,
            "next_state_ids": [52],
            "previous_state_ids": [51],
            "submitter_withdraw_state_id": 52,
            "restrictions": ["is_submitter"],
        }
        self.request("motion_state.update", {"id": 51, **fields}).assert_status(200)
        self.assert_model_exists("motion_state/51", fields | {"next_state_ids": [52, 51]})
        self.assert_model_exists("motion_state/52", {"previous_state_ids": [51], "submitter_withdraw_back_ids": [51]})
        self.request("motion_state.update", {"id": 51, "next_state_ids": None}).assert_status(200)
        self.assert_model_exists("motion_state/52", {"previous_state_ids": []})

    @pytest.mark.parametrize(
        "more",
        [
            {"next_state_ids": [1]},
            {"next_state_ids": [99]},
            {"previous_state_ids": [52, 1]},
            {"submitter_withdraw_state_id": 1},
            {"submitter_withdraw_state_id": 99},
            {"weight": None},
            {"workflow_id": 1},
        ],
    )
    def test_update_refused(self, more: dict[str, Any]) -> None:
        self.request("motion_state.update", {"id": 51, **more}).assert_status(400)

    def test_delete(self) -> None:
        self.set_models(
            {
                "motion_state/51": {"next_state_ids": [52], "submitter_withdraw_state_id": 52},
                "motion_state/52": {
                    "previous_state_ids": [51],
                    "submitter_withdraw_back_ids": [51],
                    "motion_recommendation_ids": [7],
                },
                "motion/7": {"meeting_id": 1, "recommendation_id": 52},
            }
        )
        self.request("motion_state.delete", {"id": 51}).assert_status(400, "motion_workflow/5")
        self.request("motion_state.delete", {"id": 52}).assert_status(200)
        self.assert_model_exists("motion_state/51", {"next_state_ids": [], "submitter_withdraw_state_id": None})
        self.assert_model_exists("motion/7", {"recommendation_id": None})

    def test_delete_in_use(self) -> None:
        self.set_models({"motion_state/52": {"motion_ids": [7]}, "motion/7": {"meeting_id": 1, "state_id": 52}})
        self.request("motion_state.delete", {"id": 52}).assert_status(400, "motion/7")

    def test_sort(self) -> None:
        element = {"workflow_id": 5, "motion_state_ids": [52, 51]}
        assert self.request("motion_state.sort", element).assert_status(200).results == [None]
        assert [state["id"] for state in self.states(5)] == [52, 51]
        for refused in ({"motion_state_ids": [51]}, {"motion_state_ids": [51, 52, 1]}, {"workflow_id": 99}):
            self.request("motion_state.sort", {**element, **refused}).assert_status(400)
        self.request("motion_state.sort").assert_status(400)

    @pytest.mark.parametrize(
        ("name", "element"),
        [
            ("create", {"name": "x", "workflow_id": 5}),
            ("update", {"id": 52, "name": "x"}),
            ("sort", {"workflow_id": 5, "motion_state_ids": [52, 51]}),
            ("delete", {"id": 52}),
        ],
    )
    def test_rights(self, name: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(f"motion_state.{name}", element, "motion.can_manage")

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            answer = self.request("motion_state.create", *[{"name": "x", "workflow_id": 5}] * 40).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)
        ids = [result["id"] for result in answer.results[0]]
        chain = [{"id": id_, "next_state_ids": [following]} for id_, following in pairwise(ids)]
        with self.stack.count_calls() as calls:
            self.request("motion_state.update", *chain).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)


class TestMotionWorkflow(WorkflowTest):
    """`motion_workflow.create`, `update` and `delete`."""

    def test_create(self) -> None:
        self.delete_models("motion_workflow/5")
        element = {"name": "x", "meeting_id": 1}
        answer = self.request("motion_workflow.create", element, element).assert_status(200)
        assert [result["sequential_number"] for result in answer.results[0]] == [3, 4]
        (state,) = self.states(answer.id)
        wanted = {"name": "default", "weight": 1, "set_workflow_timestamp": True, "css_class": "lightblue"}
        assert wanted.items() <= state.items()
        self.assert_model_exists(f"motion_workflow/{answer.id}", {"first_state_id": state["id"], "name": "x"})

    def test_update(self) -> None:
        self.request("motion_workflow.update", {"id": 5, "name": "new", "first_state_id": 52}).assert_status(200)
        fields = {"name": "new", "first_state_id": 52, "state_ids": [51, 52]}
        self.assert_model_exists("motion_workflow/5", fields)
        self.assert_model_exists("motion_state/51", {"first_state_of_workflow_id": None, "workflow_id": 5})
        for refused in ({"first_state_id": 1}, {"first_state_id": 99}, {"first_state_id": None}, {"name": ""}):
            self.request("motion_workflow.update", {"id": 5, **refused}).assert_status(400)

    def test_delete(self) -> None:
        self.request("motion_workflow.delete", {"id": 5}).assert_status(200)
        for fqid in ("motion_workflow/5", "motion_state/51", "motion_state/52"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("meeting/1", {"motion_workflow_ids": [1], "motion_state_ids": [1]})

    def test_delete_refused(self) -> None:
        self.request("motion_workflow.delete", {"id": 1}).assert_status(400, "motions_default_workflow_id")
        self.set_models({"meeting/1": {"motions_default_workflow_id": 5}})
        self.request("motion_workflow.delete", {"id": 1}).assert_status(400, "amendment")
        defaults = {"motions_default_workflow_id": None, "motions_default_amendment_workflow_id": None}
        self.set_models({"meeting/1": defaults})
        self.request("motion_workflow.delete", {"id": 1}, {"id": 5}).assert_status(400, "only workflow")
        self.set_models({"motion_state/52": {"motion_ids": [7]}, "motion/7": {"meeting_id": 1, "state_id": 52}})
        self.request("motion_workflow.delete", {"id": 5}).assert_status(400, "motion/7")

    @pytest.mark.parametrize(
        ("name", "element"),
        [
            ("create", {"name": "x", "meeting_id": 1}),
            ("import", {"name": "x", "meeting_id": 1, "states": [{"name": "a"}]}),
            ("update", {"id": 5, "name": "x"}),
            ("delete", {"id": 5}),
        ],
    )
    def test_rights(self, name: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(f"motion_workflow.{name}", element, "motion.can_manage")

    @pytest.mark.parametrize(
        ("kind", "names"),
        [
            ("simple", ["eingereicht", "angenommen", "abgelehnt", "nicht entschieden"]),
            ("complex", ["in Bearbeitung", "eingereicht", "zugelassen", "angenommen", "abgelehnt"]),
        ],
    )
    def test_standard_workflows_in_the_language_of_the_request(self, kind: str, names: list[str]) -> None:
        name = f"motion_workflow.create_{kind}_workflow"
        element = {"name": "x", "meeting_id": 1, "default_workflow_meeting_id": 1}
        self.request(name, element).assert_status(400)
        answer = self.request(name, element, internal=True, headers={"Accept-Language": "de"}).assert_status(200)
        assert answer.result["sequential_number"] == 3
        assert [state["name"] for state in self.states(answer.id)][:5] == names
        self.assert_model_exists("meeting/1", {"motions_default_workflow_id": answer.id})


class TestMotionWorkflowImport(WorkflowTest):
    """`motion_workflow.import`."""

    STATES: list[dict[str, Any]] = [
        {"name": "a", "next_state_names": ["b"], "allow_support": "yes"},
        {"name": "b", "previous_state_names": ["a"], "weight": 7, "css_class": "red"},
    ]

    def element(self, **more: Any) -> dict[str, Any]:
        """A workflow to import."""
        return {"name": "x", "meeting_id": 1, "states": self.STATES, **more}

    def test_import(self) -> None:
        answer = self.request("motion_workflow.import", self.element(first_state_name="b")).assert_status(200)
        assert answer.result["sequential_number"] == 3
        first, second = self.states(answer.id)
        assert (first["name"], first["weight"], first["allow_support"]) == ("a", 1, True)
        assert (second["name"], second["weight"], second["css_class"]) == ("b", 7, "red")
        assert (first["next_state_ids"], second["previous_state_ids"]) == ([2], [1])
        self.assert_model_exists(f"motion_workflow/{answer.id}", {"first_state_id": second["id"]})

    def test_first_in_the_list_begins(self) -> None:
        answer = self.request("motion_workflow.import", self.element(first_state_name="")).assert_status(200)
        self.assert_model_exists(f"motion_workflow/{answer.id}", {"first_state_id": self.states(answer.id)[0]["id"]})

    @pytest.mark.parametrize(
        "more",
        [
            {"first_state_name": "c"},
            {"first_state_name": None},
            {"states": []},
            {"states": None},
            {"states": [{"name": "a"}, {"name": "a"}]},
            {"states": [{"name": "a", "next_state_names": ["b"]}, {"name": "b"}]},
            {"states": [{"name": "a"}, {"name": "b", "previous_state_names": ["a"]}]},
            {"states": [{"name": "a", "next_state_names": ["c"]}]},
            {"states": [{"name": "a", "next_state_names": ["a", "a"], "previous_state_names": ["a"]}]},
            {"states": [{"name": "a", "is_internal": True}]},
            {"states": [{"name": "a", "state_button_label": "x"}]},
            {"states": [{"name": "a", "css_class": "pink"}]},
            {"states": [{"next_state_names": []}]},
        ],
    )
    def test_refused(self, more: dict[str, Any]) -> None:
        self.request("motion_workflow.import", self.element(**more)).assert_status(400)

    def test_without_states(self) -> None:
        self.request("motion_workflow.import", {"name": "x", "meeting_id": 1}).assert_status(400, "states")
