"""The tree of committees (committee.md, "Hierarchy")."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import Committee
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

MAX_ABOVE: Final = 100
"""How many committees may be above another one: each names them all, so a chain costs the square of its length."""
_OWN = ("id", "parent_id", "all_parent_ids")
_FIELDS = (*_OWN, "all_child_ids")
_AROUND = ("all_parent_ids", "all_child_ids")


class Paths(Part):
    """All ancestors of the committees of which the elements change the place, and of those below them.

    Raises BadRequest if the new parents make a cycle, or a chain that is too long.
    """

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        moved = [element for element in elements if "parent_id" in element]
        if not moved:
            return
        ends = ids_in(moved, "id", "parent_id")
        yield models_query("committee", ends, *_FIELDS)
        around = ids_in(self.uow.peek_all("committee", ends, *_FIELDS), *_AROUND)
        yield models_query("committee", set(around).difference(ends), *_OWN)

    def prepare(self, elements: list[Fields]) -> None:
        moved = [element for element in elements if "parent_id" in element]
        self._below = self._paths(elements, moved) if moved else {}
        for element in elements:
            if element["id"] in self._below:
                element["all_parent_ids"] = self._below.pop(element["id"])

    def follow_up(self, elements: Sequence[Fields]) -> None:
        relations = self.run.relations
        relations.load(Committee, [{"id": id_, "all_parent_ids": path} for id_, path in self._below.items()])
        for id_, path in self._below.items():
            relations.update(Committee, id_, {"all_parent_ids": path})

    def _paths(self, elements: Sequence[Fields], moved: Sequence[Fields]) -> dict[int, list[int]]:
        """New `all_parent_ids` of the elements and of everything below them."""
        ends = self.uow.get_many("committee", ids_in(moved, "id", "parent_id"), *_FIELDS)
        around = self.uow.get_many("committee", sorted(set(ids_in(ends.values(), *_AROUND)) - ends.keys()), *_OWN)
        parents = {id_: committee["parent_id"] for id_, committee in {**ends, **around}.items()}
        parents.update({element["id"]: element["parent_id"] for element in moved})
        paths = {id_: _path(id_, parents) for id_ in parents}
        changed = {element["id"] for element in elements}
        return {id_: path for id_, path in paths.items() if id_ in changed or not changed.isdisjoint(path)}


def check_depth(path: Sequence[int]) -> None:
    """Raises BadRequest if these are too many ancestors."""
    if len(path) > MAX_ABOVE:
        raise InvalidField("parent_id", f"no committee can have more than {MAX_ABOVE} others above it.")


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
        check_depth(path)
        above = parents[above]
    return path[::-1]
