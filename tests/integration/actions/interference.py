"""Somebody else who is a moment quicker."""

from collections.abc import Iterator
from contextlib import contextmanager

from openslides_backend.services.datastore import Event
from tests.integration.stack import Calls, Stack


class _Interference(Calls):
    """Writes something just before the first write of the action component."""

    def __init__(self, stack: Stack, event: Event) -> None:
        super().__init__()
        self._stack = stack
        self._event = event

    def count(self, path: str) -> None:
        super().count(path)
        if path.endswith("/write") and self.writes == 1:
            self._stack.write(self._event)


@contextmanager
def interfered(stack: Stack, event: Event) -> Iterator[Calls]:
    """Let an event come in between reading and writing of the next batch, so that locks on its fields are broken."""
    with stack.observed_by(_Interference(stack, event)) as calls:
        yield calls
