"""Create, change and delete workflows."""

from collections.abc import Sequence

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, OfMeeting, Related, same
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionWorkflow
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.typing import Fields

_DEFAULTS = ("motions_default_workflow_id", "motions_default_amendment_workflow_id")


class MotionWorkflowCreate(CreateAction):
    """Create a workflow with one state."""

    name = "motion_workflow.create"
    model = MotionWorkflow
    payload = Payload(MotionWorkflow, required=["name", "meeting_id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.execute(
            "motion_state.create",
            [
                {
                    "name": "default",
                    "workflow_id": element["id"],
                    "first_state_of_workflow_id": element["id"],
                    "weight": 1,
                    "set_workflow_timestamp": True,
                }
                for element in elements
            ],
        )


class MotionWorkflowUpdate(UpdateAction):
    """Rename a workflow or let it begin with another one of its states."""

    name = "motion_workflow.update"
    model = MotionWorkflow
    payload = Payload(MotionWorkflow, required=["id"], optional=["name", "first_state_id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    first_state = Related("first_state_id", "workflow_id")

    def check(self, element: Fields) -> None:
        if any(state["workflow_id"] != element["id"] for state in self.first_state.all_of(element)):
            raise InvalidField("first_state_id", f"motion_state/{element['first_state_id']} is not of this workflow.")


class MotionWorkflowDelete(DeleteAction):
    """Delete a workflow with its states; not a default one, nor the last of the meeting, nor one that is in use."""

    name = "motion_workflow.delete"
    model = MotionWorkflow
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (OfMeeting(*_DEFAULTS),)

    siblings = Matching("motion_workflow", same("meeting_id"))

    def prepare(self, elements: list[Fields]) -> None:
        self._going: set[int] = set()

    def check(self, element: Fields) -> None:
        meeting_id = self.meeting_id(element)
        if meeting_id is None or self.uow.is_deleting("meeting", meeting_id):
            return
        meeting = self.meeting(element)
        for name in _DEFAULTS:
            if meeting.get(name) == element["id"]:
                raise BadRequest(f"motion_workflow/{element['id']} is the meeting's {name} and can not be deleted.")
        if not self.siblings.of(element).keys() - self._going - {element["id"]}:
            raise BadRequest(f"motion_workflow/{element['id']} is the only workflow of meeting {meeting_id}.")

    def fill(self, element: Fields) -> None:
        self._going.add(element["id"])
