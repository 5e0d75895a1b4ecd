"""Deletion of what history tells (organization.md)."""

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.models.models import HistoryEntry, HistoryPosition


class HistoryPositionDelete(DeleteAction):
    """Delete a position with its entries."""

    name = "history_position.delete"
    model = HistoryPosition
    visibility = Visibility.BACKEND_INTERNAL


class HistoryEntryDelete(DeleteAction):
    """Delete an entry, whatever has become of the meeting it belongs to."""

    name = "history_entry.delete"
    model = HistoryEntry
    visibility = Visibility.BACKEND_INTERNAL
    archived_exempt = True
