"""Who goes next where batches take each other's locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class _Line:
    waiting: int = 0
    turn: Lock = field(default_factory=Lock)


class Turns:
    """Lines of batches that lost once, one for each name of an action; safe to be shared between threads.

    Those who lost must not beat each other again, and not be beaten by those who come later. Batches that begin with
    another action have most likely nothing to do with them and don't wait.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._lines: dict[str, _Line] = {}

    def is_contested(self, name: str) -> bool:
        """Whether batches stand in the line: who comes later is to line up behind them, without a first try."""
        return name in self._lines

    @contextmanager
    def take(self, name: str) -> Iterator[None]:
        """Wait for the own turn; inside goes on one batch of a name at a time in this process."""
        with self._guard:
            line = self._lines.setdefault(name, _Line())
            line.waiting += 1
        try:
            with line.turn:
                yield
        finally:
            with self._guard:
                line.waiting -= 1
                if not line.waiting:
                    del self._lines[name]
