"""Import meetings from elsewhere (meeting_clone_import.md, "meeting.import")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openslides_backend.actions.meeting.arrival import Arrival
from openslides_backend.actions.meeting.checks import RoomForOne
from openslides_backend.actions.meeting.import_files import check_files, upload_files
from openslides_backend.actions.meeting.import_users import ImportedUsers
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Author, Organization
from openslides_backend.engine.payload import Payload
from openslides_backend.migrations.engine import migrate_meeting
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.findings import CheckFailed
from openslides_backend.transfer.reception import Received, judge, prepare, receive


@dataclass(slots=True)
class _Judged:
    """The object of the batch once it is judged, which further tries needn't do again."""

    received: Received | None = None


class MeetingImport(Action):
    """Make a new meeting of an exported one, with accounts for those of its users who have none here."""

    name = "meeting.import"
    model = Meeting
    payload = Payload(Meeting, required=["committee_id"], extra_required={"meeting": {"type": "object"}})
    permission = oml(Level.SUPERADMIN)
    singular = True
    archived_exempt = True
    withheld = ("meeting",)
    parts = (RoomForOne(), Organization("limit_of_users"), Author())

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [GetMany("committee", tuple(element["committee_id"] for element in elements), ("id",))]

    def check(self, element: Fields) -> None:
        self._received = self._judged(element["meeting"])
        data = self._received.data
        meeting = self._received.meeting
        if str(meeting.get("admin_group_id")) not in data.get("group", {}):
            raise BadRequest(f"meeting/{meeting['id']}/admin_group_id: the meeting needs an admin group.")
        if (external_id := meeting.get("external_id")) and self.uow.any("meeting", equals(external_id=external_id)):
            raise BadRequest(f"meeting/{meeting['id']}/external_id: there is a meeting '{external_id}' already.")
        self._users = ImportedUsers(self, data.get("user", {}).values())
        self._users.check()

    def apply(self, element: Fields) -> None:
        """Write the meeting and its new users, and hand over its files."""
        data, meeting = self._received.data, self._received.meeting
        meeting.update({"enable_anonymous": False, "imported_at": self.run.now})
        self._users.name()
        arrival = Arrival(self, data, {"user": self._users.merged})
        element["id"] = arrival.meeting_id
        arrival.write({"committee_id": element["committee_id"], "is_active_in_organization_id": ORGANIZATION_ID})
        self._users.write(arrival.ids["user"], self._received.genders)
        self._admit_author(arrival)
        arrival.set_participants()
        upload_files(self, self._received, arrival.ids["mediafile"])

    def result(self, element: Fields) -> Fields | None:
        """The id, and how many users take part, and how many of them had accounts."""
        return {
            "id": element["id"],
            "number_of_imported_users": len(self._received.data.get("user", {})),
            "number_of_merged_users": len(self._users.merged),
        }

    def _judged(self, data: Fields) -> Received:
        """The object, judged and changed to what is going to be written, up to the new ids.

        Raises BadRequest.
        """
        kept = self.run.kept(_Judged)
        if kept.received is None:
            try:
                kept.received = _judged(data)
            except CheckFailed as failure:
                raise BadRequest(f"The meeting can not be imported:\n{failure.summary()}") from None
        return kept.received

    def _admit_author(self, arrival: Arrival) -> None:
        """The requesting user becomes an admin of the meeting, which isn't told."""
        if self.run.user_id <= ANONYMOUS:
            return
        group_id = self.uow.get("meeting", arrival.meeting_id, "admin_group_id")["admin_group_id"]
        members = arrival.members()
        if self.run.user_id in members:
            arrival.join(members[self.run.user_id], group_id)
            return
        told = self.run.history.mark()
        self.execute(
            "meeting_user.create",
            [{"user_id": self.run.user_id, "meeting_id": arrival.meeting_id, "group_ids": [group_id]}],
        )
        self.run.history.forget_since(told)
        self.uow.add_to("organization", ORGANIZATION_ID, "user_ids", self.run.user_id)


def _judged(data: Fields) -> Received:
    """Raises CheckFailed, or BadRequest if the data can't be migrated."""
    received = receive(data)
    meeting = received.meeting
    if meeting.get("locked_from_inside"):
        raise CheckFailed([f"meeting/{meeting['id']}/locked_from_inside: such a meeting can not be imported"])
    migrate_meeting(data)
    prepare(received)
    judge(received)
    check_files(received)
    return received
