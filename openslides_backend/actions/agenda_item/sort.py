"""Arrange and number the agenda."""

from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Matching, OfMeeting, Related, same
from openslides_backend.engine.payload import ID, IDS, OPTIONAL_ID, Payload
from openslides_backend.engine.sorting import TreePayload, TreeSortAction
from openslides_backend.models.models import AgendaItem
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields, Models

_ROOT_WEIGHT = 10000
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


class AgendaItemSort(TreeSortAction):
    """Arrange the whole agenda as a tree."""

    name = "agenda_item.sort"
    model = AgendaItem
    payload = TreePayload(AgendaItem)
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    level_field = "level"


class AgendaItemAssign(Action):
    """Move items below another item, or to the root."""

    name = "agenda_item.assign"
    model = AgendaItem
    payload = Payload(AgendaItem, extra_required={"meeting_id": ID, "parent_id": OPTIONAL_ID, "ids": IDS})
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    singular = True
    result_is_null = True

    parent = Related("parent_id")
    items = Matching("", same("meeting_id"), "parent_id", "weight", "level")

    def check(self, element: Fields) -> None:
        self.parent.of(element)
        items = self.items.of(element)
        above = self._with_ancestors(element["parent_id"], items)
        for id_ in element["ids"]:
            if id_ in above:
                raise InvalidField("ids", f"agenda_item/{id_} is the new parent itself, or stands above it.")
            if id_ not in items:
                raise InvalidField("ids", f"agenda_item/{id_} does not belong to meeting {element['meeting_id']}.")

    def apply(self, element: Fields) -> None:
        """Give each item its new parent, weight and level."""
        ids = element["ids"]
        places = self._places(element["parent_id"], len(ids), self.items.of(element))
        self.run.relations.load(self.model, [{"id": id_, **place} for id_, place in zip(ids, places, strict=True)])
        for id_, place in zip(ids, places, strict=True):
            self.run.relations.update(self.model, id_, place)

    @staticmethod
    def _with_ancestors(parent_id: int | None, items: Models) -> set[int]:
        above: set[int] = set()
        while parent_id is not None and parent_id not in above:
            above.add(parent_id)
            parent_id = items.get(parent_id, {}).get("parent_id")
        return above

    @staticmethod
    def _places(parent_id: int | None, amount: int, items: Models) -> list[Fields]:
        """New values of the items that are moved, in order."""
        parent = items.get(parent_id, {}) if parent_id is not None else {}
        first = _ROOT_WEIGHT if parent_id is None else (parent.get("weight") or 0) + 1
        level = 0 if parent_id is None else (parent.get("level") or 0) + 1
        return [{"parent_id": parent_id, "weight": first + n, "level": level} for n in range(amount)]


class AgendaItemNumbering(Action):
    """Number the whole agenda anew."""

    name = "agenda_item.numbering"
    model = AgendaItem
    payload = Payload(AgendaItem, extra_required={"meeting_id": ID})
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)
    singular = True
    result_is_null = True
    parts = (OfMeeting("agenda_numeral_system", "agenda_number_prefix"),)

    items = Matching("", same("meeting_id"), "parent_id", "weight", "type")

    def apply(self, element: Fields) -> None:
        """Number the visible tree; everything else gets an empty number."""
        meeting, items = self.meeting(element), self.items.of(element)
        prefix = meeting["agenda_number_prefix"]
        numbers = self._numbers(items, meeting["agenda_numeral_system"] == "roman")
        for id_ in items:
            number = numbers.get(id_, "")
            self.uow.update("agenda_item", id_, {"item_number": f"{prefix} {number}" if prefix and number else number})

    @staticmethod
    def _numbers(items: Models, roman: bool) -> dict[int, str]:
        """The bare numbers of all items of the visible tree."""
        children: dict[int | None, list[int]] = {}
        for id_ in sorted(items, key=lambda id_: (items[id_].get("weight") or 0, id_)):
            if items[id_].get("type") in (None, "common"):
                children.setdefault(items[id_].get("parent_id"), []).append(id_)
        numbers = {id_: _numeral(n, roman) for n, id_ in enumerate(children.get(None, ()), start=1)}
        pending = list(numbers)
        while pending:
            parent = pending.pop()
            for n, id_ in enumerate(children.get(parent, ()), start=1):
                numbers[id_] = f"{numbers[parent]}.{n}"
                pending.append(id_)
        return numbers


def _numeral(number: int, roman: bool) -> str:
    if not roman or number >= 5000:
        return str(number)
    numeral = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        numeral += letters * times
    return numeral
