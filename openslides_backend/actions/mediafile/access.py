"""Who may see files in a meeting, calculated through their directories (mediafile.md, "Inheritance")."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openslides_backend.engine.action import Action
from openslides_backend.models.mediafile_access import implicit_values, inherit_access
from openslides_backend.shared.typing import Fields, ReadOnlyFields

LINK_FIELDS = ("meeting_id", "mediafile_id", "is_public", "access_group_ids", "inherited_access_group_ids")
"""What is needed of `meeting_mediafile`s, here called links."""


@dataclass(slots=True)
class _Link:
    """What a file means to the meeting; `id` is None as long as nothing is stored."""

    id: int | None
    own: list[int] | None
    is_public: bool | None
    inherited: list[int]
    is_changed: bool = False
    has_new_groups: bool = False


class MeetingAccess:
    """Access to files in one meeting, as it is stored and as it is going to be.

    `links` are its stored `meeting_mediafile`s that matter, by their ids, with `LINK_FIELDS`.
    """

    def __init__(self, meeting_id: int, links: Mapping[int, ReadOnlyFields], admin_group_id: int | None) -> None:
        self.meeting_id = meeting_id
        self._implicit = implicit_values(admin_group_id)
        self._links = {
            link["mediafile_id"]: _Link(
                id_,
                link.get("access_group_ids"),
                link.get("is_public"),
                list(link.get("inherited_access_group_ids") or ()),
            )
            for id_, link in links.items()
            if link.get("mediafile_id") is not None
        }

    def has(self, file: int) -> bool:
        """Whether there is a stored link of the file."""
        return file in self._links and self._links[file].id is not None

    def set_groups(self, file: int, groups: list[int]) -> None:
        """Give the file access groups of its own; `calculate` has to follow."""
        link = self._links.setdefault(file, _Link(None, None, None, []))
        link.own, link.has_new_groups, link.is_changed = groups, True, True

    def calculate(self, file: int, parent_id: int | None) -> None:
        """The file's values out of its own groups and those of its parent."""
        own = self._links[file].own if file in self._links else None
        is_public, inherited = inherit_access(own, *self._values(parent_id))
        link = self._links.setdefault(file, _Link(None, None, None, []))
        link.is_public, link.inherited, link.is_changed = is_public, inherited, True

    def pass_on(self, file: int, children_of: Callable[[int], Iterable[int]]) -> None:
        """Calculate everything below the file anew, as far as it changes."""
        pending = deque((child, file) for child in children_of(file))
        while pending:
            child, parent_id = pending.popleft()
            known = self._links.get(child)
            before = (known.is_public, known.inherited) if known else None
            if before == inherit_access(known.own if known else None, *self._values(parent_id)):
                continue
            self.calculate(child, parent_id)
            pending.extend((grandchild, child) for grandchild in children_of(child))

    def take_away(self, groups: Collection[int], parent_of: Callable[[int], int | None]) -> None:
        """Calculate everything anew that groups which are being deleted had a part in, and all that is below it.

        Only what is stored is: what a directory without a link means stays as it is.
        """
        parents = {file: parent_of(file) for file in self._links}
        affected = set[int]()
        for file in _parents_first(parents):
            link, parent_id = self._links[file], parents[file]
            if parent_id in affected or any(group in groups for group in (*(link.own or ()), *link.inherited)):
                affected.add(file)
                link.own = [group for group in link.own or () if group not in groups]
                self.calculate(file, parent_id)

    def changed(self) -> list[int]:
        """The files whose values have been calculated."""
        return [file for file, link in self._links.items() if link.is_changed]

    def store(self, action: Action, *, keep_implicit: bool) -> None:
        """Write what has changed; `keep_implicit` creates nothing where it would say what holds anyway."""
        created, updated = list[Fields](), list[Fields]()
        for file, link in self._links.items():
            if not link.is_changed:
                continue
            values: dict[str, Any] = {"is_public": link.is_public, "inherited_access_group_ids": link.inherited}
            if link.has_new_groups:
                values["access_group_ids"] = link.own
            if link.id is not None:
                updated.append({"id": link.id, **values})
            elif not (keep_implicit and not link.own and link.inherited == self._implicit[1]):
                created.append({"meeting_id": self.meeting_id, "mediafile_id": file, **values})
        action.execute("meeting_mediafile.create", created)
        action.execute("meeting_mediafile.update", updated)

    def _values(self, parent_id: int | None) -> tuple[bool | None, list[int] | None]:
        if parent_id is None:
            return None, None
        link = self._links.get(parent_id)
        return self._implicit if link is None else (link.is_public, link.inherited)


def _parents_first(parents: Mapping[int, int | None]) -> Iterator[int]:
    """The files, each after its parent, if that is among them."""
    below: dict[int, list[int]] = {}
    level = list[int]()
    for file, parent_id in parents.items():
        (level if parent_id is None or parent_id not in parents else below.setdefault(parent_id, [])).append(file)
    while level:
        yield from level
        level = [child for file in level for child in below.get(file, ())]
