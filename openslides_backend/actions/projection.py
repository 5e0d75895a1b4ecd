"""What projectors show, are going to show and have shown (projector.md)."""

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Projection
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

_LISTS = ("current_projector_id", "preview_projector_id", "history_projector_id")


class ProjectionCreate(CreateAction):
    """Put a content object on a list of a projector."""

    name = "projection.create"
    model = Projection
    payload = Payload(
        Projection,
        required=["content_object_id", "meeting_id"],
        optional=["options", "stable", "type", "weight", *_LISTS],
    )
    visibility = Visibility.BACKEND_INTERNAL


class ProjectionUpdate(UpdateAction):
    """Move a projection to another list of a projector."""

    name = "projection.update"
    model = Projection
    payload = Payload(Projection, required=["id"], optional=["weight", *_LISTS])
    visibility = Visibility.BACKEND_INTERNAL


class ProjectionUpdateOptions(UpdateAction):
    """Replace the options of a projection."""

    name = "projection.update_options"
    model = Projection
    payload = Payload(Projection, required=["id"], required_keys=["options"])
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)


class ProjectionDelete(DeleteAction):
    """Take a projection away; what is history goes only together with its projector, content object or meeting."""

    name = "projection.delete"
    model = Projection
    permission = in_meeting(Permissions.Projector.CAN_MANAGE)

    def check(self, element: Fields) -> None:
        names = (*_LISTS, "content_object_id", "meeting_id")
        projection = self.uow.get("projection", element["id"], *names)
        if "current_projector_id" in projection or "preview_projector_id" in projection:
            return
        owners = [("meeting", projection.get("meeting_id")), ("projector", projection.get("history_projector_id"))]
        if "content_object_id" in projection:
            owners.append(split_fqid(projection["content_object_id"]))
        if not any(id_ is not None and self.uow.is_deleting(collection, id_) for collection, id_ in owners):
            raise BadRequest(f"projection/{element['id']} is history and can not be deleted.")
