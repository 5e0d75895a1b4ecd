"""The people that a new motion begins with: submitters and supporters (motion.md, "motion.create", effects 5 and 6)."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.participation import Pair, participation_needs, participations, take_part
from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.payload import IDS, Schema
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

_SUBMITTERS = "submitter_ids"
_SUPPORTERS = "supporter_meeting_user_ids"
_SETTING = "motions_supporters_min_amount"


class Submitters(Part):
    """The users in `submitter_ids` submit the motion; if neither they nor other submitters are named, who asks does.

    Those who aren't known in the meeting become so, without groups.
    """

    payload_keys: Mapping[str, Schema] = {_SUBMITTERS: IDS}

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        pairs = self._pairs(elements)
        new = [{"user_id": user_id, "meeting_id": meeting_id} for user_id, meeting_id in pairs]
        return [
            *participation_needs(self.uow, pairs),
            *self.run.reads_of("meeting_user.create", new, [meeting_id for _, meeting_id in pairs]),
        ]

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        pairs = self._pairs(elements)
        submitters = sum(len(self._users(element)) for element in elements)
        return {"meeting_user": len(pairs.keys() - participations(self.uow, pairs)), "motion_submitter": submitters}

    def check(self, element: Fields) -> None:
        if not self._users(element) and not element.get("additional_submitter"):
            raise InvalidField(_SUBMITTERS, "There is nobody who submits the motion.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        pairs = self._pairs(elements)
        members = take_part(self.action, pairs, pairs)
        work = [
            (i, {"motion_id": e["id"], "meeting_user_id": members[user_id, e["meeting_id"]], "weight": weight})
            for i, e in enumerate(elements)
            for weight, user_id in enumerate(self._users(e), start=1)
        ]
        execute_for(self.action, "motion_submitter.create", work)

    def _pairs(self, elements: Sequence[Fields]) -> dict[Pair, int]:
        """Each pair of submitter and meeting with the index of the first element that names it."""
        pairs: dict[Pair, int] = {}
        for index, element in enumerate(elements):
            for user_id in self._users(element):
                pairs.setdefault((user_id, element["meeting_id"]), index)
        return pairs

    def _users(self, element: Fields) -> list[int]:
        if element.get(_SUBMITTERS):
            return list(element[_SUBMITTERS])
        return [] if element.get("additional_submitter") or self.run.user_id <= ANONYMOUS else [self.run.user_id]


class Supporters(Part):
    """The meeting users in `supporter_meeting_user_ids` support the motion, if the meeting has supporters at all."""

    payload_keys: Mapping[str, Schema] = {_SUPPORTERS: IDS}
    meeting_fields = (_SETTING,)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [models_query("meeting_user", ids_in(elements, _SUPPORTERS), "id", "meeting_id", "user_id")]

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return {"motion_supporter": sum(len(element.get(_SUPPORTERS) or ()) for element in elements)}

    def check(self, element: Fields) -> None:
        members = element.get(_SUPPORTERS)
        if members and self.action.meeting(element)[_SETTING] == 0:
            raise InvalidField(_SUPPORTERS, "The meeting has no supporters.")
        for id_ in members or ():
            if self.uow.get("meeting_user", id_, "meeting_id")["meeting_id"] != element["meeting_id"]:
                raise InvalidField(_SUPPORTERS, f"meeting_user/{id_} does not belong to the meeting.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        work = [
            (index, {"motion_id": element["id"], "meeting_user_id": id_})
            for index, element in enumerate(elements)
            for id_ in element.get(_SUPPORTERS) or ()
        ]
        execute_for(self.action, "motion_supporter.create", work)
