"""Batches that take long, with jobs that end when the test says so."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from openslides_backend.http.action_worker import UNNAMED, Accepted, ActionWorker, Body, batch_names
from openslides_backend.http.errors import FAULT_MESSAGE
from openslides_backend.shared import progress
from openslides_backend.shared.context import Confirmation, RequestContext
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest, PermissionDenied
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields

WAIT = 10
BATCH = [{"action": "topic.create", "data": []}, {"action": "topic.create", "data": []}, {"action": "x.y", "data": []}]
NAME = "topic.create,topic.create,x.y"


class Store:
    """Keeps records in memory; fails as long as it shall, and lets the test wait for writes."""

    def __init__(self) -> None:
        self.records: dict[str, Fields] = {}
        self.writes: list[Fields] = []
        self.reserve_failures = 0
        self.write_failures = 0
        self.on_reserve: Callable[[], None] = lambda: None
        self.attempted = threading.Semaphore(0)

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]:
        assert amounts == {"action_worker": 1}
        self.on_reserve()
        if self.reserve_failures:
            self.reserve_failures -= 1
            self.attempted.release()
            raise RuntimeError
        return {"action_worker": [7]}

    def write_without_events(self, fqid: str, fields: Fields) -> None:
        self.attempted.release()
        if self.write_failures:
            self.write_failures -= 1
            raise RuntimeError
        self.writes.append(fields)
        self.records.setdefault(fqid, {}).update(fields)

    def await_writes(self, number: int) -> None:
        for _ in range(number):
            assert self.attempted.acquire(timeout=WAIT)


class Job:
    """A job that ends on command."""

    def __init__(self, ending: Callable[[], Body]) -> None:
        self.ending = ending
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.done = threading.Event()

    def __call__(self) -> Body:
        self.begun.set()
        assert self.may_end.wait(WAIT)
        try:
            return self.ending()
        finally:
            self.done.set()


def success() -> Body:
    return {"success": True}


def admitted(user_id: int) -> RequestContext:
    """The circumstances of a request whose user may do it."""
    context = RequestContext(user_id)
    context.admitted.set()
    return context


def start(
    job: Job, store: Store, payload: object = BATCH, *, interval: float = WAIT, look_interval: float = WAIT
) -> tuple[Accepted, ActionWorker]:
    """Let a job be accepted."""
    worker = ActionWorker(store, 0, 1, 1, interval=interval, look_interval=look_interval)
    answer = worker.work(job, payload, admitted(3))
    assert isinstance(answer, Accepted)
    return answer, worker


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def finish(job: Job, worker: ActionWorker) -> None:
    job.may_end.set()
    worker.finish()


@pytest.mark.parametrize("timeout", [5, -1, -2])
def test_in_time(timeout: float) -> None:
    store = Store()
    assert ActionWorker(store, timeout, 1, 1).work(success, BATCH, RequestContext(1)) == {"success": True}
    assert not store.writes


@pytest.mark.parametrize("timeout", [5, -1, -2])
def test_error_in_time(timeout: float) -> None:
    def fail() -> Body:
        raise PermissionDenied("no")

    store = Store()
    with pytest.raises(PermissionDenied):
        ActionWorker(store, timeout, 1, 1).work(fail, BATCH, RequestContext(1))
    assert not store.writes


def test_timeout_of_the_job_itself() -> None:
    def fail() -> Body:
        raise TimeoutError("of the job")

    store = Store()
    with pytest.raises(TimeoutError, match="of the job"):
        ActionWorker(store, WAIT, 1, 1).work(fail, BATCH, RequestContext(1))
    assert not store.writes


@pytest.mark.parametrize(("timeout", "own_thread"), [(5, True), (0.5, True), (-1, False), (-2, False)])
def test_thread(timeout: float, own_thread: bool) -> None:
    threads = []

    def job() -> Body:
        threads.append(threading.current_thread())
        return {}

    ActionWorker(Store(), timeout, 1, 1).work(job, BATCH, RequestContext(1))
    assert (threads[0] is not threading.current_thread()) == own_thread


def test_nothing_is_accepted_of_an_unconfirmed_user() -> None:
    answered = threading.Event()

    def ended() -> None:
        answered.wait(WAIT)
        raise AuthenticationFailed("The session has ended.")

    context = RequestContext(3, confirmation=Confirmation(Pending(ended)))

    def job() -> Body:
        with context.confirming():
            return {"success": True}

    store = Store()
    threading.Timer(0.05, answered.set).start()
    with pytest.raises(AuthenticationFailed):
        ActionWorker(store, 0, 1, 1).work(job, BATCH, context)
    assert not store.writes


def test_job_sees_context_of_the_request() -> None:
    variable: ContextVar[str] = ContextVar("variable")
    variable.set("request")
    assert ActionWorker(Store(), WAIT, 1, 1).work(lambda: {"value": variable.get()}, BATCH, RequestContext(1)) == {
        "value": "request"
    }


def test_accepted_and_finished() -> None:
    store, job = Store(), Job(success)
    before = round(time.time())
    answer, worker = start(job, store)
    assert answer.body["status_code"] == 202
    assert answer.body["success"] is False
    assert answer.body["results"] == [[{"fqid": "action_worker/7", "name": NAME, "written": True}]]
    record = store.records["action_worker/7"]
    assert record.keys() == {"id", "name", "state", "created", "timestamp", "user_id"}
    assert (record["id"], record["name"], record["state"], record["user_id"]) == (7, NAME, "running", 3)
    assert before <= record["created"] <= record["timestamp"] <= before + WAIT
    finish(job, worker)
    assert record["state"] == "end"
    assert record["result"] == {"success": True}


def test_error_in_background() -> None:
    def fail() -> Body:
        raise BadRequest("bad", action_error_index=1, action_data_error_index=2)

    store, job = Store(), Job(fail)
    _, worker = start(job, store)
    finish(job, worker)
    record = store.records["action_worker/7"]
    assert record["state"] == "end"
    assert record["result"] == {
        "success": False,
        "message": "bad",
        "code": "bad_request",
        "action_error_index": 1,
        "action_data_error_index": 2,
    }


@pytest.mark.parametrize(("fault", "state"), [(ZeroDivisionError("secret"), "end"), (SystemExit("secret"), "aborted")])
def test_fault_in_background(fault: BaseException, state: str, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> Body:
        raise fault

    store, job = Store(), Job(fail)
    _, worker = start(job, store)
    finish(job, worker)
    record = store.records["action_worker/7"]
    assert record["state"] == state
    assert record["result"]["success"] is False
    assert "secret" not in str(record)
    assert "secret" not in caplog.text
    assert type(fault).__name__ in caplog.text
    if state == "end":
        assert record["result"]["message"] == FAULT_MESSAGE


def test_sign_of_life() -> None:
    store, job = Store(), Job(success)
    _, worker = start(job, store, interval=0.01)
    store.await_writes(4)
    assert store.writes[1].keys() == {"timestamp"}
    finish(job, worker)
    assert store.writes[-1].keys() == {"timestamp", "state", "result"}


def test_progress() -> None:
    """It is written when there is news; what isn't known when the end comes is not told any more."""
    store, steps, looked = Store(), threading.Semaphore(0), threading.Semaphore(0)

    def work() -> Body:
        for done in progress.counted(range(3), 3):
            looked.release()
            assert steps.acquire(timeout=WAIT), done
        return {"success": True}

    worker = ActionWorker(store, 0, 1, 1, interval=WAIT, look_interval=0.001)
    assert isinstance(worker.work(work, BATCH, admitted(3)), Accepted)
    record = store.records["action_worker/7"]
    for done in range(3):
        assert looked.acquire(timeout=WAIT)
        wait_for(lambda done=done: record.get("result") == {"progress": {"done": done, "total": 3}})  # type: ignore[misc]
        assert record["state"] == "running"
        steps.release()
    worker.finish()
    assert (record["state"], record["result"]) == ("end", {"success": True})
    assert len(store.writes) <= 6


