"""No meeting loses its last admin (user_permissions.md, section 13).

Both parts judge all elements together; whoever leaves an admin group that is emptied this way is to blame.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.actions.user.fields import account_pairs
from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_MEETING = ("admin_group_id", "template_for_organization_id")
_GROUP = ("admin_group_for_meeting_id", "meeting_user_ids")
_MEMBER = ("group_ids", "meeting_id")


class _AdminsStay(Part):
    """Admin groups that have members must not be left by all of them, unless an element gives them to somebody."""

    def left(self, element: Fields) -> Iterator[Pair]:
        """The admin groups that an element takes away, each with the meeting_user who leaves it; 0: nobody does."""
        raise NotImplementedError

    def prepare(self, elements: list[Fields]) -> None:
        gone: defaultdict[int, set[int]] = defaultdict(set)
        for group_id, member_id in chain.from_iterable(map(self.left, elements)):
            gone[group_id].add(member_id)
        kept = {group_id for element in elements for group_id in element.get("group_ids") or ()}
        self._emptied = {id_ for id_ in gone.keys() - kept if self._is_emptied(id_, gone[id_])}

    def check(self, element: Fields) -> None:
        for group_id, _ in self.left(element):
            if group_id in self._emptied:
                raise InvalidField("group_ids", f"The admin group group/{group_id} would lose its last member.")

    def _is_emptied(self, group_id: int, gone: set[int]) -> bool:
        members = self.uow.find_fields("group", group_id, *_GROUP)["meeting_user_ids"]
        return bool(members) and gone.issuperset(members)


class LastAdminStays(_AdminsStay):
    """Elements that give groups in meetings must not empty admin groups; templates may do without admins."""

    meeting_fields = _MEETING

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield from participation_needs(self.uow, account_pairs(elements))
        meetings = ((element, self.action.peek_meeting(element)) for element in elements)
        lost = {_lost_group(element, meeting) for element, meeting in meetings if meeting is not None}
        yield models_query("group", lost, *_GROUP)

    def prepare(self, elements: list[Fields]) -> None:
        self._members = participations(self.uow, account_pairs(elements))
        super().prepare(elements)

    def left(self, element: Fields) -> Iterator[Pair]:
        if group_id := _lost_group(element, self.action.meeting(element)):
            member = self._members.get((element["id"], element["meeting_id"]))
            yield group_id, member["id"] if member else 0


class LastAdminIsNotDeleted(_AdminsStay):
    """The accounts that are deleted must not be all admins of a meeting; templates may do without admins."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        accounts = [element["id"] for element in elements]
        yield models_query("user", accounts, "meeting_user_ids")
        members = ids_in(self.uow.peek_all("user", accounts, "meeting_user_ids"), "meeting_user_ids")
        yield models_query("meeting_user", members, *_MEMBER)
        known = self.uow.peek_all("meeting_user", members, *_MEMBER)
        yield models_query("group", ids_in(known, "group_ids"), *_GROUP)
        yield models_query("meeting", ids_in(known, "meeting_id"), *_MEETING)

    def left(self, element: Fields) -> Iterator[Pair]:
        user = self.uow.find_fields("user", element["id"], "meeting_user_ids")
        members = self.uow.get_many("meeting_user", user["meeting_user_ids"] or (), *_MEMBER)
        for member_id, group_id in ((id_, group_id) for id_, m in members.items() for group_id in m["group_ids"] or ()):
            meeting_id = self.uow.find_fields("group", group_id, *_GROUP)["admin_group_for_meeting_id"]
            if meeting_id is not None and not self._is_template(meeting_id):
                yield group_id, member_id

    def _is_template(self, meeting_id: int) -> bool:
        return bool(self.uow.find_fields("meeting", meeting_id, *_MEETING)["template_for_organization_id"])


def _lost_group(element: Fields, meeting: ReadOnlyFields) -> int | None:
    """The admin group that isn't among the groups which the element gives."""
    group_id: int | None = meeting["admin_group_id"]
    given = element.get("group_ids")
    return None if given is None or group_id in given or meeting["template_for_organization_id"] else group_id
