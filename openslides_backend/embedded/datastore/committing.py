"""Group commit: writes that arrive while another one is being committed share the next transaction.

Making a commit durable takes longer than the writing itself. Who gets the lock first carries out all that wait, each in
its own savepoint, so that one that fails leaves the others alone.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from openslides_backend.embedded.datastore.database import Database, Session
from openslides_backend.embedded.datastore.errors import DatastoreError

T = TypeVar("T")

MAX_GROUP = 64


class _Job(Generic[T]):
    """Work of one request and what came of it."""

    __slots__ = ("done", "durable", "error", "result", "work")

    def __init__(self, work: Callable[[Session], T], *, durable: bool) -> None:
        self.work = work
        self.durable = durable
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None


class Committer:
    """Runs write transactions of this process one after the other; safe to be shared between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Job[Any]] = []

    def run(self, work: Callable[[Session], T], *, durable: bool = True) -> T:
        """The result of the work, once it is committed (see `Database.write` for `durable`).

        Raises what the work raises (then nothing of it is written), and DatabaseFailure.
        """
        job = _Job(work, durable=durable)
        with self._guard:
            self._waiting.append(job)
        with self._turn:
            if not job.done:
                self._run_group(job)
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[return-value]  # set whenever there is no error

    def _run_group(self, own: _Job[Any]) -> None:
        with self._guard:
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            if own not in group:
                self._waiting.remove(own)
                group.append(own)
        durable = any(job.durable for job in group)
        try:
            self._database.write(lambda session: _run_all(session, group), durable=durable)
        except BaseException as error:
            for job in group:
                if job.error is None:
                    job.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            for job in group:
                job.done = True


def _run_all(session: Session, group: list[_Job[Any]]) -> None:
    if len(group) == 1:
        group[0].result = group[0].work(session)
        return
    for job in group:
        session.run("SAVEPOINT job")
        try:
            job.result = job.work(session)
        except DatastoreError as error:
            job.error = error
            session.run("ROLLBACK TO SAVEPOINT job")
        session.run("RELEASE SAVEPOINT job")
