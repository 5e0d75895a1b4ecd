"""Copies of files for other meetings, as forwarding makes them (agenda_forward.md, motion_forwarding.md "F8")."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from openslides_backend.engine.action import Action
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

Files = Mapping[int, ReadOnlyFields]
"""Files by their ids, each with its `parent_id`."""

_Copy = tuple[int, int]
"""Ids of a file and of the meeting that it is copied for."""


@dataclass(slots=True)
class _Given:
    """The ids that copies got in any try of the batch, in the order in which they were asked for."""

    ids: defaultdict[_Copy, list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Asked:
    """How many of these ids this try has asked for."""

    amounts: Counter[_Copy] = field(default_factory=Counter)


class FileCopies:
    """Copies that are planned one after the other and made together.

    When the batch is computed again after a conflict, each copy gets the id that it had before, so that the media
    service needn't copy the content once more.
    """

    def __init__(self, action: Action) -> None:
        self._action = action
        self._given = action.run.kept(_Given).ids
        self._asked = action.run.state(_Asked).amounts
        self._planned: list[Fields] = []

    def plan(self, target: int, files: Files) -> dict[int, int]:
        """The ids of the copies in the target meeting by those of the originals.

        Ids follow the order of the originals. A copy lies in the copy of the original's folder, if that is among the
        files, else in none.
        """
        ids = {id_: self._id((id_, target)) for id_ in files}
        for id_ in sorted(files, key=lambda file: (_depth(files, file), file)):
            copy = {"id": ids[id_], "owner_id": make_fqid("meeting", target), "origin_id": id_}
            self._planned.append({**copy, "parent_id": ids.get(files[id_].get("parent_id") or 0)})
        return ids

    def make(self) -> None:
        """Make all copies that are planned.

        Raises BadRequest or ServiceError if the media service doesn't copy the content of a file.
        """
        planned, self._planned = self._planned, []
        self._action.execute("mediafile.duplicate_to_another_meeting", planned)

    def _id(self, copy: _Copy) -> int:
        given, number = self._given[copy], self._asked[copy]
        self._asked[copy] += 1
        if number == len(given):
            given += self._action.uow.next_ids("mediafile", 1)
        return given[number]


def for_admins_only(action: Action, meeting_id: int, *, is_in_folder: bool) -> Fields:
    """The fields of a meeting mediafile that only the admins of the meeting may see.

    In a folder the groups are inherited and not the file's own.
    """
    admin_group = action.uow.get("meeting", meeting_id, "admin_group_id")["admin_group_id"]
    groups = [] if admin_group is None else [admin_group]
    return {
        "is_public": False,
        "inherited_access_group_ids": groups,
        "access_group_ids": [] if is_in_folder else groups,
    }


def _depth(files: Files, id_: int) -> int:
    """How many folders that are copied, too, a file is in."""
    seen, folder = {id_}, files[id_].get("parent_id") or 0
    while folder in files and folder not in seen:
        seen.add(folder)
        folder = files[folder].get("parent_id") or 0
    return len(seen)
