"""Topics (topic.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.agenda import (
    AGENDA_FIELDS,
    MEETING_FIELDS,
    agenda_needs,
    create_agenda_items,
    create_lists_of_speakers,
)
from openslides_backend.actions.shared.attachments import ATTACHMENTS, set_attachments
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Topic
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import Query
from openslides_backend.shared.typing import Fields


class TopicCreate(CreateAction):
    """Create a topic, with its agenda item (whatever the meeting's settings say) and its list of speakers."""

    name = "topic.create"
    model = Topic
    payload = Payload(
        Topic, required=["meeting_id", "title"], optional=["text"], extra_optional={**AGENDA_FIELDS, **ATTACHMENTS}
    )
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    meeting_fields = MEETING_FIELDS
    also_reserved = ("agenda_item", "list_of_speakers")

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().needs(elements), *agenda_needs(elements)]

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        set_attachments(self, elements)
        return elements

    def follow_up(self, elements: Sequence[Fields]) -> None:
        create_agenda_items(self, elements)
        create_lists_of_speakers(self, elements)


class TopicUpdate(UpdateAction):
    """Change a topic; attachments are replaced as a whole."""

    name = "topic.update"
    model = Topic
    payload = Payload(Topic, required=["id"], optional=["title", "text"], extra_optional=ATTACHMENTS)
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        set_attachments(self, elements)
        return elements


class TopicDelete(DeleteAction):
    """Delete a topic with its agenda item, list of speakers, polls and projections."""

    name = "topic.delete"
    model = Topic
    payload = Payload(Topic, required=["id"])
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
