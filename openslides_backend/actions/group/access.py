"""Who may see a meeting's files once groups are gone (group.md, "Formula for access to a meeting_mediafile")."""

from collections.abc import Iterator, Mapping

from openslides_backend.engine.run import Run
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.mediafile_access import inherit_access, parent_values
from openslides_backend.models.models import MeetingMediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, Models

_FIELDS = ("meeting_id", "mediafile_id", "is_public", "access_group_ids", "inherited_access_group_ids")


class MediafileAccess:
    """Calculates the access to files anew that some groups, given by meeting, had a part in."""

    def __init__(self, run: Run, deleted: Mapping[int, set[int]]) -> None:
        self._run = run
        self._uow = run.uow
        self._deleted = deleted

    def load(self) -> None:
        """Read all that `refresh` needs, in two round trips."""
        queries: list[Query] = [self._query(meeting_id) for meeting_id in self._deleted]
        self._uow.prefetch(queries)
        files = {m["mediafile_id"] for id_ in self._deleted for m in self._links(id_).values() if "mediafile_id" in m}
        self._uow.load("mediafile", sorted(files), "id", "parent_id")
        self._uow.load("meeting", sorted(self._deleted), "id", "admin_group_id")

    def refresh(self) -> None:
        """Write the new values; the groups are being deleted."""
        changes = [change for meeting_id in self._deleted for change in self._changes(meeting_id)]
        self._run.relations.load(MeetingMediafile, changes)
        for change in changes:
            id_ = change.pop("id")
            self._run.relations.update(MeetingMediafile, id_, change)

    @staticmethod
    def _query(meeting_id: int) -> Query:
        return filter_query("meeting_mediafile", equals(meeting_id=meeting_id), *_FIELDS)

    def _links(self, meeting_id: int) -> Models:
        return self._uow.filter("meeting_mediafile", equals(meeting_id=meeting_id), *_FIELDS)

    def _changes(self, meeting_id: int) -> Iterator[Fields]:
        """The new values of the files that the groups could see, and of those below them, parents first."""
        links, gone = self._links(meeting_id), self._deleted[meeting_id]
        of_file = {link["mediafile_id"]: id_ for id_, link in links.items() if "mediafile_id" in link}
        parents = {id_: self._parent(link) for id_, link in links.items()}
        children: dict[int | None, list[int]] = {}
        for id_, parent in parents.items():
            children.setdefault(of_file.get(parent) if parent else None, []).append(id_)
        admin_group = self._uow.get("meeting", meeting_id, "admin_group_id").get("admin_group_id")
        pending = [(id_, False) for id_ in children.get(None, ())]
        while pending:
            id_, is_below = pending.pop()
            link = links[id_]
            lists = (link.get("access_group_ids") or (), link.get("inherited_access_group_ids") or ())
            affected = is_below or any(group in gone for groups in lists for group in groups)
            pending += [(child, affected) for child in children.get(id_, ())]
            if not affected:
                continue
            own = [group for group in lists[0] if group not in gone]
            parent = parents[id_]
            above = None if parent is None or parent not in of_file else links[of_file[parent]]
            is_public, inherited = inherit_access(own, *parent_values(above, parent, admin_group))
            # The children look at it here.
            link.update(is_public=is_public, inherited_access_group_ids=inherited)
            yield {"id": id_, "is_public": is_public, "inherited_access_group_ids": inherited}

    def _parent(self, link: Fields) -> int | None:
        if "mediafile_id" not in link:
            return None
        parent: int | None = self._uow.find_fields("mediafile", link["mediafile_id"], "parent_id")["parent_id"]
        return parent
