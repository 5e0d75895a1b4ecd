"""Create, change and delete groups."""

from collections.abc import Sequence

from openslides_backend.actions.mediafile.without_groups import AccessWithoutGroups
from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.action import Known, Part
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.parts import Matching, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Group
from openslides_backend.permissions.permissions import ANONYMOUS_PERMISSIONS, Permissions, implied_by
from openslides_backend.permissions.rules import all_of, in_meeting, meeting_admin, when_given
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_RULE = all_of(in_meeting(Permissions.User.CAN_MANAGE), when_given("external_id", meeting_admin()))


def necessary_permissions(permissions: Sequence[str]) -> list[str]:
    """The permissions without repetitions and without those that another one of them contains, in order."""
    unique = list(dict.fromkeys(permissions))
    return [name for name in unique if implied_by(name).isdisjoint(set(unique) - {name})]


def _locked_out_if_promoted(element: Known) -> Filter | None:
    """The participants who are locked out of the meeting, if the group may manage users from now on."""
    if Permissions.User.CAN_MANAGE not in necessary_permissions(element["permissions"] or ()):
        return None
    return equals(meeting_id=element["meeting_id"], locked_out=True)


_UNIQUE_EXTERNAL_ID = UniqueInMeeting("external_id", early=True)


class _Permissions(Part):
    """Of the permissions that are given only the necessary ones are stored."""

    def fill(self, element: Fields) -> None:
        if element.get("permissions") is not None:
            element["permissions"] = necessary_permissions(element["permissions"])


class GroupCreate(CreateAction):
    """Create a group in a meeting; names need not be unique."""

    name = "group.create"
    model = Group
    payload = Payload(Group, required=["name", "meeting_id"], optional=["permissions", "external_id", "weight"])
    permission = _RULE

    parts = (_UNIQUE_EXTERNAL_ID, NextWeight("meeting_id", null_stays=True), _Permissions())


class GroupUpdate(UpdateAction):
    """Rename a group or change what it may do."""

    name = "group.update"
    model = Group
    payload = Payload(Group, required=["id"], optional=["name", "permissions", "external_id"])
    permission = _RULE
    parts = (_UNIQUE_EXTERNAL_ID, Stored("anonymous_group_for_meeting_id"), _Permissions())
    locked_out = Matching("meeting_user", _locked_out_if_promoted, "group_ids")

    def check(self, element: Fields) -> None:
        members = self.locked_out.of(element).values()
        if any(element["id"] in (member["group_ids"] or ()) for member in members):
            raise InvalidField("permissions", "a participant of the group is locked out of the meeting.")
        if self.stored(element)["anonymous_group_for_meeting_id"] is None:
            return
        permissions = necessary_permissions(element.get("permissions") or ())
        forbidden = [name for name in permissions if name not in ANONYMOUS_PERMISSIONS]
        if forbidden:
            raise InvalidField("permissions", f"{', '.join(forbidden)} can not be given to the anonymous.")
        if "name" in element:
            raise InvalidField("name", "the group of the anonymous can not be renamed.")


class GroupDelete(DeleteAction):
    """Delete a group without participants; who may see files that it could see is calculated anew."""

    name = "group.delete"
    model = Group
    permission = in_meeting(Permissions.User.CAN_MANAGE)
    parts = (Stored("meeting_user_ids"), AccessWithoutGroups())

    def check(self, element: Fields) -> None:
        meeting_id = self.meeting_id(element)
        if meeting_id is not None and self.uow.is_deleting("meeting", meeting_id):
            return
        if self.stored(element)["meeting_user_ids"]:
            raise BadRequest(f"group/{element['id']} has participants and can not be deleted.")
