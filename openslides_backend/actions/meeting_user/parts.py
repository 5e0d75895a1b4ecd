"""What the actions of meeting_user are made of."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.shared.participation import (
    Pair,
    are_known,
    pair_of,
    pairs_of,
    participation_needs,
    participations,
    take_part,
)
from openslides_backend.engine.action import Part
from openslides_backend.engine.calculated import affiliation_reads
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Related
from openslides_backend.models.models import MeetingUser
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.typing import Fields


class NoAnonymousGroup(Related):
    """Nobody can be in an anonymous group."""

    def __init__(self) -> None:
        super().__init__("group_ids", "meeting_id", "anonymous_group_for_meeting_id")

    def check(self, element: Fields) -> None:
        for group in self.all_of(element):
            if group["anonymous_group_for_meeting_id"]:
                raise InvalidField("group_ids", f"group/{group['id']} is the group of anonymous users.")


class Affiliations(Part):
    """Reads ahead what the fields are calculated from that follow from groups."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return affiliation_reads(self.uow, [pair_of(self.uow, e) for e in elements if "group_ids" in e])


class OneInMeeting(Part):
    """Nobody has two meeting_users in a meeting."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return participation_needs(self.uow, pairs_of(self.uow, elements))

    def prepare(self, elements: list[Fields]) -> None:
        self._taken = set(participations(self.uow, pairs_of(self.uow, elements)))

    def check(self, element: Fields) -> None:
        user_id, meeting_id = pair = pair_of(self.uow, element)
        if pair in self._taken:
            message = f"user/{user_id} has a meeting_user in meeting/{meeting_id} already."
            raise BadRequest(message, field="meeting_id")

    def fill(self, element: Fields) -> None:
        self._taken.add(pair_of(self.uow, element))


class FoundOrNew(Part):
    """The meeting_users of the users and meetings that elements name; those that are missing are created."""

    action: UpdateAction

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        unresolved = _unresolved(elements)
        yield from participation_needs(self.uow, pairs_of(self.uow, unresolved))
        yield from self.run.relations.needs(MeetingUser, map(self.action.stored_part, unresolved))
        yield from self.run.reads_of("meeting_user.create", *self._planned(unresolved))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return self.run.reserves_of("meeting_user.create", *self._planned(_unresolved(elements)))

    def prepare(self, elements: list[Fields]) -> None:
        unresolved = _unresolved(elements)
        known = self._known(unresolved)
        indices: dict[Pair, int] = {}
        for index, element in enumerate(elements):
            if "id" not in element:
                indices.setdefault(pair_of(self.uow, element), index)
        members = take_part(self.action, indices, indices)
        self.created = frozenset(members[pair] for pair in members.keys() - known.keys())
        """Ids of the meeting_users that had to be created."""
        for element in unresolved:
            element["id"] = members[pair_of(self.uow, element)]

    def resolved(self, elements: Sequence[Fields]) -> list[Fields]:
        """The elements whose meeting_users are known, with their ids."""
        known = self._known(_unresolved(elements))
        with_ids = ({"id": known.get(pair_of(self.uow, element)), **element} for element in elements)
        return [element for element in with_ids if element["id"] is not None]

    def _known(self, elements: Sequence[Fields]) -> dict[Pair, int]:
        pairs = pairs_of(self.uow, elements)
        members = participations(self.uow, pairs) if are_known(self.uow, pairs) else {}
        return {pair: member["id"] for pair, member in members.items()}

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        """What will be created, as far as it is known; the users may be about to be created themselves."""
        pairs = pairs_of(self.uow, elements)
        missing = pairs - self._known(elements).keys() if are_known(self.uow, pairs) else set()
        new = [{"user_id": user_id, "meeting_id": meeting_id} for user_id, meeting_id in sorted(missing)]
        new += [{"meeting_id": element["meeting_id"]} for element in elements if "user_id" not in element]
        return new, [element["meeting_id"] for element in new]


def _unresolved(elements: Iterable[Fields]) -> list[Fields]:
    return [element for element in elements if "id" not in element]
