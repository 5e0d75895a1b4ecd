"""States of motions (motion_workflow.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.parts import Related, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.models.models import MotionState
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

STATE_FIELDS = (
    "weight",
    "recommendation_label",
    "css_class",
    "restrictions",
    "allow_support",
    "allow_create_poll",
    "allow_submitter_edit",
    "set_number",
    "show_state_extension_field",
    "show_recommendation_extension_field",
    "merge_amendment_into_final",
    "allow_motion_forwarding",
    "allow_amendment_forwarding",
    "set_workflow_timestamp",
    "state_button_label",
)
"""What may be said of a new state besides its name."""

_NEIGHBOURS = ("next_state_ids", "previous_state_ids")
_WITHDRAWN = "submitter_withdraw_state_id"


class MotionStateCreate(CreateAction):
    """Create a state at the end of a workflow."""

    name = "motion_state.create"
    model = MotionState
    payload = Payload(
        MotionState, required=["name", "workflow_id"], optional=[*STATE_FIELDS, "first_state_of_workflow_id"]
    )
    permission = in_meeting_of("workflow_id", Permissions.Motion.CAN_MANAGE, "motion_workflow")
    meeting_source = "workflow_id"

    parts = (NextWeight("workflow_id"),)
    workflow = Related("workflow_id", "first_state_id")

    def check(self, element: Fields) -> None:
        if "first_state_of_workflow_id" not in element:
            return
        if element["first_state_of_workflow_id"] != element["workflow_id"]:
            raise BadRequest("first_state_of_workflow_id must be the same as workflow_id.")
        if any(workflow["first_state_id"] for workflow in self.workflow.all_of(element)):
            raise BadRequest(f"motion_workflow/{element['workflow_id']} has a first state already.")


class MotionStateUpdate(UpdateAction):
    """Change a state and what may follow it."""

    name = "motion_state.update"
    model = MotionState
    payload = Payload(
        MotionState, required=["id"], optional=["name", *STATE_FIELDS, "is_internal", *_NEIGHBOURS, _WITHDRAWN]
    )
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (Stored("workflow_id"),)
    following = Related("next_state_ids", "workflow_id")
    preceding = Related("previous_state_ids", "workflow_id")
    withdrawn = Related("submitter_withdraw_state_id", "workflow_id")

    def check(self, element: Fields) -> None:
        own = self.stored(element)["workflow_id"]
        for state in (s for part in (self.following, self.preceding, self.withdrawn) for s in part.all_of(element)):
            if state["workflow_id"] != own:
                raise BadRequest(
                    f"motion_state/{state['id']} is not of the same workflow as motion_state/{element['id']}."
                )


class MotionStateDelete(DeleteAction):
    """Delete a state; not the first of its workflow, nor one that a motion is in."""

    name = "motion_state.delete"
    model = MotionState
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)


class MotionStateSort(LinearSortAction):
    """Arrange the states of a workflow."""

    name = "motion_state.sort"
    model = MotionState
    payload = linear_payload(MotionState, "workflow_id", "motion_state_ids")
    permission = in_meeting_of("workflow_id", Permissions.Motion.CAN_MANAGE, "motion_workflow")
    meeting_source = "workflow_id"
    main_key = main_field = "workflow_id"
    ids_key = "motion_state_ids"

    def require(self, element: Fields) -> None:
        self.uow.get("motion_workflow", element["workflow_id"], "id")
