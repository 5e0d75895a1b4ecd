"""Copy topics with their agenda items into other meetings (agenda_forward.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.agenda_item.forwarding_people import People, forward_people, people_needs
from openslides_backend.actions.agenda_item.forwarding_source import (
    ITEM_FIELDS,
    LEVEL_TIME,
    TOPIC_FIELDS,
    Originals,
    Source,
    topic_ids,
)
from openslides_backend.actions.agenda_item.forwarding_topics import TopicForwarding
from openslides_backend.actions.agenda_item.forwarding_tree import ForwardedTree
from openslides_backend.actions.mediafile.forwarding import forward_files
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import OfMeeting, ids_in
from openslides_backend.engine.payload import BOOLEAN, IDS, Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import extreme_query, filter_query, models_query
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, together
from openslides_backend.permissions.questions import is_admin, meeting_of
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields, Models


@rule
def may_forward(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user is admin of every target meeting and of the meetings of all agenda items."""
    origins = yield from together(meeting_of("agenda_item", id_) for id_ in element.ids("agenda_item_ids"))
    meetings = list(dict.fromkeys([*element.ids("meeting_ids"), *origins]))
    admin = yield from together(is_admin(inquiry.user_id, id_) for id_ in meetings)
    refused = [str(id_) for id_, allowed in zip(meetings, admin, strict=True) if not allowed]
    return f"Only admins of these meetings are: {', '.join(refused)}." if refused else None


class AgendaItemForward(Action):
    """Copy topics into other meetings, with what the flags ask for; nothing of the origin changes."""

    name = "agenda_item.forward"
    model = AgendaItem
    payload = Payload(
        AgendaItem,
        extra_required={"meeting_ids": IDS, "agenda_item_ids": IDS},
        extra_optional={"with_speakers": BOOLEAN, "with_moderator_notes": BOOLEAN, "with_attachments": BOOLEAN},
    )
    permission = may_forward
    singular = True
    result_is_null = True
    parts = (OfMeeting("admin_group_id", "group_ids"),)

    def meeting_ids(self, element: Fields) -> list[int]:
        return [*element["meeting_ids"]]

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield models_query("agenda_item", ids_in(elements, "agenda_item_ids"), *ITEM_FIELDS)
        for target in ids_in(elements, "meeting_ids"):
            yield extreme_query("max", "agenda_item", "weight", equals(meeting_id=target))

    def work(self, elements: list[Fields]) -> Results:
        """Check everything, read all originals, then copy target by target."""
        (element,) = elements
        items = self._checked_items(element)
        source = self._source(element, items)
        agenda = self.uow.filter("agenda_item", equals(meeting_id=source.meeting_id), "parent_id")
        tree = ForwardedTree(list(items), {id_: item.get("parent_id") for id_, item in agenda.items()})
        targets: Sequence[int] = element["meeting_ids"]
        weights = {t: self.uow.extreme("max", "agenda_item", "weight", equals(meeting_id=t)) or 0 for t in targets}
        if element.get("with_speakers"):
            self.uow.prefetch(people_needs(self, source, targets))
        self._reserve(source, len(targets))
        for target in targets:
            people = forward_people(self, source, target) if element.get("with_speakers") else People()
            files = forward_files(self, source.files, target) if source.files else {}
            TopicForwarding(self, source, tree, element, target, weights[target], people, files).forward()
        return []

    def _checked_items(self, element: Fields) -> Models:
        """The agenda items, in the given order.

        Raises BadRequest if what is given can't be forwarded like this.
        """
        for name in ("meeting_ids", "agenda_item_ids"):
            if not element[name]:
                raise InvalidField(name, "at least one id is needed.")
        items: Models = {id_: self.uow.get("agenda_item", id_, *ITEM_FIELDS) for id_ in element["agenda_item_ids"]}
        for id_ in element["meeting_ids"]:
            self.uow.get("meeting", id_, *self.meeting_names)
        if len({item["meeting_id"] for item in items.values()}) > 1:
            raise InvalidField("agenda_item_ids", "all agenda items must belong to the same meeting.")
        for id_, item in items.items():
            if split_fqid(item["content_object_id"] or "/0")[0] != "topic":
                raise InvalidField("agenda_item_ids", f"agenda_item/{id_} is not that of a topic.")
        return items

    def _source(self, element: Fields, items: Models) -> Source:
        """All originals. Raises BadRequest if the origin or its speakers forbid to forward them."""
        origin = self.checked(next(iter(items.values()))["meeting_id"], "agenda_item_ids: there is no meeting.")
        if origin in element["meeting_ids"]:
            raise InvalidField("meeting_ids", f"meeting/{origin} is the one of the agenda items.")
        self.uow.prefetch(
            [
                models_query("meeting", [origin], "id", "is_active_in_organization_id"),
                filter_query("agenda_item", equals(meeting_id=origin), "parent_id"),
                models_query("topic", topic_ids(items).values(), *TOPIC_FIELDS),
            ]
        )
        if not self.uow.get("meeting", origin, "is_active_in_organization_id"):
            raise BadRequest(f"Meeting {origin} is archived and can not be changed.")
        source = Source(self.uow, origin, items)
        if element.get("with_speakers"):
            source.read_speakers()
            _check_speakers(source.speakers)
            source.read_people()
        if element.get("with_attachments"):
            source.read_files()
        return source

    def _reserve(self, source: Source, targets: int) -> None:
        """Reserve the ids of all copies at once, not for each group of siblings."""
        amounts: dict[str, int] = {
            **dict.fromkeys(("topic", "agenda_item", "list_of_speakers"), len(source.items)),
            "speaker": len(source.speakers),
            LEVEL_TIME: len(source.level_times),
            **dict.fromkeys(("mediafile", "meeting_mediafile"), len(source.files)),
        }
        self.uow.reserve({collection: amount * targets for collection, amount in amounts.items()})


def _check_speakers(speakers: Originals) -> None:
    """Raises BadRequest if somebody is speaking, or waits with what the target could not judge."""
    for id_, speaker in speakers.items():
        if speaker.get("end_time") is not None:
            continue
        if speaker.get("begin_time") is not None:
            raise BadRequest(f"speaker/{id_} is speaking or paused and can not be forwarded.")
        if speaker.get("point_of_order") or speaker.get("speech_state") == "intervention":
            raise BadRequest(f"speaker/{id_} is a point of order or intervention that waits and can not be forwarded.")
