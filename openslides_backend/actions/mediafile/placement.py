"""Where files are, what they are called and who may see them: checks (mediafile.md, "Checks of ...")."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.mediafile.owned import PUBLISHED, FileAction, meeting_of_owner
from openslides_backend.engine.action import Part
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.fqid import ORGANIZATION
from openslides_backend.shared.typing import Fields

_PARENT = ("id", "is_directory", "owner_id", "parent_id", PUBLISHED)


def parent_query(ids: Iterable[int | None]) -> GetMany:
    """The query for what is asked of directories that files are put into."""
    return GetMany("mediafile", tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None)), _PARENT)


def check_parent(action: FileAction, parent_id: int, owner_id: str) -> None:
    """Raises BadRequest unless the parent is a directory of this owner."""
    parent = action.uow.get("mediafile", parent_id, *_PARENT)
    if not parent["is_directory"]:
        raise InvalidField("parent_id", f"mediafile/{parent_id} is no directory.")
    if parent["owner_id"] != owner_id:
        raise InvalidField("parent_id", f"mediafile/{parent_id} does not belong to {owner_id}.")


class Placement(Part):
    """The checks that creating, uploading and changing files have in common."""

    stored_fields = ("owner_id", "parent_id", PUBLISHED)
    action: FileAction

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield parent_query(self._peek_parent(element) for element in elements)
        groups = {group for element in elements for group in element.get("access_group_ids") or ()}
        if groups:
            yield GetMany("group", tuple(sorted(groups)), ("id", "meeting_id"))
        for element in elements:
            if element.get("title") and (place := self._peek_place(element)) is not None:
                yield filter_query("mediafile", _same_title(*place, element["title"]), "id")
            if element.get("token"):
                yield filter_query("mediafile", same_token(element["token"]), "id")

    def check(self, element: Fields) -> None:
        owner_id = self.action.owner(element)
        if element.get("parent_id") is not None:
            check_parent(self.action, element["parent_id"], owner_id)
        self._check_title(element, owner_id)
        meeting_id = meeting_of_owner(owner_id)
        if meeting_id is None:
            self._check_of_organization(element)
        else:
            self._check_of_meeting(element, meeting_id)

    def parent_id(self, element: Fields) -> int | None:
        """The directory that the element's file is in, or is going to be."""
        if "owner_id" in element:
            return element.get("parent_id")
        parent_id: int | None = self.action.stored(element)["parent_id"]
        return parent_id

    def _check_title(self, element: Fields, owner_id: str) -> None:
        if not element.get("title"):
            return
        named = _same_title(owner_id, self.parent_id(element), element["title"])
        if any(id_ != element["id"] for id_ in self.uow.filter("mediafile", named, "id")):
            raise InvalidField("title", "there is a file with this title in the directory already.")

    def _check_of_organization(self, element: Fields) -> None:
        if element.get("token"):
            holders = self.uow.filter("mediafile", same_token(element["token"]), "id")
            if any(id_ != element["id"] for id_ in holders):
                raise InvalidField("token", "it is used by another file.")
        if "access_group_ids" not in element:
            return
        if "meeting_id" not in element or not self._is_published(element):
            raise InvalidField("access_group_ids", "only meetings that the file is published to have access groups.")
        self._check_groups(element, element["meeting_id"])

    def _is_published(self, element: Fields) -> bool:
        stored = self.action.stored(element)
        parent_id = stored["parent_id"]
        parent = None if parent_id is None else self.uow.find("mediafile", parent_id, *_PARENT)
        return bool(stored[PUBLISHED] or (parent is not None and parent[PUBLISHED]))

    def _check_of_meeting(self, element: Fields, meeting_id: int) -> None:
        if "token" in element:
            raise InvalidField("token", "files of meetings have none.")
        self._check_groups(element, meeting_id)
        if element.get("meeting_id", meeting_id) != meeting_id:
            raise InvalidField("meeting_id", f"the file belongs to meeting {meeting_id}.")

    def _check_groups(self, element: Fields, meeting_id: int) -> None:
        for group in element.get("access_group_ids") or ():
            if self.uow.get("group", group, "id", "meeting_id")["meeting_id"] != meeting_id:
                raise InvalidField("access_group_ids", f"group/{group} does not belong to meeting {meeting_id}.")

    def _peek_parent(self, element: Fields) -> int | None:
        place = self._peek_place(element)
        return None if place is None else place[1]

    def _peek_place(self, element: Fields) -> tuple[str, int | None] | None:
        if "owner_id" in element:
            return element["owner_id"], element.get("parent_id")
        stored = self.uow.peek("mediafile", element["id"], "owner_id", "parent_id")
        return None if stored is None or stored["owner_id"] is None else (stored["owner_id"], stored["parent_id"])


def same_token(token: str) -> Filter:
    """The files of the organization with a token."""
    return equals(owner_id=ORGANIZATION, token=token)


def _same_title(owner_id: str, parent_id: int | None, title: str) -> Filter:
    return equals(owner_id=owner_id, parent_id=parent_id, title=title)
