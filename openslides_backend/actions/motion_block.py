"""Motion blocks (motion_objects.md)."""

from openslides_backend.actions.shared.agenda import AgendaItem, ListOfSpeakers
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionBlock
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class MotionBlockCreate(CreateAction):
    """Create a block, with its list of speakers and maybe an agenda item."""

    name = "motion_block.create"
    model = MotionBlock
    payload = Payload(MotionBlock, required=["title", "meeting_id"], optional=["internal"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (AgendaItem(), ListOfSpeakers())


class MotionBlockUpdate(UpdateAction):
    """Change a block, or which motions are in it."""

    name = "motion_block.update"
    model = MotionBlock
    payload = Payload(MotionBlock, required=["id"], optional=["title", "internal", "motion_ids"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)


class MotionBlockDelete(DeleteAction):
    """Delete a block with its agenda item, list of speakers and projections; its motions stay."""

    name = "motion_block.delete"
    model = MotionBlock
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
