"""Files that are used in a meeting (mediafile.md, "Find or create"), as attachments above all (_shared.md)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.payload import IDS, Schema
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query, models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

Link = tuple[int, int]
"""Ids of a meeting and a file."""

_ATTACHED = "attachment_mediafile_ids"
_FILE_FIELDS = ("id", "published_to_meetings_in_organization_id", "parent_id")


class Attachments(Part):
    """The files in `attachment_mediafile_ids`, which become `attachment_meeting_mediafile_ids` of the models.

    Files must be published to the meeting; what they mean to it is created where it isn't there yet.
    """

    payload_keys: Mapping[str, Schema] = {_ATTACHED: IDS}

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return link_reads(self._files(elements))

    def prepare(self, elements: list[Fields]) -> None:
        self._links = Links(self.action, self._files(elements))
        self._links.create()
        for element in elements:
            if _ATTACHED in element:
                links = [self._links.ids.get(self._link(element, file)) for file in element[_ATTACHED]]
                element["attachment_meeting_mediafile_ids"] = [id_ for id_ in links if id_ is not None]

    def check(self, element: Fields) -> None:
        for file in element.get(_ATTACHED, ()):
            self._links.check(self._link(element, file), _ATTACHED)

    def _link(self, element: Fields, file: int) -> Link:
        return self.action.meeting_id(element) or 0, file

    def _files(self, elements: Sequence[Fields]) -> dict[int, set[int]]:
        files: dict[int, set[int]] = {}
        for element in elements:
            if element.get(_ATTACHED) and (meeting_id := self.action.meeting_id(element)) is not None:
                files.setdefault(meeting_id, set()).update(element[_ATTACHED])
        return files


def link_reads(files: Mapping[int, set[int]]) -> Iterator[Query]:
    """What has to be read before `Links` of the files of some meetings are made."""
    yield from (filter_query("meeting_mediafile", scope, "mediafile_id") for scope in _scopes(files).values())
    for meeting_id, ids in files.items():
        yield models_query("mediafile", ids, *_FILE_FIELDS)
        yield models_query("meeting", [meeting_id], "id", "admin_group_id")


def known_links(uow: UnitOfWork, files: Mapping[int, set[int]]) -> dict[Link, int]:
    """The ids of the meeting mediafiles of the files of some meetings, as far as there are any; one read."""
    scopes = _scopes(files)
    uow.prefetch(filter_query("meeting_mediafile", scope, "mediafile_id") for scope in scopes.values())
    return {
        (meeting_id, link["mediafile_id"]): id_
        for meeting_id, scope in scopes.items()
        for id_, link in uow.filter("meeting_mediafile", scope, "mediafile_id").items()
    }


def _scopes(files: Mapping[int, set[int]]) -> dict[int, Filter]:
    return {id_: And(equals(meeting_id=id_), any_of("mediafile_id", ids)) for id_, ids in files.items()}


class Links:
    """What files are to meetings: `ids` holds the ids of their meeting mediafiles, as far as there are any."""

    def __init__(self, action: Action, files: Mapping[int, set[int]]) -> None:
        self._action = action
        self._uow = action.uow
        self.ids = known_links(action.uow, files)
        wanted = [(meeting_id, file) for meeting_id, ids in files.items() for file in sorted(ids)]
        self._missing = [link for link in wanted if link not in self.ids]

    def check(self, link: Link, field: str) -> None:
        """Raises BadRequest for a link that was missing and can't be made: of a file that isn't there or published."""
        if link in self._missing and (problem := self._problem(link, field)) is not None:
            raise problem

    def create(self) -> None:
        """Create those that are missing, as far as that can be done."""
        possible = [link for link in self._missing if self._problem(link, "") is None]
        results = self._action.execute("meeting_mediafile.create", [self._new(*link) for link in possible])
        self.ids.update(zip(possible, ids_of(results), strict=True))

    def _problem(self, link: Link, field: str) -> BadRequest | None:
        meeting_id, file_id = link
        file = self._uow.find("mediafile", file_id, *_FILE_FIELDS)
        if file is None:
            return ModelDoesNotExist(make_fqid("mediafile", file_id), field)
        if not file["published_to_meetings_in_organization_id"]:
            message = f"mediafile/{file_id} does not belong to meeting {meeting_id}, nor is it published."
            return BadRequest(message, field=field)
        if not self._uow.exists("meeting", meeting_id):
            return ModelDoesNotExist(make_fqid("meeting", meeting_id), "meeting_id")
        return None

    def _new(self, meeting_id: int, file: int) -> Fields:
        admin_group = self._uow.get("meeting", meeting_id, "admin_group_id")["admin_group_id"]
        groups = [] if admin_group is None else [admin_group]
        own = {} if self._uow.get("mediafile", file, *_FILE_FIELDS)["parent_id"] else {"access_group_ids": groups}
        link = {"meeting_id": meeting_id, "mediafile_id": file, "is_public": False}
        return {**link, "inherited_access_group_ids": groups, **own}
