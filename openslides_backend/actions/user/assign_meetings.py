"""Put a user into many meetings (user.md)."""

from collections.abc import Iterator, Sequence

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.action import Action, Known
from openslides_backend.engine.parts import Matching, OfMeeting, Stored
from openslides_backend.engine.payload import IDS, Payload
from openslides_backend.engine.run import ids_of
from openslides_backend.models.models import User
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, together
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import level_of, manages_meeting
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.permissions.user_fields import takes_over
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.typing import Fields


@rule
def _manages_all_meetings(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    meetings = element.ids("meeting_ids")
    if not meetings or (yield from level_of(inquiry.user_id)) >= Level.CAN_MANAGE_USERS:
        return None
    if not all((yield from together(manages_meeting(inquiry.user_id, meeting_id) for meeting_id in meetings))):
        return "Missing rights for the committee of one of the meetings."
    if (yield from takes_over(inquiry.user_id, element.id("id"), meetings)):
        return "This would give you rights for the user's account."
    return None


def _named_groups(element: Known) -> Filter | None:
    """The groups of the given name in the meetings."""
    if not element["meeting_ids"]:
        return None
    return And(any_of("meeting_id", element["meeting_ids"]), equals(name=element["group_name"]))


class UserAssignMeetings(Action):
    """Put a user into the group of a given name in many meetings; without such a group into the default one."""

    name = "user.assign_meetings"
    model = User
    payload = Payload(User, required=["id"], extra_required={"meeting_ids": IDS, "group_name": {"type": "string"}})
    permission = _manages_all_meetings
    parts = (Stored("meeting_ids"), OfMeeting("locked_from_inside", "default_group_id", "committee_id"))
    named = Matching("group", _named_groups, "meeting_id", "name", "anonymous_group_for_meeting_id")

    def meeting_ids(self, element: Fields) -> list[int]:
        return list(element["meeting_ids"])

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return participation_needs(self.uow, _pairs(elements))

    def prepare(self, elements: list[Fields]) -> None:
        self._members = participations(self.uow, _pairs(elements))
        self._groups = {pair: list(member["group_ids"] or ()) for pair, member in self._members.items()}
        self._changed: dict[Pair, Fields] = {}
        self._outcomes: dict[int, dict[str, list[int]]] = {}

    def check(self, element: Fields) -> None:
        for meeting_id, _, groups in self._decided(element):
            if self._meeting(meeting_id)["locked_from_inside"]:
                raise InvalidField("meeting_ids", f"meeting/{meeting_id} is locked from inside.")
            if None in groups:
                raise BadRequest(f"meeting/{meeting_id} has no default group.")

    def apply(self, element: Fields) -> None:
        """Decide for all meetings of the element; what follows is done for all elements together."""
        outcome = self._outcomes[id(element)] = {name: [] for name in ("succeeded", "standard_group", "nothing")}
        for meeting_id, name, groups in self._decided(element):
            outcome[name].append(meeting_id)
            pair = (element["id"], meeting_id)
            own = self._groups.setdefault(pair, [])
            if groups and set(groups).isdisjoint(own):
                own.append(groups[-1])
                self._changed.setdefault(pair, element)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Create what is missing and add the groups, in one go each."""
        indices = {id(element): index for index, element in enumerate(elements)}
        changed = [(indices[id(element)], pair) for pair, element in self._changed.items()]
        missing = [(index, pair) for index, pair in changed if pair not in self._members]
        work = [(index, {"user_id": user, "meeting_id": meeting}) for index, (user, meeting) in missing]
        created = ids_of(execute_for(self, "meeting_user.create", work))
        ids = {pair: member["id"] for pair, member in self._members.items()}
        ids |= {pair: id_ for (_, pair), id_ in zip(missing, created, strict=True)}
        updates = [(index, {"id": ids[pair], "group_ids": self._groups[pair]}) for index, pair in changed]
        execute_for(self, "meeting_user.update", updates)

    def result(self, element: Fields) -> Fields | None:
        """What was done in which meetings."""
        return {name: sorted(ids) for name, ids in self._outcomes[id(element)].items()}

    def _decided(self, element: Fields) -> Iterator[tuple[int, str, list[int]]]:
        """The meetings, what will have been done there, and the groups of which the user is to be in one."""
        named: dict[int, list[int]] = {}
        for group_id, group in self.named.of(element).items():
            if not group["anonymous_group_for_meeting_id"]:
                named.setdefault(group["meeting_id"], []).append(group_id)
        own_meetings = self.stored(element)["meeting_ids"] or ()
        for meeting_id in element["meeting_ids"]:
            if meeting_id in named:
                yield meeting_id, "succeeded", named[meeting_id]
            elif meeting_id in own_meetings or (element["id"], meeting_id) in self._changed:
                yield meeting_id, "nothing", []
            else:
                yield meeting_id, "standard_group", [self._meeting(meeting_id)["default_group_id"]]

    def _meeting(self, meeting_id: int) -> Fields:
        return self.uow.get("meeting", meeting_id, *self.meeting_names)


def _pairs(elements: Sequence[Fields]) -> set[Pair]:
    return {(element["id"], meeting_id) for element in elements for meeting_id in element["meeting_ids"]}
