"""Work that goes on after the answer, so that its time and outcome tell the client nothing."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

logger = logging.getLogger(__name__)

MAX_WAITING = 100

Job = Callable[[], None]


class Background(Protocol):
    """Carries out jobs; safe to be shared between threads."""

    def is_full(self) -> bool:
        """Whether too many jobs are waiting to take another one."""

    def submit(self, job: Job) -> None:
        """Carry out a job; if it fails, that is logged. It is dropped, and that logged, if too many are waiting."""


class BackgroundThread:
    """One thread for all jobs, begun with the first of them; at the end of the process those that wait are finished."""

    def __init__(self, max_waiting: int = MAX_WAITING) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._places = threading.BoundedSemaphore(max_waiting)

    def is_full(self) -> bool:
        """See Background."""
        if self._places.acquire(blocking=False):
            self._places.release()
            return False
        return True

    def submit(self, job: Job) -> None:
        """See Background."""
        if self._places.acquire(blocking=False):
            self._pool.submit(self._run, job)
        else:
            logger.warning("a job in the background was dropped: too many are waiting")

    def _run(self, job: Job) -> None:
        try:
            carry_out(job)
        finally:
            self._places.release()


class Foreground:
    """Carries out each job at once, for processes that are to work without a background thread."""

    def is_full(self) -> bool:
        """Never."""
        return False

    def submit(self, job: Job) -> None:
        """See Background."""
        carry_out(job)


def carry_out(job: Job) -> None:
    """Do the job; nothing is raised."""
    try:
        job()
    except Exception:
        logger.exception("a job in the background failed")
