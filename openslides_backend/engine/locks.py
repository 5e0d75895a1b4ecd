"""Locks: what a batch has read and relied on, so that the writer refuses it when that has changed meanwhile."""

from collections.abc import Iterable
from typing import Any

from openslides_backend.services.datastore import LockValue
from openslides_backend.shared.filters import Filter

NOWHERE = -1
"""The position of what the datastore wasn't asked for: there is nothing to lock."""


class Locks:
    """Collects the `locked_fields` of a write request (datastore.md, "Writer")."""

    def __init__(self) -> None:
        self._models: dict[tuple[str, int], tuple[int, set[str]]] = {}
        self._collections: dict[str, dict[Filter, int]] = {}

    def model_fields(self, collection: str, id_: int, names: Iterable[str], position: int) -> None:
        """The values of fields were relied on; `position` is the model's when it was first read."""
        self._models.setdefault((collection, id_), (position, set()))[1].update(names)

    def collection_field(self, collection: str, name: str, filter_: Filter, position: int) -> None:
        """The set of models that pass the filter was relied on; `position` is the datastore's when it was asked."""
        if position == NOWHERE:
            return
        self._collections.setdefault(f"{collection}/{name}", {}).setdefault(filter_, position)

    def as_json(self) -> dict[str, LockValue]:
        """In the form of the writer."""
        locked: dict[str, LockValue] = {
            f"{collection}/{id_}/{name}": position
            for (collection, id_), (position, names) in self._models.items()
            for name in sorted(names)
        }
        for key, filters in self._collections.items():
            entries: list[dict[str, Any]] = [
                {"position": position, "filter": filter_.to_json()} for filter_, position in filters.items()
            ]
            locked[key] = entries[0] if len(entries) == 1 else entries
        return locked
