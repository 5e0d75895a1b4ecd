"""Messages to be shown on projectors (projector.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import ProjectorMessage
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class ProjectorMessageCreate(CreateAction):
    """Create a message."""

    name = "projector_message.create"
    model = ProjectorMessage
    payload = Payload(ProjectorMessage, required=["meeting_id"], required_keys=["message"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)


class ProjectorMessageUpdate(UpdateAction):
    """Change the text of a message."""

    name = "projector_message.update"
    model = ProjectorMessage
    payload = Payload(ProjectorMessage, required=["id"], optional=["message"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)


class ProjectorMessageDelete(DeleteAction):
    """Delete a message with its projections."""

    name = "projector_message.delete"
    model = ProjectorMessage
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)
