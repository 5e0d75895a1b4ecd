"""Who was entitled to vote, and what has become of him (user_merge.md, "Polls")."""

from collections.abc import Collection
from typing import Any

from openslides_backend.actions.user.merging.tables import ENTITLED


def merged_entries(entries: Any, secondary_ids: Collection[int], primary_id: int) -> list[Any] | None:
    """A poll's `entitled_users_at_stop` with the secondary accounts merged into the primary one.

    None if there is nothing to change. What isn't in the form of an entry stays as it is.
    """
    if not isinstance(entries, list):
        return None
    merged = [_merged(entry, secondary_ids, primary_id) for entry in entries]
    return merged if merged != entries else None


def _merged(entry: Any, secondary_ids: Collection[int], primary_id: int) -> Any:
    if not isinstance(entry, dict):
        return entry
    told = {
        merged: primary_id
        for merged, own in ENTITLED.items()
        if isinstance(person := entry.get(merged) or entry.get(own), int) and person in secondary_ids
    }
    return {**entry, **told}
