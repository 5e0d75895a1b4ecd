"""Agenda items and lists of speakers that come with content objects (_shared.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.engine.action import Action
from openslides_backend.engine.numbering import sequential_number_needs, weight_needs
from openslides_backend.engine.payload import BOOLEAN, ID, IDS, Schema
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

PREFIX = "agenda_"

AGENDA_FIELDS: dict[str, Schema] = {
    "agenda_create": BOOLEAN,
    "agenda_type": {"type": "string", "enum": ["common", "internal", "hidden"]},
    "agenda_parent_id": {**ID, "type": ["integer", "null"]},
    "agenda_comment": {"type": "string"},
    "agenda_duration": {"type": "integer", "minimum": 0},
    "agenda_weight": {"type": "integer"},
    "agenda_tag_ids": IDS,
}
"""Extra keys that the create actions of content objects accept for their agenda items."""

MEETING_FIELDS = ("agenda_item_creation", "list_of_speakers_initially_closed")
"""Settings of the meeting that decide on agenda item and list of speakers."""


def siblings(item: Fields) -> Filter:
    """The agenda items among which a new one gets the next weight."""
    return equals(meeting_id=item["meeting_id"], parent_id=item.get("parent_id"))


def agenda_needs(elements: Sequence[Fields]) -> list[Query]:
    """What creating the agenda items and lists of speakers of new content objects reads, known from their payload."""
    items = [
        {
            "meeting_id": element["meeting_id"],
            "parent_id": element.get("agenda_parent_id"),
            "weight": element.get("agenda_weight"),
        }
        for element in elements
    ]
    meetings = [element["meeting_id"] for element in elements]
    return [*weight_needs("agenda_item", items, siblings), *sequential_number_needs("list_of_speakers", meetings)]


def wants_agenda_item(action: Action, element: Fields) -> bool:
    """Whether a new content object gets an agenda item, by the meeting's `agenda_item_creation`."""
    setting = action.meeting(element).get("agenda_item_creation")
    if setting in ("always", "never"):
        return bool(setting == "always")
    return bool(element.get("agenda_create", setting == "default_yes"))


def create_agenda_items(action: Action, elements: Sequence[Fields]) -> None:
    """Create the agenda items of new content objects, in one action; `elements` have the new ids."""
    execute_for(
        action, "agenda_item.create", [(i, _agenda_item(action, element)) for i, element in enumerate(elements)]
    )


def create_wanted_agenda_items(action: Action, elements: Sequence[Fields]) -> None:
    """Create the agenda items of those new content objects that get one by the meeting's settings, in one action."""
    wanted = [
        (index, _agenda_item(action, element))
        for index, element in enumerate(elements)
        if wants_agenda_item(action, element)
    ]
    execute_for(action, "agenda_item.create", wanted)


def _agenda_item(action: Action, element: Fields) -> Fields:
    names = [name.removeprefix(PREFIX) for name in AGENDA_FIELDS if name != "agenda_create"]
    item: Fields = {name: value for name in names if (value := element.get(PREFIX + name)) is not None}
    item["content_object_id"] = make_fqid(action.model.collection, element["id"])
    return item


def create_lists_of_speakers(action: Action, elements: Sequence[Fields]) -> None:
    """Create the list of speakers of every new content object, in one action."""
    collection = action.model.collection
    fqids = [{"content_object_id": make_fqid(collection, element["id"])} for element in elements]
    action.execute("list_of_speakers.create", fqids)
