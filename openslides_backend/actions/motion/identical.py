"""Motions with the same text (motion.md, "R5")."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.motion_text import PARAGRAPHS, text_hash
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_IDENTICAL = "identical_motion_ids"
_HASH = "text_hash"

JUDGED_FIELDS = ("id", "meeting_id", _HASH, "lead_motion_id")
"""What is read of motions that change together with others: they may have the same text as well."""


class IdenticalMotions(Part):
    """The hash of a new text, and the relation to all motions of the meeting with the same text and lead motion.

    The hash is that of the cleaned text, which is known late: looking for the others is a read of its own.
    """

    stored_fields = (*JUDGED_FIELDS, _IDENTICAL)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        changed = [element for element in elements if element.get("text") or element.get(PARAGRAPHS)]
        former = self.uow.peek_all("motion", ids_in(changed, "id"), _IDENTICAL)
        return [models_query("motion", ids_in(former, _IDENTICAL), *JUDGED_FIELDS)]

    def prepare(self, elements: list[Fields]) -> None:
        for element in elements:
            if (hash_ := text_hash(element)) is not None:
                element[_HASH] = hash_
        scopes = dict.fromkeys(self._scope(element) for element in elements if _HASH in element)
        self.uow.prefetch(filter_query("motion", scope, "id", "meeting_id") for scope in scopes)

    def fill(self, element: Fields) -> None:
        if _HASH in element:
            others = self.uow.filter("motion", self._scope(element), "id", "meeting_id")
            element[_IDENTICAL] = [id_ for id_ in others if id_ != element["id"]]

    def _scope(self, element: Fields) -> Filter:
        is_new = isinstance(self.action, CreateAction)
        lead_id = element.get("lead_motion_id") if is_new else self.action.stored(element)["lead_motion_id"]
        # Few have the same hash: what says most comes first.
        return equals(text_hash=element[_HASH], meeting_id=self.action.meeting_id(element), lead_motion_id=lead_id)
