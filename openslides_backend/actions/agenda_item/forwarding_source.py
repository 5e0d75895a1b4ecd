"""What agenda items are forwarded with, read in bulk from their meeting (agenda_forward.md, "Effects")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import any_of, equals
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields, Models

SPEAKER_VALUES = (
    "begin_time", "end_time", "unpause_time", "total_pause", "speech_state", "answer", "note", "point_of_order",
)  # fmt: skip
MEMBER_VALUES = ("comment", "number", "about_me")
ITEM_FIELDS = ("id", "meeting_id", "content_object_id", "parent_id", "type", "comment", "weight")
_TOPIC_FIELDS = ("title", "text", "list_of_speakers_id", "attachment_meeting_mediafile_ids")
_LIST_FIELDS = ("closed", "moderator_notes", "speaker_ids", "structure_level_list_of_speakers_ids")
_SPEAKER_FIELDS = (
    *SPEAKER_VALUES,
    "weight",
    "meeting_user_id",
    "point_of_order_category_id",
    "structure_level_list_of_speakers_id",
)
_LEVEL_TIME_FIELDS = ("structure_level_id", "initial_time", "remaining_time", "additional_time")
_MEMBER_FIELDS = (*MEMBER_VALUES, "user_id", "group_ids", "structure_level_ids")
_FILE_FIELDS = ("owner_id", "parent_id", "published_to_meetings_in_organization_id")


@dataclass(slots=True)
class Source:
    """Originals by id; `topics` and `lists` by the id of the agenda item, `attachments` (files) likewise.

    What belongs to speakers is empty if they aren't forwarded; so are files. `files` are those to be duplicated.
    """

    meeting_id: int
    items: Models
    topics: Models
    lists: Models
    speakers: Models = field(default_factory=dict)
    level_times: Models = field(default_factory=dict)
    members: Models = field(default_factory=dict)
    groups: Models = field(default_factory=dict)
    levels: Models = field(default_factory=dict)
    categories: Models = field(default_factory=dict)
    attachments: dict[int, list[int]] = field(default_factory=dict)
    files: Models = field(default_factory=dict)

    def level_of_list(self, level_time_id: int) -> int:
        """The structure level that a level's time in a list belongs to."""
        return int(self.level_times[level_time_id]["structure_level_id"])


def agenda_query(meeting_id: int) -> Query:
    """All items of the agenda with their parents."""
    return filter_query("agenda_item", equals(meeting_id=meeting_id), "parent_id")


def topic_ids(items: Models) -> dict[int, int]:
    """The topics of items by the ids of the items."""
    return {id_: split_fqid(item["content_object_id"])[1] for id_, item in items.items()}


def topic_needs(items: Models) -> list[Query]:
    """What `read_source` reads of the topics."""
    return [GetMany("topic", tuple(sorted(topic_ids(items).values())), _TOPIC_FIELDS)]


def read_source(uow: UnitOfWork, meeting_id: int, items: Models) -> Source:
    """The topics with their lists of speakers."""
    topics = uow.get_many("topic", sorted(topic_ids(items).values()), *_TOPIC_FIELDS)
    by_item = {id_: topics[topic] for id_, topic in topic_ids(items).items() if topic in topics}
    found = uow.get_many("list_of_speakers", _ids(by_item.values(), "list_of_speakers_id"), *_LIST_FIELDS)
    lists = {id_: found.get(topic.get("list_of_speakers_id", 0), {}) for id_, topic in by_item.items()}
    return Source(meeting_id, items, by_item, lists)


def read_speakers(uow: UnitOfWork, source: Source) -> None:
    """The speakers on the lists with everything that they bring with them, in a fixed number of reads."""
    speakers = _listed(source.lists.values(), "speaker_ids")
    times = _listed(source.lists.values(), "structure_level_list_of_speakers_ids")
    uow.prefetch(
        [
            GetMany("speaker", tuple(speakers), _SPEAKER_FIELDS),
            GetMany("structure_level_list_of_speakers", tuple(times), _LEVEL_TIME_FIELDS),
        ]
    )
    source.speakers = uow.get_many("speaker", speakers, *_SPEAKER_FIELDS)
    source.level_times = uow.get_many("structure_level_list_of_speakers", times, *_LEVEL_TIME_FIELDS)


def read_people(uow: UnitOfWork, source: Source) -> None:
    """The participants behind the speakers, with groups, structure levels and points of order categories."""
    members = _ids(source.speakers.values(), "meeting_user_id")
    categories = _ids(source.speakers.values(), "point_of_order_category_id")
    uow.prefetch(
        [
            GetMany("meeting_user", tuple(members), _MEMBER_FIELDS),
            GetMany("point_of_order_category", tuple(categories), ("text", "rank")),
        ]
    )
    source.members = uow.get_many("meeting_user", members, *_MEMBER_FIELDS)
    source.categories = uow.get_many("point_of_order_category", categories, "text", "rank")
    groups = sorted(_listed(source.members.values(), "group_ids"))
    levels = {*_listed(source.members.values(), "structure_level_ids")}
    levels.update(_ids(source.level_times.values(), "structure_level_id"))
    uow.prefetch(
        [
            GetMany("group", tuple(groups), ("name",)),
            GetMany("structure_level", tuple(sorted(levels)), ("name", "color")),
        ]
    )
    source.groups = uow.get_many("group", groups, "name")
    source.levels = uow.get_many("structure_level", sorted(levels), "name", "color")


def read_files(uow: UnitOfWork, source: Source) -> None:
    """The files attached to the topics, and all of the meeting that have to be duplicated; one read a level."""
    links = uow.get_many(
        "meeting_mediafile", _listed(source.topics.values(), "attachment_meeting_mediafile_ids"), "mediafile_id"
    )
    for id_, topic in source.topics.items():
        attached = (
            links.get(link, {}).get("mediafile_id") for link in topic.get("attachment_meeting_mediafile_ids", ())
        )
        source.attachments[id_] = [file for file in attached if file is not None]
    found = uow.get_many("mediafile", _ids(links.values(), "mediafile_id"), *_FILE_FIELDS)
    owner = make_fqid("meeting", source.meeting_id)
    files = {id_: file for id_, file in found.items() if file.get("owner_id") == owner}
    level = set(files)
    while level:
        below = uow.filter("mediafile", any_of("parent_id", level), *_FILE_FIELDS)
        level = below.keys() - files.keys()
        files.update(below)
    source.files = {id_: files[id_] for id_ in sorted(files)}


def _ids(models: Iterable[Fields], name: str) -> list[int]:
    """The ids that a relation field of models holds, ascending."""
    return sorted({model[name] for model in models if model.get(name) is not None})


def _listed(models: Iterable[Fields], name: str) -> Sequence[int]:
    """The ids that a list of models holds, in the order of the lists."""
    return list(dict.fromkeys(id_ for model in models for id_ in model.get(name) or ()))
