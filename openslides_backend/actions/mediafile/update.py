"""Rename files, and change who may see them."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.mediafile.access import LINK_FIELDS, MeetingAccess
from openslides_backend.actions.mediafile.creation import ACCESS_GROUPS
from openslides_backend.actions.mediafile.owned import FileAction, below, peek_owners_of_parents, tree_query
from openslides_backend.actions.mediafile.placement import Placement
from openslides_backend.actions.mediafile.rules import may_change_file
from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields


class ChangedAccess(Part):
    """New access groups in a meeting, and what follows for everything below the file there."""

    action: FileAction

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        concerned = [element for element in elements if _concerns_access(element)]
        meetings = sorted({element["meeting_id"] for element in concerned})
        if meetings:
            yield GetMany("meeting", tuple(meetings), ("id", "admin_group_id"))
        for meeting_id in meetings:
            yield filter_query("meeting_mediafile", equals(meeting_id=meeting_id), *LINK_FIELDS)
        for owner_id in dict.fromkeys(peek_owners_of_parents(self.uow, (element["id"] for element in concerned))):
            yield tree_query(owner_id)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        changed: dict[int, MeetingAccess] = {}
        for element in elements:
            if not _concerns_access(element):
                continue
            meeting_id, file = element["meeting_id"], element["id"]
            access = changed.get(meeting_id) or changed.setdefault(meeting_id, self._access(meeting_id))
            below(self.uow, [file])
            access.set_groups(file, list(element["access_group_ids"] or ()))
            access.calculate(file, self.action.stored(element)["parent_id"])
            access.pass_on(file, self._children)
        for access in changed.values():
            access.store(self.action, keep_implicit=True)

    def _access(self, meeting_id: int) -> MeetingAccess:
        # The meeting of a link never changes, so that one lock a field does for all of them.
        links = self.uow.filter("meeting_mediafile", equals(meeting_id=meeting_id), *LINK_FIELDS, constant=True)
        admin_group_id = self.uow.find_fields("meeting", meeting_id, "admin_group_id")["admin_group_id"]
        return MeetingAccess(meeting_id, links, admin_group_id)

    def _children(self, file: int) -> list[int]:
        return list(self.uow.find_fields("mediafile", file, "child_ids")["child_ids"] or ())


class MediafileUpdate(FileAction, UpdateAction):
    """Change title or token of a file, or who may see it in a meeting."""

    name = "mediafile.update"
    model = Mediafile
    payload = Payload(
        Mediafile,
        required=["id"],
        optional=["title", "token"],
        extra_optional={"meeting_id": ID, "access_group_ids": ACCESS_GROUPS},
    )
    permission = may_change_file
    result_is_null = True
    parts = (Placement(), ChangedAccess(), Stored("child_ids"))

    def check_early(self, elements: Sequence[Fields]) -> None:
        for index, element in enumerate(elements):
            with blaming(index):
                if "access_group_ids" in element and "meeting_id" not in element:
                    raise InvalidField("access_group_ids", "a 'meeting_id' is needed, too.")


def _concerns_access(element: Fields) -> bool:
    return "access_group_ids" in element and "meeting_id" in element
