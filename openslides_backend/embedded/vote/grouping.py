"""Work that costs about the same for many as for one: requests that come meanwhile share the next turn."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_GROUP = 64


class _Job(Generic[Item, Result]):
    """An item and what came of it."""

    __slots__ = ("done", "item", "outcome")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = False
        self.outcome: Result | BaseException = RuntimeError("not handled")


class Grouping(Generic[Item, Result]):
    """Hands items to `work` in groups; safe to be shared between threads.

    `work` gets the items of a group and gives a result or an error for each, in order. If it raises, that is the
    outcome of the whole group. Each item is handed over after it came, never along with a group that is under way.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result | Exception]]) -> None:
        self._work = work
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Job[Item, Result]] = []

    def run(self, item: Item) -> Result:
        """The result for this item; raises its error."""
        job: _Job[Item, Result] = _Job(item)
        with self._guard:
            self._waiting.append(job)
        with self._turn:
            if not job.done:
                self._run_group(job)
        if isinstance(job.outcome, BaseException):
            raise job.outcome
        return job.outcome

    def _run_group(self, own: _Job[Item, Result]) -> None:
        with self._guard:
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            if own not in group:
                self._waiting.remove(own)
                group.append(own)
        try:
            outcomes: Sequence[Result | BaseException] = self._work([job.item for job in group])
        except BaseException as error:
            outcomes = [error] * len(group)
            if not isinstance(error, Exception):
                raise
        finally:
            for job in group:
                job.done = True
        for job, outcome in zip(group, outcomes, strict=True):
            job.outcome = outcome
