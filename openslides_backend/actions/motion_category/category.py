"""Create, change and delete categories."""

from collections.abc import Sequence

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import assign_weights, weight_needs
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


def _in_meeting(element: Fields) -> Filter:
    return equals(meeting_id=element["meeting_id"])


class MotionCategoryCreate(CreateAction):
    """Create a category behind all others of the meeting, whatever their parents."""

    name = "motion_category.create"
    model = MotionCategory
    payload = Payload(MotionCategory, required=["name", "meeting_id"], optional=["prefix", "parent_id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().needs(elements), *weight_needs("motion_category", elements, _in_meeting)]

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        for element in elements:
            # The model's default is for imports, not for new categories.
            element["weight"] = None
        assign_weights(self.uow, "motion_category", elements, _in_meeting)
        return elements


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
    payload = Payload(MotionCategory, required=["id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
