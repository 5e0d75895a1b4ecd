"""People of motions: what submitters, editors, working group speakers and supporters share (motion_people.md)."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from openslides_backend.engine.action import Action, Part, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.numbering import NextWeight
from openslides_backend.engine.parts import Matching, ids_in, same
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.base import Model
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

LINK = ("motion_id", "meeting_user_id")
"""The fields by which a model names a motion and one of its people."""

_MEMBER = ("id", "meeting_id", "user_id")
_USER = ("id", "meeting_ids", "organization_management_level")


def new_person_payload(model: type[Model]) -> Payload:
    """Payload of a create action of people who have an order."""
    return Payload(model, required=LINK, optional=["weight"])


def new_weight_payload(model: type[Model]) -> Payload:
    """Payload of an update action of people who have an order."""
    return Payload(model, required=["id"], required_keys=["weight"])


class _PersonOfMeeting(Part):
    """Whom motions are linked with: users who belong to the meeting, or have a high level ("P2", checks 1 and 2)."""

    action: "CreatePerson"

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield models_query("meeting_user", ids_in(elements, "meeting_user_id"), *_MEMBER)
        for element in elements:
            member = self.uow.peek("meeting_user", element["meeting_user_id"] or 0, *_MEMBER)
            if member is None or member["user_id"] is None or self._is_trusted():
                continue
            yield models_query("user", [member["user_id"]], *_USER)
            user, meeting_id = self.uow.peek("user", member["user_id"], *_USER), element["meeting_id"]
            if (
                user
                and meeting_id
                and (meeting_id not in (user["meeting_ids"] or ()) or _is_elsewhere(member, element))
            ):
                yield filter_query("meeting_user", _in_meeting(member["user_id"], meeting_id), "group_ids")

    def check(self, element: Fields) -> None:
        self.uow.get("motion", element["motion_id"], "id")
        member = self.uow.get("meeting_user", element["meeting_user_id"], *_MEMBER)
        if not self._belongs(member, element):
            fqid = make_fqid("meeting_user", element["meeting_user_id"])
            raise BadRequest(f"meeting_user_id: the user of {fqid} does not belong to meeting {element['meeting_id']}.")

    def _is_trusted(self) -> bool:
        return self.action.trusts_insiders and (self.action.nested or self.run.context.internal)

    def _belongs(self, member: ReadOnlyFields, element: Fields) -> bool:
        user_id, meeting_id = member["user_id"], element["meeting_id"]
        if self._is_trusted():
            return not _is_elsewhere(member, element)
        if user_id is None:
            return False
        user = self.uow.get("user", user_id, *_USER)
        if _is_elsewhere(member, element):
            # Only where the data lack the participation in this meeting may that in another one stand for the person.
            listed = meeting_id in (user["meeting_ids"] or ())
            return listed and not self.uow.any("meeting_user", _in_meeting(user_id, meeting_id))
        level = Level.of(user["organization_management_level"])
        return level >= Level.CAN_MANAGE_ORGANIZATION or self.run.relations.takes_part(user_id, meeting_id)


def _is_elsewhere(member: ReadOnlyFields, element: Fields) -> bool:
    return member["meeting_id"] not in (None, element["meeting_id"])


def _in_meeting(user_id: int, meeting_id: int) -> Filter:
    return equals(user_id=user_id, meeting_id=meeting_id)


class _LinkedOnce(Matching):
    """Nobody is linked with a motion twice in the same way ("P2", check 3)."""

    def __init__(self) -> None:
        super().__init__("", same(*LINK), *LINK)

    def check(self, element: Fields) -> None:
        if self.of(element):
            member = make_fqid("meeting_user", element["meeting_user_id"])
            raise BadRequest(f"meeting_user_id: {member} is {self.collection} of the motion already.")


class CreatePerson(CreateAction):
    """Link a motion with somebody."""

    meeting_source = "motion_id"
    parts: ClassVar[tuple[Part, ...]] = (_PersonOfMeeting(), _LinkedOnce())
    trusts_insiders: ClassVar[bool] = False
    """Whether other actions and internal requests may link somebody who doesn't belong to the meeting."""


class CreateOrderedPerson(CreatePerson):
    """Link a motion with somebody, as the last of those who are linked in this way."""

    permission = in_meeting_of("motion_id", Permissions.Motion.CAN_MANAGE_METADATA)
    parts = (NextWeight("motion_id"),)


class DeletePerson(DeleteAction):
    """Take somebody away from a motion; the weights of the others stay."""

    permission = in_meeting(Permissions.Motion.CAN_MANAGE_METADATA)


class SortPeople(LinearSortAction):
    """Give all people who are linked with a motion in this way a new order."""

    permission = in_meeting_of("motion_id", Permissions.Motion.CAN_MANAGE_METADATA)
    meeting_source = "motion_id"
    main_key = main_field = "motion_id"

    def scope(self, element: Fields) -> Filter | None:
        meeting_id = self.meeting_id(element)
        return None if meeting_id is None else equals(motion_id=element["motion_id"], meeting_id=meeting_id)

    def require(self, element: Fields) -> None:
        self.uow.get("motion", element["motion_id"], "id")


class UpdatePerson(UpdateAction):
    """Give somebody another weight, when accounts are merged."""

    visibility = Visibility.BACKEND_INTERNAL


def tell_motions(action: Action, elements: Sequence[Fields], text: str) -> None:
    """Tell the motions of people, once a motion; not those that come or go together with their people."""
    collection = action.model.collection
    ids = (action.uow.last_value(collection, element["id"], "motion_id") for element in elements)
    for motion_id in dict.fromkeys(ids):
        new_or_gone = motion_id is None or (
            action.uow.is_created("motion", motion_id) or action.uow.is_deleting("motion", motion_id)
        )
        if not new_or_gone:
            action.tell(make_fqid("motion", motion_id), text)
