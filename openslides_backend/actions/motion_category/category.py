"""Create, change and delete categories."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class MotionCategoryCreate(CreateAction):
    """Create a category behind all others of the meeting, whatever their parents."""

    name = "motion_category.create"
    model = MotionCategory
    payload = Payload(MotionCategory, required=["name", "meeting_id"], optional=["prefix", "parent_id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    parts = (NextWeight("meeting_id", over_default=True),)


class MotionCategoryUpdate(UpdateAction):
    """Change a category, or which motions are in it."""

    name = "motion_category.update"
    model = MotionCategory
    payload = Payload(MotionCategory, required=["id"], optional=["name", "prefix", "motion_ids"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)


class MotionCategoryDelete(DeleteAction):
    """Delete a category; its motions have none then, and its children no parent."""

    name = "motion_category.delete"
    model = MotionCategory
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
