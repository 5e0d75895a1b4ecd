"""The tree of committees (committee.md, "Hierarchy")."""

from collections.abc import Collection, Mapping, Sequence

from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

_OWN = ("id", "parent_id", "all_parent_ids")
_FIELDS = (*_OWN, "all_child_ids")


def tree_needs(moved: Sequence[Fields]) -> list[Query]:
    """What `paths_after` reads first, for the elements that set `parent_id`."""
    return [GetMany("committee", tuple(sorted(_ends(moved))), _FIELDS)] if moved else []


def paths_after(uow: UnitOfWork, elements: Sequence[Fields]) -> dict[int, list[int]]:
    """New `all_parent_ids` of all committees whose place may have changed, once the elements have their new parents.

    That are the elements themselves and everything below them. Takes two reads.

    Raises BadRequest if the new parents make a cycle.
    """
    moved = [element for element in elements if "parent_id" in element]
    ends = uow.get_many("committee", _ends(moved), *_FIELDS)
    around = {id_ for c in ends.values() for name in _FIELDS[2:] for id_ in c.get(name) or ()}
    committees = {**ends, **uow.get_many("committee", sorted(around - ends.keys()), *_OWN)}
    parents = {id_: committee.get("parent_id") for id_, committee in committees.items()}
    parents.update({element["id"]: element["parent_id"] for element in moved})
    paths = {id_: _path(id_, parents) for id_ in parents}
    changed = {element["id"] for element in elements}
    return {id_: path for id_, path in paths.items() if id_ in changed or not changed.isdisjoint(path)}


def _ends(moved: Sequence[Fields]) -> Collection[int]:
    ids = [element["id"] for element in moved]
    return {*ids, *(element["parent_id"] for element in moved if element["parent_id"] is not None)}


def _path(id_: int, parents: Mapping[int, int | None]) -> list[int]:
    """All ancestors, the root first."""
    path: list[int] = []
    above = parents[id_]
    seen = {id_}
    while above is not None and above in parents:
        if above in seen:
            raise InvalidField("parent_id", f"committee/{id_} can not be below itself.")
        seen.add(above)
        path.append(above)
        above = parents[above]
    return path[::-1]
