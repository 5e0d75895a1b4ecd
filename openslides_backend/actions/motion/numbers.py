"""Numbers for motions whose state asks for them (motion.md, "R4")."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from openslides_backend.actions.motion.arrival import Find
from openslides_backend.actions.motion.numbering import Register, Texts, Wish
from openslides_backend.actions.motion_category.numbering import Style
from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import extreme_query, filter_query, models_query
from openslides_backend.services.datastore import Aggregate, FilterModels, Query
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_VALUE = "number_value"
_OWN = ("number", _VALUE, "lead_motion_id", "category_id")
_TYPE = "motions_number_type"
_MANUALLY = "manually"
_PER_CATEGORY = "per_category"
_LOOKED_UP_AT_ONCE = 200


class Numbers(Part):
    """Numbers for motions that have none and come into a state that sets one, `state_id` of their elements.

    Never looks at all motions: the datastore is asked for the highest place in each count, then whether the numbers
    that come next are taken. Relied on, and so locked, is only what leads to the numbers.
    """

    meeting_fields = (_TYPE, "motions_number_min_digits", "motions_number_with_blank", "motions_amendments_prefix")
    stored_fields = _OWN
    _register: Register

    def bind(self, action: Action) -> Self:
        bound = super().bind(action)
        bound._register = Register(bound._highest)
        return bound

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        numbered, wishes = [], []
        for element in elements:
            own, meeting = self._own(element, self.uow.peek), self.action.peek_meeting(element)
            if own is None or own["number"]:
                continue
            numbered.append(own)
            if meeting is not None and (wish := self._wish(element, own, meeting, self.uow.peek)) is not None:
                wishes.append(wish)
        yield models_query("motion", ids_in(numbered, "lead_motion_id"), "id", "number")
        in_category = [own for own in numbered if own["lead_motion_id"] is None]
        yield models_query("motion_category", ids_in(in_category, "category_id"), "id", "prefix")
        yield from self._foreseen(wishes)

    def prepare(self, elements: list[Fields]) -> None:
        wishes = [wish for element in elements if (wish := self._due(element)) is not None]
        while texts := self._register.unknown(wishes):
            self._look_up(texts)

    def fill(self, element: Fields) -> None:
        meeting_id = self.action.meeting_id(element) or 0
        if element.get("number"):
            self._register.learn(meeting_id, (), [element["number"]])
            return
        wish = self._due(element)
        if wish is None:
            return
        while texts := self._register.unknown([wish]):
            self._look_up(texts)
        if (number := self._register.take(wish)) is not None:
            element.update(number=number.text, number_value=number.value)

    def _own(self, element: Fields, find: Find) -> ReadOnlyFields | None:
        """What the element says of its motion, else what is stored; None if that isn't known yet."""
        if isinstance(self.action, CreateAction):
            return Record({name: element[name] for name in _OWN if element.get(name) is not None}, _OWN)
        return find("motion", element["id"], *_OWN)

    def _due(self, element: Fields) -> Wish | None:
        """What an element is to get now; None if nothing."""
        state_id = element.get("state_id")
        state = self.uow.find("motion_state", state_id, "set_number") if state_id is not None else None
        if state is None or not state["set_number"]:
            return None
        own, meeting = self._own(element, self.uow.find), self.action.meeting(element)
        if own is None or own["number"]:
            return None
        return self._wish(element, own, meeting, self.uow.find)

    def _wish(self, element: Fields, own: ReadOnlyFields, meeting: ReadOnlyFields, find: Find) -> Wish | None:
        """What the element is to get.

        None if all numbers are given by hand, if the model that the number begins with isn't there, or not known yet.
        """
        if meeting[_TYPE] == _MANUALLY:
            return None
        meeting_id = self.action.meeting_id(element) or 0
        lead_id, category_id = own["lead_motion_id"], own["category_id"]
        lead = None if lead_id is None else find("motion", lead_id, "number")
        category = None if lead_id or category_id is None else find("motion_category", category_id, "prefix")
        if (lead_id is not None and lead is None) or (not lead_id and category_id is not None and category is None):
            return None
        together = {"category_id": category_id} if meeting[_TYPE] == _PER_CATEGORY else {"lead_motion_id": None}
        scope = equals(lead_motion_id=lead_id) if lead_id else equals(meeting_id=meeting_id, **together)
        return Wish(
            meeting_id,
            scope,
            Style.of_meeting(meeting),
            prefix=(category and category["prefix"]) or "",
            lead_id=lead_id,
            lead_number=(lead and lead["number"]) or "",
            value=own["number_value"],
            id=element.get("id"),
        )

    def _foreseen(self, wishes: Sequence[Wish]) -> Iterator[Query]:
        """What fulfilling the wishes will ask for, as far as that can be told."""
        highest = {wish.scope: _highest_query(wish.scope) for wish in wishes}
        yield from highest.values()
        known = [wish for wish in wishes if not self.uow.unknown([highest[wish.scope]])]
        texts = Register(lambda scope: self.uow.peek_aggregate(highest[scope])).unknown(known)
        yield from (query for query, _, _ in _lookups(texts))

    def _highest(self, scope: Filter) -> int | None:
        return self.uow.extreme("max", "motion", _VALUE, scope)

    def _look_up(self, texts: Texts) -> None:
        lookups = list(_lookups(texts))
        self.uow.prefetch(query for query, _, _ in lookups)
        for query, meeting_id, asked in lookups:
            found = self.uow.filter("motion", query.filter, "number")
            self._register.learn(meeting_id, asked, [motion["number"] for motion in found.values()])


def _highest_query(scope: Filter) -> Aggregate:
    return extreme_query("max", "motion", _VALUE, scope)


def _lookups(texts: Texts) -> Iterator[tuple[FilterModels, int, list[str]]]:
    """Queries for these numbers, each with the meeting and the numbers that it is for."""
    for meeting_id, numbers in texts.items():
        ordered = list(numbers)
        for start in range(0, len(ordered), _LOOKED_UP_AT_ONCE):
            asked = ordered[start : start + _LOOKED_UP_AT_ONCE]
            scope = And(equals(meeting_id=meeting_id), any_of("number", asked))
            yield filter_query("motion", scope, "number"), meeting_id, asked
