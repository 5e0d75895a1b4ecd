"""Put a user into many meetings (user.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import IDS, Payload
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import User
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, together
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import level_of, manages_meeting
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.permissions.user_fields import takes_over
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.typing import Fields

_MEETING = ("id", "is_active_in_organization_id", "name", "locked_from_inside", "default_group_id", "committee_id")
_GROUP = ("meeting_id", "name", "anonymous_group_for_meeting_id")


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


@dataclass(slots=True)
class _Outcome:
    """The meetings of one element, by what was done."""

    succeeded: list[int] = field(default_factory=list)
    standard_group: list[int] = field(default_factory=list)
    nothing: list[int] = field(default_factory=list)

    def as_result(self) -> Fields:
        return {name: sorted(getattr(self, name)) for name in ("succeeded", "standard_group", "nothing")}


class UserAssignMeetings(Action):
    """Put a user into the group of a given name in many meetings; without such a group into the default one."""

    name = "user.assign_meetings"
    model = User
    payload = Payload(User, required=["id"], extra_required={"meeting_ids": IDS, "group_name": {"type": "string"}})
    permission = _manages_all_meetings

    def meeting_ids(self, element: Fields) -> list[int]:
        return list(element["meeting_ids"])

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        meetings = tuple(sorted({id_ for element in elements for id_ in element["meeting_ids"]}))
        queries: list[Query] = [GetMany("meeting", meetings, _MEETING)] if meetings else []
        queries += [filter_query("group", filter_, *_GROUP) for e in elements if (filter_ := _named_groups(e))]
        users = tuple(sorted({element["id"] for element in elements}))
        return [
            *queries,
            GetMany("user", users, ("id", "meeting_ids")),
            *participation_needs(self.uow, _pairs(elements)),
        ]

    def prepare(self, elements: list[Fields]) -> None:
        self._members = participations(self.uow, _pairs(elements))
        self._groups = {pair: list(member.get("group_ids") or ()) for pair, member in self._members.items()}
        self._changed: dict[Pair, Fields] = {}
        self._outcomes: dict[int, _Outcome] = {}

    def check(self, element: Fields) -> None:
        user, named = self.uow.get("user", element["id"], "meeting_ids"), self._named(element)
        for meeting_id in element["meeting_ids"]:
            meeting = self.uow.get("meeting", meeting_id, *_MEETING)
            if meeting["locked_from_inside"]:
                raise InvalidField("meeting_ids", f"meeting/{meeting_id} is locked from inside.")
            if meeting["default_group_id"] is None and self._needs_default(element, user, named, meeting_id):
                raise BadRequest(f"meeting/{meeting_id} has no default group.")

    def apply(self, element: Fields) -> None:
        """Decide for all meetings of the element; what follows is done for all elements together."""
        outcome = self._outcomes[id(element)] = _Outcome()
        user, named = self.uow.get("user", element["id"], "meeting_ids"), self._named(element)
        for meeting_id in element["meeting_ids"]:
            if meeting_id in named:
                outcome.succeeded.append(meeting_id)
                self._add(element, meeting_id, named[meeting_id])
            elif self._needs_default(element, user, named, meeting_id):
                outcome.standard_group.append(meeting_id)
                default = self.uow.get("meeting", meeting_id, *_MEETING)["default_group_id"]
                self._add(element, meeting_id, [default])
            else:
                outcome.nothing.append(meeting_id)

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
        return self._outcomes[id(element)].as_result()

    def _needs_default(
        self, element: Fields, user: Fields, named: Mapping[int, Sequence[int]], meeting_id: int
    ) -> bool:
        """Whether the user comes into the meeting without a group of the wanted name."""
        takes_part = meeting_id in (user.get("meeting_ids") or ()) or (element["id"], meeting_id) in self._changed
        return meeting_id not in named and not takes_part

    def _add(self, element: Fields, meeting_id: int, candidates: Sequence[int]) -> None:
        """Add one of the groups unless the user is in one of them."""
        pair = (element["id"], meeting_id)
        groups = self._groups.setdefault(pair, [])
        if not set(candidates).intersection(groups):
            groups.append(candidates[-1])
            self._changed.setdefault(pair, element)

    def _named(self, element: Fields) -> dict[int, list[int]]:
        """The groups of the given name by meeting."""
        found: dict[int, list[int]] = {}
        filter_ = _named_groups(element)
        groups = self.uow.filter("group", filter_, *_GROUP) if filter_ else {}
        for group_id, group in groups.items():
            if not group.get("anonymous_group_for_meeting_id"):
                found.setdefault(group["meeting_id"], []).append(group_id)
        return found


def _named_groups(element: Fields) -> Filter | None:
    if not element["meeting_ids"]:
        return None
    return And(any_of("meeting_id", element["meeting_ids"]), equals(name=element["group_name"]))


def _pairs(elements: Sequence[Fields]) -> set[Pair]:
    return {(element["id"], meeting_id) for element in elements for meeting_id in element["meeting_ids"]}