def test_nothing_is_written_without_news() -> None:
    store, told = Store(), threading.Event()

    def work() -> Body:
        progress.tell(1, 2)
        told.set()
        return job()

    job = Job(success)
    worker = ActionWorker(store, 0, 1, 1, interval=WAIT, look_interval=0.001)
    assert isinstance(worker.work(work, BATCH, admitted(3)), Accepted)
    assert told.wait(WAIT)
    wait_for(lambda: "result" in store.records["action_worker/7"])
    time.sleep(0.05)  # what is tested is that time may pass: many times the interval
    assert len(store.writes) <= 2
    finish(job, worker)


def test_record_is_tried_again_while_running() -> None:
    store, job = Store(), Job(success)
    store.write_failures = 2
    answer, worker = start(job, store, look_interval=0.01)
    assert answer.body["results"] == [[{"fqid": "action_worker/7", "name": NAME, "written": False}]]
    store.await_writes(3)
    finish(job, worker)
    assert store.writes[0]["state"] == "running"
    assert store.records["action_worker/7"]["state"] == "end"


def test_id_is_tried_again_while_running() -> None:
    store, job = Store(), Job(success)
    store.reserve_failures = 3
    answer, worker = start(job, store, look_interval=0.01)
    assert answer.body["results"] == [[{"fqid": None, "name": NAME, "written": False}]]
    store.await_writes(4)
    finish(job, worker)
    assert store.records["action_worker/7"]["state"] == "end"


