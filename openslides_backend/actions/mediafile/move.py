"""Move files into other directories."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from openslides_backend.actions.mediafile.access import LINK_FIELDS, MeetingAccess
from openslides_backend.actions.mediafile.owned import (
    PUBLISHED,
    TREE_FIELDS,
    FileAction,
    below,
    meeting_of_owner,
    tree_query,
)
from openslides_backend.actions.mediafile.placement import check_parent
from openslides_backend.actions.mediafile.publish import set_published
from openslides_backend.actions.mediafile.rules import may_manage_files
from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import IDS, Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, Models


class MediafileMove(FileAction, Action):
    """Move files of one owner into a directory, or to the root; who may see them is calculated anew."""

    name = "mediafile.move"
    model = Mediafile
    payload = Payload(Mediafile, required=["owner_id"], required_keys=["parent_id"], extra_required={"ids": IDS})
    permission = may_manage_files
    singular = True
    result_is_null = True

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        for element in elements:
            meeting_id = meeting_of_owner(element["owner_id"])
            parent_id = element["parent_id"]
            moved = tuple(element["ids"]) if parent_id is None else (*element["ids"], parent_id)
            yield GetMany("mediafile", moved, ("is_directory", *TREE_FIELDS))
            yield tree_query(element["owner_id"])
            if meeting_id is not None:
                yield filter_query("meeting_mediafile", equals(meeting_id=meeting_id), *LINK_FIELDS)
                yield GetMany("meeting", (meeting_id,), ("id", "admin_group_id"))

    def check(self, element: Fields) -> None:
        owner_id, parent_id = element["owner_id"], element["parent_id"]
        self._check_no_circle(set(element["ids"]), parent_id)
        for id_ in element["ids"]:
            file = self.uow.get("mediafile", id_, *TREE_FIELDS)
            if file[PUBLISHED] and file["parent_id"] is None:
                raise InvalidField("ids", f"mediafile/{id_} is published by itself and can not be moved.")
            if file["owner_id"] != owner_id:
                raise InvalidField("ids", f"mediafile/{id_} does not belong to {owner_id}.")
        if parent_id is not None:
            check_parent(self, parent_id, owner_id)
        if (meeting_id := meeting_of_owner(owner_id)) is not None:
            links = Counter(link["mediafile_id"] for link in self._links_of_meeting(meeting_id).values())
            for id_ in element["ids"]:
                if links[id_] != 1:
                    raise InvalidField("ids", f"mediafile/{id_} must be known to its meeting exactly once.")

    def apply(self, element: Fields) -> None:
        """Move the files, then calculate access to them and to everything below them."""
        ids, parent_id = element["ids"], element["parent_id"]
        tree = below(self.uow, ids)
        changes = [{"id": id_, "parent_id": parent_id} for id_ in ids]
        self.run.relations.load(Mediafile, changes)
        for id_ in ids:
            self.run.relations.update(Mediafile, id_, {"parent_id": parent_id})
        meeting_id = meeting_of_owner(element["owner_id"])
        if meeting_id is not None:
            self._calculate_in_meeting(meeting_id, ids, parent_id, tree)
        else:
            self._calculate_in_all_meetings(ids, parent_id, tree)

    def _check_no_circle(self, ids: Set[int], parent_id: int | None) -> None:
        seen = set[int]()
        while parent_id is not None and parent_id not in seen:
            if parent_id in ids:
                raise InvalidField("parent_id", f"mediafile/{parent_id} would be below itself.")
            seen.add(parent_id)
            parent_id = self.uow.get("mediafile", parent_id, "parent_id")["parent_id"]

    def _calculate_in_meeting(
        self, meeting_id: int, ids: Sequence[int], parent_id: int | None, tree: Sequence[int]
    ) -> None:
        access = self._access(meeting_id, self._links_of_meeting(meeting_id))
        known = {*ids, *(id_ for id_ in tree if access.has(id_))}
        for id_ in ids:
            access.calculate(id_, parent_id)
            access.pass_on(id_, self._children)
        unknown = [id_ for id_ in access.changed() if id_ not in known]
        if unknown:
            raise BadRequest(f"mediafile/{unknown[0]} is not known to its meeting.")
        access.store(self, keep_implicit=False)

    def _calculate_in_all_meetings(self, ids: Sequence[int], parent_id: int | None, tree: Sequence[int]) -> None:
        """A file is published as its directory is, and then means something where one of the two does."""
        parent = None if parent_id is None else self.uow.get("mediafile", parent_id, *TREE_FIELDS)
        state = None if parent is None else parent[PUBLISHED]
        set_published(self, [*ids, *tree], state)
        if parent_id is None or state is None:
            return
        links = self._links_of_files([parent_id, *ids, *tree])
        meetings = {m: {id_: k for id_, k in links.items() if k["meeting_id"] == m} for m in _meetings(links)}
        self.uow.load("meeting", meetings, "id", "admin_group_id")
        for meeting_id, of_meeting in meetings.items():
            access = self._access(meeting_id, of_meeting)
            for id_ in ids:
                if access.has(id_) or access.has(parent_id):
                    access.calculate(id_, parent_id)
                    access.pass_on(id_, self._children)
            access.store(self, keep_implicit=False)

    def _access(self, meeting_id: int, links: Models) -> MeetingAccess:
        admin_group_id = self.uow.find_fields("meeting", meeting_id, "admin_group_id")["admin_group_id"]
        return MeetingAccess(meeting_id, links, admin_group_id)

    def _links_of_meeting(self, meeting_id: int) -> Models:
        # The meeting of a link never changes, so that one lock a field does for all of them.
        return self.uow.filter("meeting_mediafile", equals(meeting_id=meeting_id), *LINK_FIELDS, constant=True)

    def _links_of_files(self, files: Sequence[int]) -> Models:
        stored = self.uow.get_many("mediafile", files, "meeting_mediafile_ids").values()
        ids = dict.fromkeys(id_ for file in stored for id_ in file["meeting_mediafile_ids"] or ())
        return self.uow.get_many("meeting_mediafile", ids, *LINK_FIELDS)

    def _children(self, file: int) -> list[int]:
        return list(self.uow.find_fields("mediafile", file, "child_ids")["child_ids"] or ())


def _meetings(links: Models) -> list[int]:
    return list(dict.fromkeys(link["meeting_id"] for link in links.values() if link["meeting_id"] is not None))
