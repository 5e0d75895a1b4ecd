"""Structure levels: the parts of an assembly (structure_level.md)."""

from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import StructureLevel
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class StructureLevelCreate(CreateAction):
    """Create a structure level with a name that is new in the meeting."""

    name = "structure_level.create"
    model = StructureLevel
    payload = Payload(StructureLevel, required=["meeting_id", "name"], optional=["color", "default_time"])
    permission = in_meeting(Permissions.User.CAN_MANAGE)
    parts = (UniqueInMeeting("name", early=True),)


class StructureLevelUpdate(UpdateAction):
    """Change a structure level; its default time has no influence on countdowns."""

    name = "structure_level.update"
    model = StructureLevel
    payload = Payload(StructureLevel, required=["id"], not_null=["name"], optional=["color", "default_time"])
    permission = in_meeting(Permissions.User.CAN_MANAGE)
    parts = (UniqueInMeeting("name", early=True),)


class StructureLevelDelete(DeleteAction):
    """Delete a structure level that has no speaking time in any list of speakers."""

    name = "structure_level.delete"
    model = StructureLevel
    permission = in_meeting(Permissions.User.CAN_MANAGE)