def test_record_first_written_at_the_end() -> None:
    store, job = Store(), Job(success)
    store.write_failures = 1
    _, worker = start(job, store, look_interval=WAIT)
    finish(job, worker)
    assert store.records["action_worker/7"].keys() >= {"id", "name", "state", "created", "user_id", "result"}


def test_finished_while_reserving_an_id() -> None:
    store, job = Store(), Job(success)

    def end_meanwhile() -> None:
        job.may_end.set()
        assert job.done.wait(WAIT)

    worker = ActionWorker(store, 0, 1, 1)
    store.on_reserve = end_meanwhile
    answer = worker.work(job, BATCH, admitted(1))
    worker.finish()
    # Whether the thread has handed over its result yet is up to the scheduler.
    if isinstance(answer, Accepted):
        assert store.records["action_worker/7"]["state"] == "end"
    else:
        assert answer == {"success": True}
        assert not store.writes


@pytest.mark.parametrize("payload", [None, 5, {"action": "a"}, ["a"], [{}], [{"action": 1}], [{"action": "a"}, None]])
def test_no_names(payload: object) -> None:
    assert batch_names(payload) is None
    store, job = Store(), Job(success)
    answer, worker = start(job, store, payload)
    assert answer.body["results"] == [[{"fqid": "action_worker/7", "name": UNNAMED, "written": True}]]
    finish(job, worker)


def test_threads_are_reused() -> None:
    worker, threads = ActionWorker(Store(), WAIT, 3, 1), set()

    def job() -> Body:
        threads.add(threading.get_ident())
        return {}

    for _ in range(20):
        worker.work(job, BATCH, RequestContext(1))
    assert len(threads) <= 4


@pytest.mark.parametrize("context", [RequestContext(3), admitted(0)], ids=["not admitted yet", "anonymous"])
def test_no_record_of_who_may_not_do_it(context: RequestContext) -> None:
    def refuse() -> Body:
        raise PermissionDenied("no")

    store, job = Store(), Job(refuse)
    threading.Timer(0.1, job.may_end.set).start()
    with pytest.raises(PermissionDenied):
        ActionWorker(store, 0, 1, 1).work(job, BATCH, context)
    assert not store.writes


def test_accepted_as_soon_as_admitted() -> None:
    store, job, context = Store(), Job(success), RequestContext(3)
    worker = ActionWorker(store, 0, 1, 1)
    with ThreadPoolExecutor(1) as requests:
        answer = requests.submit(worker.work, job, BATCH, context)
        assert job.begun.wait(WAIT)
        assert not answer.done()
        context.admitted.set()
        assert isinstance(answer.result(WAIT), Accepted)
    finish(job, worker)


def test_no_room_for_another_long_batch() -> None:
    """It waits in its request, and goes on without it as soon as there is room."""
    store, jobs = Store(), [Job(success) for _ in range(3)]
    worker = ActionWorker(store, 0, 3, 1)
    with ThreadPoolExecutor(3) as requests:
        answers = [requests.submit(worker.work, jobs[0], BATCH, admitted(3))]
        assert isinstance(answers[0].result(WAIT), Accepted)
        answers += [requests.submit(worker.work, job, BATCH, admitted(3)) for job in jobs[1:]]
        assert all(job.begun.wait(WAIT) for job in jobs)
        jobs[1].may_end.set()
        assert answers[1].result(WAIT) == {"success": True}
        assert not answers[2].done()
        jobs[0].may_end.set()
        assert isinstance(answers[2].result(WAIT), Accepted)
    finish(jobs[2], worker)
