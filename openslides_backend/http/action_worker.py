"""Batches that take long: answered with 202 and finished in the background (actions/action_worker.md)."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import Protocol

from openslides_backend.http.errors import fault
from openslides_backend.shared import progress
from openslides_backend.shared.context import ANONYMOUS, RequestContext
from openslides_backend.shared.exceptions import BackendError, InternalError
from openslides_backend.shared.faults import log_fault
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.progress import Progress
from openslides_backend.shared.typing import Fields

logger = logging.getLogger(__name__)

COLLECTION = "action_worker"
UNNAMED = "no list of actions"
"""The name of what isn't a batch."""
SIGN_OF_LIFE_INTERVAL = 10.0
"""Seconds between two updates of a record's timestamp."""
LOOK_INTERVAL = 1.0
"""Seconds until a record is written again that could not be written, or whose batch is further than it tells."""

Body = dict[str, object]
Job = Callable[[], Body]


class RecordStore(Protocol):
    """What is needed of the datastore."""

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]: ...

    def write_without_events(self, fqid: str, fields: Fields) -> None: ...


def batch_names(batch: object) -> list[str] | None:
    """The names of the actions in a batch, None if it isn't a list of objects with names."""
    if not isinstance(batch, list):
        return None
    names = [element.get("action") if isinstance(element, dict) else None for element in batch]
    texts = [name for name in names if isinstance(name, str)]
    return texts if len(texts) == len(names) else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A batch that isn't finished: the body of the answer 202."""

    body: Body


class BatchRecord:
    """The `action_worker` model that tells how a batch goes on.

    No method raises: whether it could be written tells `written`. `is_behind` is whether the batch has told more of
    its progress than was written.
    """

    def __init__(self, store: RecordStore, name: str, user_id: int, created: float, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._shown: tuple[int, int] | None = None
        self._first: Fields = {"name": name, "state": "running", "created": round(created), "user_id": user_id}
        self._id: int | None = None
        self.name = name
        self.written = False

    @property
    def fqid(self) -> str | None:
        """The fqid of the record, None as long as no id could be reserved."""
        return None if self._id is None else make_fqid(COLLECTION, self._id)

    @property
    def is_behind(self) -> bool:
        """See the class."""
        return self._progress.told != self._shown

    def reserve(self) -> None:
        """Get an id for the record."""
        try:
            self._id = self._store.reserve_ids({COLLECTION: 1})[COLLECTION][0]
        except Exception as error:  # the record must never disturb the batch
            log_fault("reserving an id for an action_worker", error)

    def show(self) -> None:
        """Write that the batch is running, and how far it is."""
        told = self._progress.told
        self.write({} if told is None else {"result": {"progress": {"done": told[0], "total": told[1]}}})
        self._shown = told

    def write(self, changes: Fields) -> None:
        """Write changes, with the time and with all that isn't written yet."""
        if self._id is None:
            self.reserve()
        if self._id is None:
            return
        fields = {"timestamp": round(time.time()), **changes}
        if not self.written:
            fields = {"id": self._id, **self._first, **fields}
        try:
            self._store.write_without_events(make_fqid(COLLECTION, self._id), fields)
            self.written = True
        except Exception as error:  # the record must never disturb the batch
            log_fault(f"writing {self.fqid}", error)


def _outcome(future: "Future[Body]") -> Fields:
    """State and result of a finished batch."""
    error = future.exception()
    if error is None:
        return {"state": "end", "result": future.result()}
    if isinstance(error, BackendError):
        return {"state": "end", "result": error.as_json()}
    log_fault("a batch in the background", error)
    if isinstance(error, Exception):
        return {"state": "end", "result": fault().as_json()}
    return {"state": "aborted", "result": InternalError("The batch was aborted.").as_json()}


class ActionWorker:
    """Works on batches, in threads of its own if their requests shall not wait for the end.

    `timeout` is how many seconds a request waits for its batch; negative: without limit, in the thread of the request.
    `threads` is the number of threads that the server handles requests with, `long_batches` how many batches may go on
    after their requests were answered. There is a thread for each of all these.
    """

    def __init__(
        self,
        store: RecordStore,
        timeout: float,
        threads: int,
        long_batches: int,
        *,
        interval: float = SIGN_OF_LIFE_INTERVAL,
        look_interval: float = LOOK_INTERVAL,
    ) -> None:
        self._store = store
        self._timeout = timeout
        self._interval = interval
        self._look_interval = look_interval
        self._free = long_batches
        self._changed = Condition()
        # They start their threads with the first batch: threads don't survive the fork of the server's workers.
        self._batches = ThreadPoolExecutor(threads + long_batches, thread_name_prefix="batch")
        self._watchers = ThreadPoolExecutor(long_batches, thread_name_prefix="long-batch")

    def work(self, job: Job, batch: object, context: RequestContext) -> Body | Accepted:
        """The body of the answer of a job, or Accepted if it takes too long.

        Accepted are only batches of users who are logged in and allowed to do it, and only as many as there is room
        for; the requests of all others wait. Raises what the job raises, if it does so in time.
        """
        if self._timeout < 0:
            return job()
        created = time.time()
        with progress.followed() as followed:
            future = self._batches.submit(copy_context().run, job)
        try:
            return future.result(self._timeout)
        except TimeoutError:
            # If it is done, this is the job's own error, or the end came at this very moment.
            if future.done() or not self._may_go_on(future, context):
                return future.result()
        names = batch_names(batch)
        name = UNNAMED if names is None else ",".join(names)
        record = BatchRecord(self._store, name, context.user_id, created, followed)
        record.reserve()
        if future.done():
            self._make_room()
            return future.result()
        record.show()
        accepted = Accepted(_accepted_body(record))
        self._watchers.submit(copy_context().run, self._watch, future, record)
        return accepted

    def _may_go_on(self, future: "Future[Body]", context: RequestContext) -> bool:
        """Wait until the batch is done (False), or may go on without its request, for which room is taken (True)."""
        if context.user_id == ANONYMOUS:
            return False
        future.add_done_callback(partial(self._is_done, context))
        context.admitted.wait()
        with self._changed:
            self._changed.wait_for(lambda: future.done() or self._free > 0)
            if future.done():
                return False
            self._free -= 1
            return True

    def _is_done(self, context: RequestContext, _future: "Future[Body]") -> None:
        context.admitted.set()
        with self._changed:
            self._changed.notify_all()

    def _make_room(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait for the end of all batches; there can't be any others after that."""
        self._batches.shutdown()
        self._watchers.shutdown()

    def _watch(self, future: "Future[Body]", record: BatchRecord) -> None:
        due = time.monotonic() + self._interval
        while not wait((future,), min(self._look_interval, self._interval)).done:
            if not record.written or record.is_behind or time.monotonic() >= due:
                record.show()
                due = time.monotonic() + self._interval
        record.write(_outcome(future))
        logger.info("batch of %s finished in the background", record.fqid)
        self._make_room()


def _accepted_body(record: BatchRecord) -> Body:
    message = f"The action '{record.name}' takes too long. "
    if record.written:
        message += f"It goes on in the background, see {record.fqid} for its progress."
    else:
        message += "It goes on in the background, but the record that tells its progress could not be written yet."
    return {
        "status_code": 202,
        "success": False,
        "message": message,
        "results": [[{"fqid": record.fqid, "name": record.name, "written": record.written}]],
    }
