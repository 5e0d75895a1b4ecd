"""How agenda items that are forwarded stand to each other (agenda_forward.md, "Topics and agenda items")."""

from collections.abc import Iterator, Mapping, Sequence

Parents = Mapping[int, int | None]
"""The stored parent of each item of the agenda."""


class ForwardedTree:
    """The items that are forwarded, each below the nearest of its ancestors that is forwarded, too.

    `parents` holds this ancestor for each item; None for those at the root.
    """

    def __init__(self, ids: Sequence[int], stored: Parents) -> None:
        self.parents: dict[int, int | None] = {}
        skipped: dict[int, int] = {}
        chosen = set(ids)
        for id_ in ids:
            self.parents[id_], skipped[id_] = _nearest(id_, chosen, stored)
        self._children = self._placed(sorted(ids, key=lambda id_: skipped[id_]))

    def groups(self, parent_id: int | None = None) -> Iterator[tuple[int, ...]]:
        """All groups of siblings, each before those of the children of its first item, and so on downwards."""
        pending = [parent_id]
        while pending:
            group = self._children.get(pending.pop(), ())
            if group:
                yield tuple(group)
            pending.extend(reversed(group))

    def _placed(self, sequence: Sequence[int]) -> dict[int | None, list[int]]:
        """The children of each parent, in the order in which they find their places."""
        children: dict[int | None, list[int]] = {}
        placed: set[int | None] = {None}
        waiting = list(sequence)
        while waiting:
            late = []
            for id_ in waiting:
                parent_id = self.parents[id_]
                if parent_id in placed:
                    placed.add(id_)
                    children.setdefault(parent_id, []).append(id_)
                else:
                    late.append(id_)
            if len(late) == len(waiting):
                break
            waiting = late
        return children


def _nearest(id_: int, chosen: set[int], stored: Parents) -> tuple[int | None, int]:
    """The nearest ancestor among the chosen items, if any, and how many others are skipped on the way."""
    skipped = 0
    seen = {id_}
    parent_id = stored.get(id_)
    while parent_id is not None and parent_id not in chosen and parent_id not in seen:
        seen.add(parent_id)
        skipped += 1
        parent_id = stored.get(parent_id)
    return (parent_id if parent_id in chosen else None), skipped
