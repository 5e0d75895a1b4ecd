"""Motion blocks (motion_objects.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.agenda import (
    AGENDA_FIELDS,
    MEETING_FIELDS,
    create_lists_of_speakers,
    create_wanted_agenda_items,
    wants_agenda_item,
)
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import MotionBlock
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.typing import Fields


class MotionBlockCreate(CreateAction):
    """Create a block, with its list of speakers and maybe an agenda item."""

    name = "motion_block.create"
    model = MotionBlock
    payload = Payload(
        MotionBlock, required=["title", "meeting_id"], optional=["internal"], extra_optional=AGENDA_FIELDS
    )
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    meeting_fields = MEETING_FIELDS

    def new_ids(self, elements: Sequence[Fields]) -> dict[str, int]:
        items = sum(wants_agenda_item(self, element) for element in elements)
        return {**super().new_ids(elements), "agenda_item": items, "list_of_speakers": len(elements)}

    def follow_up(self, elements: Sequence[Fields]) -> None:
        create_wanted_agenda_items(self, elements)
        create_lists_of_speakers(self, elements)


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
    payload = Payload(MotionBlock, required=["id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
