"""Create, change and delete groups."""

from collections.abc import Iterator, Sequence

from openslides_backend.actions.group.access import MediafileAccess
from openslides_backend.actions.shared.unique import check_unique_in_meeting
from openslides_backend.engine.action import Action
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import assign_weights, weight_needs
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Group
from openslides_backend.permissions.permissions import ANONYMOUS_PERMISSIONS, Permissions, implied_by
from openslides_backend.permissions.rules import all_of, in_meeting, meeting_admin, when_given
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_RULE = all_of(in_meeting(Permissions.User.CAN_MANAGE), when_given("external_id", meeting_admin()))


def necessary_permissions(permissions: Sequence[str]) -> list[str]:
    """The permissions without repetitions and without those that another one of them contains, in order."""
    unique = list(dict.fromkeys(permissions))
    return [name for name in unique if implied_by(name).isdisjoint(set(unique) - {name})]


def _use_necessary_permissions(element: Fields) -> None:
    if element.get("permissions") is not None:
        element["permissions"] = necessary_permissions(element["permissions"])


def _in_meeting(element: Fields) -> Filter:
    return equals(meeting_id=element["meeting_id"])


def _check_external_ids(action: Action, elements: Sequence[Fields]) -> None:
    """No other group of the meeting may have the external id of an element; empty ones may repeat."""
    check_unique_in_meeting(action, [e if e.get("external_id") else {} for e in elements], "external_id")


class GroupCreate(CreateAction):
    """Create a group in a meeting; names need not be unique."""

    name = "group.create"
    model = Group
    payload = Payload(Group, required=["name", "meeting_id"], optional=["permissions", "external_id", "weight"])
    permission = _RULE

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().needs(elements), *weight_needs("group", self._unplaced(elements), _in_meeting)]

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_external_ids(self, elements)

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        placed = [element for element in elements if element.get("weight", 0) is not None]
        assign_weights(self.uow, "group", placed, _in_meeting)
        return elements

    def fill(self, element: Fields) -> None:
        _use_necessary_permissions(element)

    @staticmethod
    def _unplaced(elements: Sequence[Fields]) -> Iterator[Fields]:
        return (element for element in elements if "weight" not in element)


class GroupUpdate(UpdateAction):
    """Rename a group or change what it may do."""

    name = "group.update"
    model = Group
    payload = Payload(Group, required=["id"], optional=["name", "permissions", "external_id"])
    permission = _RULE
    stored_fields = ("external_id", "anonymous_group_for_meeting_id")

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_external_ids(self, elements)

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        for element in elements:
            _use_necessary_permissions(element)
        self.uow.prefetch(
            filter_query("meeting_user", self._locked_out(element), "group_ids")
            for element in elements
            if self._may_manage_users(element)
        )
        return elements

    def check(self, element: Fields) -> None:
        if self._may_manage_users(element):
            members = self.uow.filter("meeting_user", self._locked_out(element), "group_ids").values()
            if any(element["id"] in (member.get("group_ids") or ()) for member in members):
                raise BadRequest("permissions: a participant of the group is locked out of the meeting.")
        if "anonymous_group_for_meeting_id" not in self.uow.get("group", element["id"], *self.stored_fields):
            return
        forbidden = [name for name in element.get("permissions") or () if name not in ANONYMOUS_PERMISSIONS]
        if forbidden:
            raise BadRequest(f"permissions: {', '.join(forbidden)} can not be given to the anonymous.")
        if "name" in element:
            raise BadRequest("name: the group of the anonymous can not be renamed.")

    def _locked_out(self, element: Fields) -> Filter:
        return equals(meeting_id=self.meeting_id(element), locked_out=True)

    @staticmethod
    def _may_manage_users(element: Fields) -> bool:
        return Permissions.User.CAN_MANAGE in (element.get("permissions") or ())


class GroupDelete(DeleteAction):
    """Delete a group without participants; who may see files that it could see is calculated anew."""

    name = "group.delete"
    model = Group
    payload = Payload(Group, required=["id"])
    permission = in_meeting(Permissions.User.CAN_MANAGE)
    stored_fields = ("meeting_user_ids",)

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        self._access = MediafileAccess(self.run, self._deleted_by_meeting(elements))
        self._access.load()
        return elements

    def check(self, element: Fields) -> None:
        meeting_id = self.meeting_id(element)
        if meeting_id is not None and self.uow.is_deleting("meeting", meeting_id):
            return
        if self.uow.get("group", element["id"], "meeting_user_ids").get("meeting_user_ids"):
            raise BadRequest(f"group/{element['id']} has participants and can not be deleted.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self._access.refresh()

    def _deleted_by_meeting(self, elements: Sequence[Fields]) -> dict[int, set[int]]:
        groups: dict[int, set[int]] = {}
        for element in elements:
            meeting_id = self.meeting_id(element)
            if meeting_id is not None and not self.uow.is_deleting("meeting", meeting_id):
                groups.setdefault(meeting_id, set()).add(element["id"])
        return groups
