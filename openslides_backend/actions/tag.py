"""Tags of agenda items, motions and assignments (small_collections.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Tag
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class TagCreate(CreateAction):
    """Create a tag in a meeting; names need not be unique."""

    name = "tag.create"
    model = Tag
    payload = Payload(Tag, required=["name", "meeting_id"])
    permission = in_meeting(Permissions.Tag.CAN_MANAGE)


class TagUpdate(UpdateAction):
    """Rename a tag."""

    name = "tag.update"
    model = Tag
    payload = Payload(Tag, required=["id"], optional=["name"])
    permission = in_meeting(Permissions.Tag.CAN_MANAGE)


class TagDelete(DeleteAction):
    """Delete a tag; it vanishes from all that is tagged with it."""

    name = "tag.delete"
    model = Tag
    permission = in_meeting(Permissions.Tag.CAN_MANAGE)
