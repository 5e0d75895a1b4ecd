"""Agenda items and lists of speakers that come with content objects (_shared.md)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from openslides_backend.engine.action import Part
from openslides_backend.engine.payload import BOOLEAN, IDS, OPTIONAL_ID, Schema
from openslides_backend.services.datastore import Query
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

PREFIX = "agenda_"

AGENDA_FIELDS: dict[str, Schema] = {
    "agenda_create": BOOLEAN,
    "agenda_type": {"type": "string", "enum": ["common", "internal", "hidden"]},
    "agenda_parent_id": OPTIONAL_ID,
    "agenda_comment": {"type": "string"},
    "agenda_duration": {"type": "integer", "minimum": 0},
    "agenda_weight": {"type": "integer"},
    "agenda_tag_ids": IDS,
}
"""Extra keys that the create actions of content objects accept for their agenda items."""

_KEYS = {key.removeprefix(PREFIX): key for key in AGENDA_FIELDS if key != "agenda_create"}
"""The same by the fields that they become."""
_SETTING = "agenda_item_creation"


class _Dependent(Part):
    """What comes with new content objects, made by the action `creates`."""

    creates: ClassVar[str]

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.reads_of(self.creates, *self._planned(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return self.run.reserves_of(self.creates, *self._planned(elements))

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        """What will be created, as far as it is known, with the meetings of it."""
        return [{} for _ in elements], [self.action.meeting_id(element) for element in elements]


class AgendaItem(_Dependent):
    """The agenda items of new content objects, if the meeting's `agenda_item_creation` wants them.

    `always`: whatever it says. `asks`: the elements may say something about them.
    """

    creates = "agenda_item.create"
    meeting_fields = (_SETTING,)

    def __init__(self, *, always: bool = False, asks: bool = True) -> None:
        self.always = always
        self.payload_keys = AGENDA_FIELDS if asks else {}

    def follow_up(self, elements: Sequence[Fields]) -> None:
        wanted = [i for i, e in enumerate(elements) if self._is_wanted(e, self.action.meeting(e))]
        items = [_item(elements[i]) for i in wanted]
        for item, index in zip(items, wanted, strict=True):
            item["content_object_id"] = make_fqid(self.action.model.collection, elements[index]["id"])
        self.action.execute(self.creates, items, wanted, _KEYS)

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        """The items that will be created, as far as they are known; as long as the setting isn't: all that may be."""
        meetings = [(element, self.action.peek_meeting(element)) for element in elements]
        wanted = [e for e, meeting in meetings if meeting is None or self._is_wanted(e, meeting)]
        return [_item(element) for element in wanted], [self.action.meeting_id(element) for element in wanted]

    def _is_wanted(self, element: Fields, meeting: ReadOnlyFields) -> bool:
        if self.always or meeting[_SETTING] == "always":
            return True
        return meeting[_SETTING] != "never" and bool(element.get("agenda_create", meeting[_SETTING] == "default_yes"))


def _item(element: Fields) -> Fields:
    return {name: value for name, key in _KEYS.items() if (value := element.get(key)) is not None}


class ListOfSpeakers(_Dependent):
    """The lists of speakers of new content objects."""

    creates = "list_of_speakers.create"

    def follow_up(self, elements: Sequence[Fields]) -> None:
        collection = self.action.model.collection
        lists = [{"content_object_id": make_fqid(collection, element["id"])} for element in elements]
        self.action.execute(self.creates, lists)
