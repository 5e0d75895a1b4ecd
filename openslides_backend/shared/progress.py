"""How far a long batch is (action_worker.md, "Progress").

What takes long tells it with `tell` or `counted`; who watches the batch looks at the `Progress` that `followed` gives.
It stands in the current context: a thread that is started for the batch takes the context along (`copy_context`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")


class Progress:
    """What a batch has told last. `told` is how many pieces of work are done and how many there are, None before that.

    Safe to be written by one thread and read by others.
    """

    def __init__(self) -> None:
        self.told: tuple[int, int] | None = None


_current: ContextVar[Progress | None] = ContextVar("progress", default=None)


def tell(done: int, total: int) -> None:
    """That so many of the pieces of work at hand are done; it costs next to nothing.

    A batch that does one long thing after the other begins anew with each.
    """
    if (progress := _current.get()) is not None:
        progress.told = (done, total)


def counted(pieces: Iterable[T], total: int) -> Iterator[T]:
    """The pieces of work, telling whenever one of them is done."""
    for done, piece in enumerate(pieces):
        tell(done, total)
        yield piece
    tell(total, total)


@contextmanager
def followed() -> Iterator[Progress]:
    """The progress of what is done inside, and in copies of the context made inside."""
    progress = Progress()
    token = _current.set(progress)
    try:
        yield progress
    finally:
        _current.reset(token)
