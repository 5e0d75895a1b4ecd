"""Files that are used in a meeting (mediafile.md, "Find or create"), as attachments above all (_shared.md)."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.payload import IDS, Schema
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.record import Record
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
        return [query for meeting_id, files in self._files(elements).items() for query in link_reads(meeting_id, files)]

    def prepare(self, elements: list[Fields]) -> None:
        files = self._files(elements)
        self._missing = missing_links(self.action, files)
        links = create_links(self.action, files, self._missing)
        for element in elements:
            if _ATTACHED in element:
                ids = links.get(self.action.meeting_id(element) or 0, {})
                element["attachment_meeting_mediafile_ids"] = [ids[file] for file in element[_ATTACHED] if file in ids]

    def check(self, element: Fields) -> None:
        for file in element.get(_ATTACHED, ()):
            check_link(self.action, self._missing, (self.action.meeting_id(element) or 0, file), _ATTACHED)

    def _files(self, elements: Sequence[Fields]) -> dict[int, set[int]]:
        files: dict[int, set[int]] = {}
        for element in elements:
            if element.get(_ATTACHED) and (meeting_id := self.action.meeting_id(element)) is not None:
                files.setdefault(meeting_id, set()).update(element[_ATTACHED])
        return files


def missing_links(action: Action, meetings: Mapping[int, set[int]]) -> list[Link]:
    """The files that aren't known to their meetings yet."""
    return [
        (meeting_id, file)
        for meeting_id, files in meetings.items()
        for file in sorted(files - _links(action, meeting_id, files).keys())
    ]


def check_link(action: Action, missing: Collection[Link], link: Link, field: str) -> None:
    """Raises BadRequest for a missing link that can't be made: to a file that doesn't exist or isn't published."""
    if link in missing and (problem := _problem(action, link, field)) is not None:
        raise problem


def _problem(action: Action, link: Link, field: str) -> BadRequest | None:
    meeting_id, file_id = link
    file = action.uow.find("mediafile", file_id, *_FILE_FIELDS)
    if file is None:
        return ModelDoesNotExist(make_fqid("mediafile", file_id), field)
    if not file["published_to_meetings_in_organization_id"]:
        message = f"mediafile/{file_id} does not belong to meeting {meeting_id}, nor is it published."
        return BadRequest(message, field=field)
    if not action.uow.exists("meeting", meeting_id):
        return ModelDoesNotExist(make_fqid("meeting", meeting_id), "meeting_id")
    return None


def create_links(
    action: Action, meetings: Mapping[int, set[int]], missing: Sequence[Link]
) -> dict[int, dict[int, int]]:
    """The ids of all meeting mediafiles by meeting and file, the missing ones created, as far as that can be done."""
    links = {meeting_id: _links(action, meeting_id, files) for meeting_id, files in meetings.items()}
    possible = [link for link in missing if _problem(action, link, "") is None]
    results = action.execute("meeting_mediafile.create", [_new_link(action, *link) for link in possible])
    for (meeting_id, file), id_ in zip(possible, ids_of(results), strict=True):
        links[meeting_id][file] = id_
    return links


def _file(action: Action, file: int) -> Record:
    return action.uow.get("mediafile", file, *_FILE_FIELDS)


def _scope(meeting_id: int, files: set[int]) -> Filter:
    return And(equals(meeting_id=meeting_id), any_of("mediafile_id", files))


def link_reads(meeting_id: int, files: set[int]) -> list[Query]:
    """What has to be read of the files of a meeting first."""
    if not files:
        return []
    return [
        filter_query("meeting_mediafile", _scope(meeting_id, files), "mediafile_id"),
        GetMany("mediafile", tuple(sorted(files)), _FILE_FIELDS),
        GetMany("meeting", (meeting_id,), ("id", "admin_group_id")),
    ]


def _links(action: Action, meeting_id: int, files: set[int]) -> dict[int, int]:
    """Ids of the meeting mediafiles by the ids of their files, as far as there are any."""
    if not files:
        return {}
    found = action.uow.filter("meeting_mediafile", _scope(meeting_id, files), "mediafile_id")
    return {model["mediafile_id"]: id_ for id_, model in found.items()}


def _new_link(action: Action, meeting_id: int, file: int) -> Fields:
    admin_group = action.uow.get("meeting", meeting_id, "admin_group_id")["admin_group_id"]
    groups = [] if admin_group is None else [admin_group]
    link: Fields = {
        "meeting_id": meeting_id,
        "mediafile_id": file,
        "is_public": False,
        "inherited_access_group_ids": groups,
    }
    if _file(action, file)["parent_id"] is None:
        link["access_group_ids"] = groups
    return link
