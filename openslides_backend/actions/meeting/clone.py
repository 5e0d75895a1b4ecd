"""Clone meetings (meeting_clone_import.md, "meeting.clone")."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from openslides_backend.actions.meeting.arrival import Arrival
from openslides_backend.actions.meeting.checks import (
    TIMES,
    EarlyExternalId,
    RoomForOne,
    check_not_locked,
    refuse_new_rights,
)
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Author, OfMeeting, Related
from openslides_backend.engine.payload import BOOLEAN, ID, IDS, Payload
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.questions import existing, manages_committee
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import ORGANIZATION, ORGANIZATION_ID
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import FORWARDING_FIELDS, CheckMode, Data, check_data
from openslides_backend.transfer.export import export_meeting
from openslides_backend.transfer.findings import CheckFailed

_OVERRIDDEN = ("welcome_title", "description", *TIMES, "location", "name", "external_id")
_COPY = " - Copy"
_LONGEST_NAME = 100
_KEPT_OF_LONG_NAME = 90
_LEAST_WEIGHT = "0.000001"


@rule
def _may_clone(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    source = yield from existing("meeting", element.id("meeting_id"), "committee_id", "template_for_organization_id")
    target = element.optional_id("committee_id") or source.get("committee_id")
    if target != source.get("committee_id") and not source.get("template_for_organization_id"):
        return "Only templates can be cloned into another committee."
    if (yield from manages_committee(inquiry.user_id, target)):
        return None if target is None else (yield from refuse_new_rights(inquiry.user_id, element, target))
    return f"Only managers of committee {target} are."


@dataclass(slots=True)
class _Copied:
    """The files whose contents the media service has copied in any try of the batch: ids of origin and copy."""

    contents: set[tuple[int, int]] = field(default_factory=set)


class MeetingClone(Action):
    """Make a new meeting of one that is there, with everything in it. All users keep their accounts."""

    name = "meeting.clone"
    model = Meeting
    payload = Payload(
        Meeting,
        optional=["committee_id", "organization_tag_ids", *_OVERRIDDEN],
        extra_required={"meeting_id": ID},
        extra_optional={"user_ids": IDS, "admin_ids": IDS, "set_as_template": BOOLEAN},
    )
    permission = _may_clone
    singular = True
    archived_exempt = True
    parts = (EarlyExternalId(), RoomForOne(), OfMeeting("committee_id", "locked_from_inside"), Author())
    added_users = Related("user_ids", collection="user")
    added_admins = Related("admin_ids", collection="user")

    def prepare(self, elements: list[Fields]) -> None:
        self._participants: dict[int, int] = {}

    def check_early(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            check_not_locked(self.run, [element["meeting_id"]])

    def check(self, element: Fields) -> None:
        if element.get("set_as_template") and self.meeting(element)["locked_from_inside"]:
            raise InvalidField("set_as_template", "a meeting that is locked from inside can be no template.")
        self.added_users.all_of(element)
        self.added_admins.all_of(element)
        self._data = _prepared(self._snapshot(element), element, self.run.now)
        _check(self._data)
        if not element.get("set_as_template") and not element.get("admin_ids") and not _has_admins(self._data):
            raise InvalidField("admin_ids", "a meeting that is no template needs an admin.")

    def apply(self, element: Fields) -> None:
        """Write the copy, then have the contents of its files duplicated."""
        users = {user["id"]: user["id"] for user in self._data.get("user", {}).values()}
        files = self._data["mediafile"].values()
        shared = {file["id"]: file["id"] for file in files if file["owner_id"] == ORGANIZATION}
        self._arrival = Arrival(self, self._data, {"user": users, "mediafile": shared})
        element["id"] = self._arrival.meeting_id
        self._participants[element["id"]] = len(users)
        self._arrival.write(self._place(element))
        self._add_participants(element)
        self._arrival.set_participants()
        self._duplicate([file["id"] for file in files if file["id"] not in shared and not file.get("is_directory")])

    def result(self, element: Fields) -> Fields | None:
        """The id, and how many users take part, all of whom had accounts."""
        count = self._participants[element["id"]]
        return {"id": element["id"], "number_of_imported_users": count, "number_of_merged_users": count}

    def _snapshot(self, element: Fields) -> Data:
        # What the batch hasn't changed is read past the unit of work: a whole meeting is too much to be kept, and
        # locked, field by field.
        changed = any(True for _ in self.uow.changes())
        return export_meeting(
            self.uow if changed else self.run.services.datastore, element["meeting_id"], internal=True
        )

    def _place(self, element: Fields) -> Fields:
        (meeting,) = self._data["meeting"].values()
        tags = element.get("organization_tag_ids")
        if "organization_tag_ids" not in element:
            tags = list(self.uow.get_many("organization_tag", meeting.get("organization_tag_ids") or (), "id"))
        return {
            "committee_id": element.get("committee_id") or meeting.get("committee_id"),
            "is_active_in_organization_id": ORGANIZATION_ID,
            **({"organization_tag_ids": tags} if tags else {}),
            **({"template_for_organization_id": ORGANIZATION_ID} if element.get("set_as_template") else {}),
        }

    def _add_participants(self, element: Fields) -> None:
        meeting = self.uow.get("meeting", element["id"], "default_group_id", "admin_group_id")
        groups: dict[int, list[int]] = {}
        for key, group in (("user_ids", "default_group_id"), ("admin_ids", "admin_group_id")):
            for user_id in element.get(key, ()):
                groups.setdefault(user_id, []).append(self.checked(meeting[group], f"The meeting has no {group}."))
        members = self._arrival.members()
        for user_id in groups.keys() & members.keys():
            for group_id in groups.pop(user_id):
                self._arrival.join(members[user_id], group_id)
        self.execute(
            "meeting_user.create",
            [{"user_id": user, "meeting_id": element["id"], "group_ids": ids} for user, ids in groups.items()],
        )

    def _duplicate(self, files: Sequence[int]) -> None:
        copied = self.run.kept(_Copied).contents
        for id_ in files:
            copy = (id_, self._arrival.ids["mediafile"][id_])
            if copy not in copied:
                self.run.services.media.duplicate_mediafile(*copy)
                copied.add(copy)


def _prepared(data: Data, element: Fields, now: int) -> Data:
    """The snapshot, changed to what becomes of it."""
    (meeting,) = data["meeting"].values()
    name = meeting.get("name") or ""
    if len(name) + len(_COPY) > _LONGEST_NAME:
        name = f"{name[:_KEPT_OF_LONG_NAME]}..."
    meeting.update({"name": name + _COPY, "external_id": None, "imported_at": now})
    meeting.update({key: element[key] for key in _OVERRIDDEN if key in element})
    raised = set()
    for user in data.get("user", {}).values():
        if _is_too_light(user.get("default_vote_weight")):
            user["default_vote_weight"] = _LEAST_WEIGHT
            raised.add(user["id"])
    for member in data["meeting_user"].values():
        weight = member.get("vote_weight")
        if _is_too_light(weight) or (weight is None and member.get("user_id") in raised):
            member["vote_weight"] = _LEAST_WEIGHT
    return data


def _is_too_light(weight: Any) -> bool:
    try:
        return isinstance(weight, str) and Decimal(weight) < Decimal(_LEAST_WEIGHT)
    except InvalidOperation:
        return False


def _check(data: Data) -> None:
    """Raises BadRequest if the meeting isn't consistent in itself."""
    try:
        check_data(data, mode=CheckMode.INTERNAL, repair=True, fields_to_remove={"motion": FORWARDING_FIELDS})
    except CheckFailed as failure:
        raise BadRequest(f"The meeting can not be cloned, its data are not consistent:\n{failure.summary()}") from None


def _has_admins(data: Data) -> bool:
    (meeting,) = data["meeting"].values()
    group = data["group"].get(str(meeting.get("admin_group_id")), {})
    return bool(group.get("meeting_user_ids"))
