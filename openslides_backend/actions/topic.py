"""Topics (topic.md)."""

from openslides_backend.actions.shared.agenda import AgendaItem, ListOfSpeakers
from openslides_backend.actions.shared.attachments import Attachments
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Topic
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting


class TopicCreate(CreateAction):
    """Create a topic, with its agenda item (whatever the meeting's settings say) and its list of speakers."""

    name = "topic.create"
    model = Topic
    payload = Payload(Topic, required=["meeting_id", "title"], optional=["text"])
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    parts = (Attachments(), AgendaItem(always=True), ListOfSpeakers())


class TopicUpdate(UpdateAction):
    """Change a topic; attachments are replaced as a whole."""

    name = "topic.update"
    model = Topic
    payload = Payload(Topic, required=["id"], optional=["title", "text"])
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    parts = (Attachments(),)


class TopicDelete(DeleteAction):
    """Delete a topic with its agenda item, list of speakers, polls and projections."""

    name = "topic.delete"
    model = Topic
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
