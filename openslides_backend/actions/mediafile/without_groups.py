"""Who may see a meeting's files once groups are gone (group.md, "group.delete", effects)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.mediafile.access import LINK_FIELDS, MeetingAccess
from openslides_backend.engine.action import Part
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields, Models


class AccessWithoutGroups(Part):
    """Calculates anew what the groups that are being deleted had a part in; not where the meeting goes as well."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        meetings = sorted({element["meeting_id"] for element in elements if element["meeting_id"] is not None})
        remaining = [meeting_id for meeting_id in meetings if not self.uow.is_deleting("meeting", meeting_id)]
        if remaining:
            yield GetMany("meeting", tuple(remaining), ("id", "admin_group_id"))
        for meeting_id in remaining:
            yield filter_query("meeting_mediafile", _of_meeting(meeting_id), *LINK_FIELDS)

    def prepare(self, elements: list[Fields]) -> None:
        self._gone = dict[int, set[int]]()
        for element in elements:
            meeting_id = self.action.meeting_id(element)
            if meeting_id is not None and not self.uow.is_deleting("meeting", meeting_id):
                self._gone.setdefault(meeting_id, set()).add(element["id"])
        # Before the groups are taken out of the lists.
        self._access = {meeting_id: self._stored_access(meeting_id) for meeting_id in self._gone}

    def follow_up(self, elements: Sequence[Fields]) -> None:
        for meeting_id, access in self._access.items():
            access.take_away(self._gone[meeting_id], self._parent)
            access.store(self.action, keep_implicit=False)

    def _stored_access(self, meeting_id: int) -> MeetingAccess:
        links: Models = self.uow.filter("meeting_mediafile", _of_meeting(meeting_id), *LINK_FIELDS, constant=True)
        files = {link["mediafile_id"] for link in links.values() if link["mediafile_id"] is not None}
        self.uow.load("mediafile", sorted(files), "id", "parent_id")
        admin_group_id = self.uow.find_fields("meeting", meeting_id, "admin_group_id")["admin_group_id"]
        return MeetingAccess(meeting_id, links, admin_group_id)

    def _parent(self, file: int) -> int | None:
        parent_id: int | None = self.uow.find_fields("mediafile", file, "parent_id")["parent_id"]
        return parent_id


def _of_meeting(meeting_id: int) -> Filter:
    return equals(meeting_id=meeting_id)
