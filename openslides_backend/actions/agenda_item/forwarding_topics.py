"""Copies topics with their agenda items and lists of speakers into a target meeting (agenda_forward.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openslides_backend.actions.agenda_item.forwarding_people import People
from openslides_backend.actions.agenda_item.forwarding_source import (
    LEVEL_TIME,
    SPEAKER_VALUES,
    Source,
    what_is_set,
)
from openslides_backend.actions.agenda_item.forwarding_tree import ForwardedTree
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.shared.typing import Fields


@dataclass(slots=True)
class TopicForwarding:
    """Makes the copies of one target; `flags` is the element of the action, `files` are duplicates by originals."""

    action: Action
    source: Source
    tree: ForwardedTree
    flags: Fields
    target: int
    highest_weight: int
    people: People
    files: Mapping[int, int]

    def forward(self) -> None:
        """Copy all topics, one group of siblings after the other, each with its finished lists of speakers."""
        copies: dict[int, int] = {}
        for group in self.tree.groups():
            topics = ids_of(self.action.execute("topic.create", [self._topic(id_, copies) for id_ in group]))
            lists: dict[int, int] = {}
            for id_, topic in zip(group, topics, strict=True):
                created = self.action.uow.get("topic", topic, "agenda_item_id", "list_of_speakers_id")
                copies[id_], lists[id_] = created["agenda_item_id"], created["list_of_speakers_id"]
            self._forward_lists(lists)

    def _topic(self, id_: int, copies: Mapping[int, int]) -> Fields:
        item, topic, parent_id = self.source.items[id_], self.source.topics[id_], self.tree.parents[id_]
        element: Fields = {
            "meeting_id": self.target,
            "title": topic["title"],
            "text": topic["text"],
            "agenda_parent_id": None if parent_id is None else copies[parent_id],
            "agenda_type": item["type"],
            "agenda_comment": item["comment"],
            "agenda_weight": None if item["weight"] is None else item["weight"] + self.highest_weight,
        }
        if self.flags.get("with_attachments"):
            element["attachment_mediafile_ids"] = [self.files.get(file, file) for file in self.source.attachments[id_]]
        return what_is_set(element, element)

    def _forward_lists(self, lists: Mapping[int, int]) -> None:
        """Fill new lists of speakers, given by the ids of the agenda items that they are copied from."""
        flags = {"with_speakers": "closed", "with_moderator_notes": "moderator_notes"}
        copied = [name for flag, name in flags.items() if self.flags.get(flag)]
        values = {new: what_is_set(self.source.lists[id_], copied) for id_, new in lists.items()}
        self.action.execute("list_of_speakers.update", [{"id": id_, **v} for id_, v in values.items() if v])
        if self.flags.get("with_speakers"):
            times = self._forward_level_times(lists)
            speakers = [
                self._speaker(speaker, new, times)
                for id_, new in lists.items()
                for speaker in self._of_list(id_, "speaker_ids")
                if speaker in self.source.speakers
                and self.source.speakers[speaker]["meeting_user_id"] in self.people.members
            ]
            self.action.execute("speaker.create_for_merge", speakers)

    def _of_list(self, id_: int, name: str) -> Sequence[int]:
        return self.source.lists[id_].get(name) or ()

    def _forward_level_times(self, lists: Mapping[int, int]) -> dict[int, int]:
        """Copy the speaking times of structure levels; ids of the copies by those of the originals."""
        originals = self.source.level_times
        times = {
            time: new
            for id_, new in lists.items()
            for time in self._of_list(id_, f"{LEVEL_TIME}_ids")
            if time in originals
        }
        elements = [
            {
                "structure_level_id": self.people.levels[originals[time]["structure_level_id"]],
                "list_of_speakers_id": new,
                "initial_time": originals[time]["initial_time"],
            }
            for time, new in times.items()
        ]
        copies = dict(zip(times, ids_of(self.action.execute(f"{LEVEL_TIME}.create", elements)), strict=True))
        changed = ("remaining_time", "additional_time")
        updates = [{"id": copy, **what_is_set(originals[time], changed)} for time, copy in copies.items()]
        self.action.execute(f"{LEVEL_TIME}.update", updates)
        return copies

    def _speaker(self, id_: int, list_id: int, level_times: Mapping[int, int]) -> Fields:
        original = self.source.speakers[id_]
        relations = {
            "point_of_order_category_id": self.people.categories.get(original["point_of_order_category_id"]),
            f"{LEVEL_TIME}_id": level_times.get(original[f"{LEVEL_TIME}_id"]),
        }
        return {
            "list_of_speakers_id": list_id,
            "meeting_user_id": self.people.members[original["meeting_user_id"]],
            "weight": original["weight"],
            **what_is_set(original, SPEAKER_VALUES),
            **what_is_set(relations, relations),
        }
