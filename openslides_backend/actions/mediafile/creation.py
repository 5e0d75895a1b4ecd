"""What creating directories and uploading files have in common (mediafile.md, "mediafile.create_directory")."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from openslides_backend.actions.mediafile.access import LINK_FIELDS
from openslides_backend.actions.mediafile.owned import PUBLISHED, FileAction, meeting_of_owner
from openslides_backend.actions.mediafile.placement import Placement, parent_query
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.payload import IDS, Schema
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.mediafile_access import inherit_access, parent_values
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields, Models

ACCESS_GROUPS: Schema = {**IDS, "type": ["array", "null"]}


class NewFile(Part):
    """The values of a new file that follow from its parent, and what it means to meetings."""

    action: FileAction
    payload_keys: Mapping[str, Schema] = {"access_group_ids": ACCESS_GROUPS}

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        parents = {element["parent_id"] for element in elements if element.get("parent_id") is not None}
        yield parent_query(sorted(parents))
        for parent_id in sorted(parents):
            yield filter_query("meeting_mediafile", _links_of(parent_id), *LINK_FIELDS)
        meetings = {m for m in (meeting_of_owner(element["owner_id"]) for element in elements) if m is not None}
        if meetings:
            yield GetMany("meeting", tuple(sorted(meetings)), ("id", "admin_group_id"))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return {"meeting_mediafile": sum(len(list(self._links(element))) for element in elements)}

    def fill(self, element: Fields) -> None:
        element["create_timestamp"] = self.run.now
        if (parent_id := element.get("parent_id")) is not None:
            element[PUBLISHED] = self.uow.get("mediafile", parent_id, PUBLISHED)[PUBLISHED]

    def follow_up(self, elements: Sequence[Fields]) -> None:
        links = [(link, index) for index, element in enumerate(elements) for link in self._links(element)]
        self.action.execute("meeting_mediafile.create", [link for link, _ in links], [index for _, index in links])

    def _links(self, element: Fields) -> Iterator[Fields]:
        """The `meeting_mediafile`s of a new file: in its own meeting, or where its parent has some."""
        parent_id = element.get("parent_id")
        of_parent: Models = {}
        if parent_id is not None:
            of_parent = self.uow.filter("meeting_mediafile", _links_of(parent_id), *LINK_FIELDS)
        meeting_id = meeting_of_owner(element["owner_id"])
        if meeting_id is None:
            for link in of_parent.values():
                yield self._link(element, link["meeting_id"], {}, (link["is_public"], _groups(link)))
            return
        own = next((link for link in of_parent.values() if link["meeting_id"] == meeting_id), None)
        admin_group_id = self.uow.find_fields("meeting", meeting_id, "admin_group_id")["admin_group_id"]
        given = {"access_group_ids": element["access_group_ids"]} if "access_group_ids" in element else {}
        yield self._link(element, meeting_id, given, parent_values(own, parent_id, admin_group_id))

    @staticmethod
    def _link(element: Fields, meeting_id: int, given: Fields, above: tuple[bool | None, list[int] | None]) -> Fields:
        is_public, inherited = inherit_access(given.get("access_group_ids"), *above)
        return {
            "meeting_id": meeting_id,
            "mediafile_id": element["id"],
            "is_public": is_public,
            "inherited_access_group_ids": inherited,
            **given,
        }


class CreatesFile(FileAction, CreateAction):
    """Base of the actions that create files."""

    model = Mediafile
    parts: ClassVar[tuple[Part, ...]] = (Placement(), NewFile())


def _links_of(parent_id: int) -> Filter:
    return equals(mediafile_id=parent_id)


def _groups(link: Fields) -> list[int]:
    return list(link["inherited_access_group_ids"] or ())
