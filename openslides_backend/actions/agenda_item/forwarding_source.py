"""What agenda items are forwarded with, read in bulk from their meeting (agenda_forward.md, "Effects")."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import UnitOfWork, models_query
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

LEVEL_TIME = "structure_level_list_of_speakers"
SPEAKER_VALUES = (
    "begin_time", "end_time", "unpause_time", "total_pause", "speech_state", "answer", "note", "point_of_order",
)  # fmt: skip
MEMBER_VALUES = ("comment", "number", "about_me")
ITEM_FIELDS = ("id", "meeting_id", "content_object_id", "parent_id", "type", "comment", "weight")
TOPIC_FIELDS = ("title", "text", "list_of_speakers_id", "attachment_meeting_mediafile_ids")
_LIST_FIELDS = ("closed", "moderator_notes", "speaker_ids", f"{LEVEL_TIME}_ids")
_SPEAKER_FIELDS = (
    *SPEAKER_VALUES, "weight", "meeting_user_id", "point_of_order_category_id", f"{LEVEL_TIME}_id",
)  # fmt: skip
_LEVEL_TIME_FIELDS = ("structure_level_id", "initial_time", "remaining_time", "additional_time")
_MEMBER_FIELDS = (*MEMBER_VALUES, "user_id", "group_ids", "structure_level_ids")
_FILE_FIELDS = ("owner_id", "parent_id", "published_to_meetings_in_organization_id")

Originals = Mapping[int, ReadOnlyFields]


class Source:
    """Originals by id; `topics` and `lists` by the id of the agenda item, `attachments` (files) likewise.

    What belongs to speakers is empty unless it is read; so are files. `files` are those to be duplicated.
    """

    speakers: Originals = {}
    level_times: Originals = {}
    members: Originals = {}
    groups: Originals = {}
    levels: Originals = {}
    categories: Originals = {}
    attachments: Mapping[int, Sequence[int]] = {}
    files: Originals = {}

    def __init__(self, uow: UnitOfWork, meeting_id: int, items: Models) -> None:
        """The topics with their lists of speakers."""
        self._uow = uow
        self.meeting_id = meeting_id
        self.items = items
        ids = topic_ids(items)
        topics = uow.get_many("topic", sorted(ids.values()), *TOPIC_FIELDS)
        lists = uow.get_many("list_of_speakers", ids_in(topics.values(), "list_of_speakers_id"), *_LIST_FIELDS)
        self.topics = {id_: topics[topic] for id_, topic in ids.items() if topic in topics}
        self.lists = {id_: lists.get(topic["list_of_speakers_id"], {}) for id_, topic in self.topics.items()}

    def read_speakers(self) -> None:
        """The speakers on the lists, in the order of these, and the speaking times of structure levels."""
        listed = (id_ for list_ in self.lists.values() for id_ in list_.get("speaker_ids") or ())
        self.speakers, self.level_times = self._read(
            ("speaker", list(listed), _SPEAKER_FIELDS),
            (LEVEL_TIME, ids_in(self.lists.values(), f"{LEVEL_TIME}_ids"), _LEVEL_TIME_FIELDS),
        )

    def read_people(self) -> None:
        """The participants behind the speakers, with groups, structure levels and points of order categories."""
        speakers = self.speakers.values()
        self.members, self.categories = self._read(
            ("meeting_user", ids_in(speakers, "meeting_user_id"), _MEMBER_FIELDS),
            ("point_of_order_category", ids_in(speakers, "point_of_order_category_id"), ("text", "rank")),
        )
        members = self.members.values()
        levels = ids_in(members, "structure_level_ids") + ids_in(self.level_times.values(), "structure_level_id")
        self.groups, self.levels = self._read(
            ("group", ids_in(members, "group_ids"), ("name",)),
            ("structure_level", sorted(levels), ("name", "color")),
        )

    def read_files(self) -> None:
        """The files attached to the topics, and all of the meeting that have to be duplicated; one read a level."""
        attached = {id_: topic["attachment_meeting_mediafile_ids"] or () for id_, topic in self.topics.items()}
        links = self._uow.get_many("meeting_mediafile", {i for ids in attached.values() for i in ids}, "mediafile_id")
        self.attachments = {
            id_: [file for link in ids if (file := links.get(link, {}).get("mediafile_id")) is not None]
            for id_, ids in attached.items()
        }
        found = self._uow.get_many("mediafile", ids_in(links.values(), "mediafile_id"), *_FILE_FIELDS)
        owner = make_fqid("meeting", self.meeting_id)
        files = {id_: file for id_, file in found.items() if file["owner_id"] == owner}
        level = set(files)
        while level:
            below = self._uow.filter("mediafile", any_of("parent_id", level), *_FILE_FIELDS)
            level = below.keys() - files.keys()
            files.update(below)
        self.files = {id_: files[id_] for id_ in sorted(files)}

    def _read(self, *wanted: tuple[str, Sequence[int], tuple[str, ...]]) -> list[Models]:
        """Models of several collections in one read."""
        self._uow.prefetch(models_query(collection, ids, *names) for collection, ids, names in wanted)
        return [self._uow.get_many(collection, ids, *names) for collection, ids, names in wanted]


def topic_ids(items: Models) -> dict[int, int]:
    """The topics of items by the ids of the items."""
    return {id_: split_fqid(item["content_object_id"])[1] for id_, item in items.items()}


def what_is_set(model: ReadOnlyFields, names: Iterable[str]) -> Fields:
    """Those of the fields that are set."""
    return {name: model[name] for name in names if model.get(name) is not None}
