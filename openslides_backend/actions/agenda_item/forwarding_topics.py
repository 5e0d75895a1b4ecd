"""Copies topics with their agenda items and lists of speakers into a target meeting (agenda_forward.md)."""

from collections.abc import Sequence

from openslides_backend.actions.agenda_item.forwarding_people import People
from openslides_backend.actions.agenda_item.forwarding_source import SPEAKER_VALUES, Source
from openslides_backend.actions.agenda_item.forwarding_tree import ForwardedTree
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.shared.typing import Fields

_LEVEL_TIME = "structure_level_list_of_speakers"


class TopicForwarding:
    """Makes the copies of one target; `flags` is the element of the action."""

    def __init__(self, action: Action, source: Source, tree: ForwardedTree, flags: Fields) -> None:
        self._action = action
        self._uow = action.uow
        self._source = source
        self._tree = tree
        self._flags = flags

    def forward(self, target: int, highest_weight: int, people: People, files: dict[int, int]) -> None:
        """Copy all topics, one group of siblings after the other, each with its finished lists of speakers."""
        copies: dict[int, int] = {}
        for group in self._tree.groups():
            elements = [self._topic(id_, target, highest_weight, copies, files) for id_ in group]
            topics = ids_of(self._action.execute("topic.create", elements))
            lists: dict[int, int] = {}
            for id_, topic in zip(group, topics, strict=True):
                created = self._uow.get("topic", topic, "agenda_item_id", "list_of_speakers_id")
                copies[id_], lists[id_] = created["agenda_item_id"], created["list_of_speakers_id"]
            self._forward_lists(lists, people)

    def _topic(
        self, id_: int, target: int, highest_weight: int, copies: dict[int, int], files: dict[int, int]
    ) -> Fields:
        item, topic = self._source.items[id_], self._source.topics[id_]
        parent_id = self._tree.parents[id_]
        element: Fields = {
            "meeting_id": target,
            "title": topic.get("title"),
            "text": topic.get("text"),
            "agenda_parent_id": None if parent_id is None else copies[parent_id],
            "agenda_type": item.get("type"),
            "agenda_comment": item.get("comment"),
        }
        if item.get("weight") is not None:
            element["agenda_weight"] = item["weight"] + highest_weight
        if self._flags.get("with_attachments"):
            element["attachment_mediafile_ids"] = [files.get(file, file) for file in self._source.attachments[id_]]
        return {name: value for name, value in element.items() if value is not None}

    def _forward_lists(self, lists: dict[int, int], people: People) -> None:
        """Fill new lists of speakers, given by the ids of the agenda items that they are copied from."""
        with_speakers = self._flags.get("with_speakers")
        copied = ["closed"] if with_speakers else []
        if self._flags.get("with_moderator_notes"):
            copied.append("moderator_notes")
        updates: list[Fields] = []
        for id_, new in lists.items():
            original = self._source.lists[id_]
            values = {name: original[name] for name in copied if original.get(name) is not None}
            if values:
                updates.append({"id": new, **values})
        self._action.execute("list_of_speakers.update", updates)
        if with_speakers:
            level_times = self._forward_level_times(lists, people)
            speakers = [
                self._speaker(speaker, new, people, level_times)
                for id_, new in lists.items()
                for speaker in self._of_list(id_, "speaker_ids")
                if speaker in self._source.speakers
                and self._source.speakers[speaker].get("meeting_user_id") in people.members
            ]
            self._action.execute("speaker.create_for_merge", speakers)

    def _of_list(self, id_: int, name: str) -> Sequence[int]:
        return self._source.lists[id_].get(name) or ()

    def _forward_level_times(self, lists: dict[int, int], people: People) -> dict[int, int]:
        """Copy the speaking times of structure levels; ids of the copies by those of the originals."""
        times = {
            time: new
            for id_, new in lists.items()
            for time in self._of_list(id_, f"{_LEVEL_TIME}_ids")
            if time in self._source.level_times
        }
        created = [
            {
                "structure_level_id": people.levels[self._source.level_of_list(time)],
                "list_of_speakers_id": new,
                "initial_time": self._source.level_times[time].get("initial_time"),
            }
            for time, new in times.items()
        ]
        copies = dict(zip(times, ids_of(self._action.execute(f"{_LEVEL_TIME}.create", created)), strict=True))
        updates: list[Fields] = []
        for time, copy in copies.items():
            original = self._source.level_times[time]
            names = ("remaining_time", "additional_time")
            updates.append({"id": copy, **{n: original[n] for n in names if original.get(n) is not None}})
        self._action.execute(f"{_LEVEL_TIME}.update", updates)
        return copies

    def _speaker(self, id_: int, list_id: int, people: People, level_times: dict[int, int]) -> Fields:
        original = self._source.speakers[id_]
        relations = {
            "point_of_order_category_id": people.categories.get(original.get("point_of_order_category_id", 0)),
            f"{_LEVEL_TIME}_id": level_times.get(original.get(f"{_LEVEL_TIME}_id", 0)),
        }
        return {
            "list_of_speakers_id": list_id,
            "meeting_user_id": people.members[original["meeting_user_id"]],
            "weight": original.get("weight"),
            **{name: original[name] for name in SPEAKER_VALUES if original.get(name) is not None},
            **{name: value for name, value in relations.items() if value is not None},
        }
