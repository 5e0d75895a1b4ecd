"""Kinds of points of order (structure_level.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import PointOfOrderCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class PointOfOrderCategoryCreate(CreateAction):
    """Create a category; neither text nor rank must be unique."""

    name = "point_of_order_category.create"
    model = PointOfOrderCategory
    payload = Payload(PointOfOrderCategory, required=["meeting_id", "text", "rank"])
    permission = in_meeting(Permissions.Meeting.CAN_MANAGE_SETTINGS)


class PointOfOrderCategoryUpdate(UpdateAction):
    """Change a category; those who wait keep their places."""

    name = "point_of_order_category.update"
    model = PointOfOrderCategory
    payload = Payload(PointOfOrderCategory, required=["id"], not_null=["text", "rank"])
    permission = in_meeting(Permissions.Meeting.CAN_MANAGE_SETTINGS)


class PointOfOrderCategoryDelete(DeleteAction):
    """Delete a category; its speakers stay points of order, without category."""

    name = "point_of_order_category.delete"
    model = PointOfOrderCategory
    permission = in_meeting(Permissions.Meeting.CAN_MANAGE_SETTINGS)
