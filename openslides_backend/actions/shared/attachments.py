"""Files that are used in a meeting (mediafile.md, "Find or create"), as attachments above all (_shared.md)."""

from collections.abc import Mapping, Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import IDS, Schema
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import And, Filter, any_of, equals
from openslides_backend.shared.typing import Fields

ATTACHMENTS: dict[str, Schema] = {"attachment_mediafile_ids": IDS}
"""Extra key of the create and update actions."""

_FILE_FIELDS = ("id", "published_to_meetings_in_organization_id", "parent_id")


def set_attachments(action: Action, elements: Sequence[Fields]) -> None:
    """Translate `attachment_mediafile_ids` of the elements into `attachment_meeting_mediafile_ids`.

    Meeting mediafiles that are missing are created. Raises BadRequest for files that aren't published to the meeting.
    """
    given = [element for element in elements if "attachment_mediafile_ids" in element]
    if not any(element["attachment_mediafile_ids"] for element in given):
        for element in given:
            element["attachment_meeting_mediafile_ids"] = []
        return
    meetings: dict[int, set[int]] = {}
    for element in given:
        meeting_id = action.checked(action.meeting_id(element), "The model belongs to no meeting.")
        meetings.setdefault(meeting_id, set()).update(element["attachment_mediafile_ids"])
    links = meeting_mediafiles(action, meetings)
    for element in given:
        of_meeting = links[action.meeting_id(element) or 0]
        files = element["attachment_mediafile_ids"]
        element["attachment_meeting_mediafile_ids"] = [of_meeting[file] for file in files]


def meeting_mediafiles(action: Action, meetings: Mapping[int, set[int]]) -> dict[int, dict[int, int]]:
    """Find or create the meeting mediafiles of files, given by the ids of the meetings that use them.

    Returns their ids by meeting and file. Raises BadRequest for files that don't belong to the meeting.
    """
    action.uow.prefetch(query for meeting_id, files in meetings.items() for query in _needs(meeting_id, files))
    links = {meeting_id: _links(action, meeting_id, files) for meeting_id, files in meetings.items()}
    missing = [(meeting, file) for meeting, files in meetings.items() for file in sorted(files - links[meeting].keys())]
    new = [_new_link(action, *pair) for pair in missing]
    for (meeting_id, file), result in zip(missing, action.execute("meeting_mediafile.create", new), strict=True):
        links[meeting_id][file] = (result or {})["id"]
    return links


def _scope(meeting_id: int, files: set[int]) -> Filter:
    return And(equals(meeting_id=meeting_id), any_of("mediafile_id", files))


def _needs(meeting_id: int, files: set[int]) -> list[Query]:
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
    mediafile = action.uow.get("mediafile", file, *_FILE_FIELDS)
    if not mediafile.get("published_to_meetings_in_organization_id"):
        raise BadRequest(f"mediafile/{file} does not belong to meeting {meeting_id}, nor is it published.")
    admin_group = action.uow.get("meeting", meeting_id, "admin_group_id").get("admin_group_id")
    groups = [] if admin_group is None else [admin_group]
    link: Fields = {
        "meeting_id": meeting_id,
        "mediafile_id": file,
        "is_public": False,
        "inherited_access_group_ids": groups,
    }
    if mediafile.get("parent_id") is None:
        link["access_group_ids"] = groups
    return link
