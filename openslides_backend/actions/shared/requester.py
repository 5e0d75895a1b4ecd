"""The requesting user as participant of meetings (small_collections.md, "Meeting user of the requester")."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.shared.participation import Pair, participation_needs, participations, take_part
from openslides_backend.engine.action import Part
from openslides_backend.services.datastore import Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

_KEY = "meeting_user_id"


class OwnMeetingUser(Part):
    """The requesting user's meeting user becomes `meeting_user_id` of the elements that don't name one.

    Those that are missing are created, without groups.
    """

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return participation_needs(self.uow, self._pairs(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        pairs = self._pairs(elements)
        return {"meeting_user": len(pairs) - len(participations(self.uow, pairs))}

    def prepare(self, elements: list[Fields]) -> None:
        members = take_part(self.action, self._pairs(elements))
        for element in elements:
            element.setdefault(_KEY, members.get((self.run.user_id, self.action.meeting_id(element) or 0)))

    def check(self, element: Fields) -> None:
        if element[_KEY] is None:
            raise BadRequest("This needs a user who is logged in.")

    def _pairs(self, elements: Sequence[Fields]) -> list[Pair]:
        if self.run.user_id <= ANONYMOUS:
            return []
        meetings = [self.action.meeting_id(element) for element in elements if _KEY not in element]
        return [(self.run.user_id, id_) for id_ in dict.fromkeys(meetings) if id_ is not None]
