"""The workflows that every new meeting starts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import OfMeeting
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import ids_of
from openslides_backend.i18n.languages import DEFAULT_LANGUAGE
from openslides_backend.i18n.translations import translate
from openslides_backend.models.models import MotionWorkflow
from openslides_backend.shared.typing import Fields


@dataclass(frozen=True, slots=True)
class State:
    """A state of a standard workflow; `following` are the numbers of its next states, counted from 1."""

    name: str
    label: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    following: tuple[int, ...] = ()

    def element(self, language: str) -> Fields:
        """The state as an element of `motion_state.create`, its texts translated."""
        label = {} if self.label is None else {"recommendation_label": translate(self.label, language)}
        return {"name": translate(self.name, language), **label, **self.fields}


_MERGE = {"css_class": "green", "merge_amendment_into_final": "do_merge"}
_REJECT = {"css_class": "red", "merge_amendment_into_final": "do_not_merge"}
_CLOSE = {"css_class": "grey", "merge_amendment_into_final": "do_not_merge"}

SIMPLE = (
    State(
        "submitted",
        fields={"allow_create_poll": True, "allow_support": True, "set_workflow_timestamp": True},
        following=(2, 3, 4),
    ),
    State("accepted", "Acceptance", _MERGE),
    State("rejected", "Rejection", _REJECT),
    State("not decided", "No decision", _CLOSE),
)

COMPLEX = (
    State(
        "in progress",
        fields={
            "css_class": "yellow",
            "merge_amendment_into_final": "do_not_merge",
            "allow_submitter_edit": True,
            "set_number": False,
            "restrictions": ["is_submitter", "motion.can_manage_metadata"],
        },
        following=(2, 6),
    ),
    State(
        "submitted",
        fields={"merge_amendment_into_final": "do_not_merge", "set_number": False},
        following=(3, 6, 10),
    ),
    State(
        "permitted",
        fields={"merge_amendment_into_final": "do_not_merge", "allow_create_poll": True},
        following=(4, 5, 6, 7, 8, 9),
    ),
    State("accepted", "Acceptance", _MERGE),
    State("rejected", "Rejection", _REJECT),
    State("withdrawn", fields=_CLOSE),
    State("adjourned", "Adjournment", _CLOSE),
    State("not concerned", "No concernment", _CLOSE),
    State(
        "referred to",
        "Referral to",
        {**_CLOSE, "show_state_extension_field": True, "show_recommendation_extension_field": True},
    ),
    State("not permitted", fields=_CLOSE),
)


class _StandardWorkflow(CreateAction):
    """Base of the actions that create a workflow with all its states.

    The texts are in the language of the meeting if a new meeting gets the workflow, else in that of the request.
    """

    model = MotionWorkflow
    payload = Payload(
        MotionWorkflow,
        required=["name", "meeting_id"],
        optional=["default_workflow_meeting_id", "default_amendment_workflow_meeting_id"],
    )
    visibility = Visibility.BACKEND_INTERNAL
    parts = (OfMeeting("language"),)
    states: ClassVar[tuple[State, ...]]

    def follow_up(self, elements: Sequence[Fields]) -> None:
        new = []
        for element in elements:
            language = self._language(element)
            states = [{**state.element(language), "workflow_id": element["id"]} for state in self.states]
            states[0]["first_state_of_workflow_id"] = element["id"]
            new += [{**state, "weight": weight} for weight, state in enumerate(states, start=1)]
        ids = ids_of(self.execute("motion_state.create", new))
        size = len(self.states)
        self.execute(
            "motion_state.update",
            [
                {"id": ids[start + n], "next_state_ids": [ids[start + number - 1] for number in state.following]}
                for start in range(0, len(ids), size)
                for n, state in enumerate(self.states)
                if state.following
            ],
        )

    def _language(self, element: Fields) -> str:
        if not self.nested:
            return self.run.context.language
        return self.meeting(element).get("language") or DEFAULT_LANGUAGE


class MotionWorkflowCreateSimple(_StandardWorkflow):
    """Create a workflow in which motions are submitted and decided."""

    name = "motion_workflow.create_simple_workflow"
    states = SIMPLE


class MotionWorkflowCreateComplex(_StandardWorkflow):
    """Create a workflow in which motions are permitted before they are decided."""

    name = "motion_workflow.create_complex_workflow"
    states = COMPLEX
