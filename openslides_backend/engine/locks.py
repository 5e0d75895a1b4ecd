"""Locks: what a batch has read and relied on, so that the writer refuses it when that has changed meanwhile."""

from typing import Any

from openslides_backend.services.datastore import LockValue
from openslides_backend.shared.filters import Filter

NOWHERE = -1
"""The position of what the datastore wasn't asked for: there is nothing to lock."""


class Locks:
    """Collects the `locked_fields` of a write request (datastore.md, "Writer")."""

    def __init__(self) -> None:
        self._fields: dict[str, int] = {}
        self._collections: dict[str, dict[Filter, int]] = {}

    def model_field(self, fqid: str, name: str, position: int) -> None:
        """The value of a field was relied on; `position` is the model's when it was read."""
        if position > 0:
            self._fields.setdefault(f"{fqid}/{name}", position)

    def collection_field(self, collection: str, name: str, filter_: Filter, position: int) -> None:
        """The set of models that pass the filter was relied on; `position` is the datastore's when it was asked."""
        if position == NOWHERE:
            return
        self._collections.setdefault(f"{collection}/{name}", {}).setdefault(filter_, position)

    def as_json(self) -> dict[str, LockValue]:
        """In the form of the writer."""
        locked: dict[str, LockValue] = dict(self._fields)
        for key, filters in self._collections.items():
            entries: list[dict[str, Any]] = [
                {"position": position, "filter": filter_.to_json()} for filter_, position in filters.items()
            ]
            locked[key] = entries[0] if len(entries) == 1 else entries
        return locked
