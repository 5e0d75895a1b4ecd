"""kill -9 under load: every write that was answered with success is there, and nothing is there by half."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from dev.bulk_data import MEETING, BulkData
from dev.load import ACTION_PATH, Client, log_in
from dev.stack import Stack, descendants
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.transfer.checker import check_data
from tests.system.processes import PATIENCE, wait_until, wait_until_gone

CLIENTS = 4
BETWEEN_KILLS = 12
"""Topics that are created before a process is killed again."""
WAIT_FOREVER = {"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}
EXAMPLE_TOPICS = 6
KILLS = 3
CRASH_LOOP_SECONDS = 8
"""The internal servers give up, and the stack ends, if a worker dies again a few seconds after it was replaced."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its answer's status, 0 if there was none; points of time by `time.monotonic`."""

    status: int
    began: float
    ended: float


class Load:
    """Clients that create topics, each with a title of its own; `answered` are the titles that succeeded."""

    def __init__(self, stack: Stack) -> None:
        self.answered: list[str] = []
        self.calls: list[Call] = []
        self._stack = stack
        self._credentials = log_in(stack, "superadmin", "superadmin")
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Clients are at work."""
        threads = [threading.Thread(target=self._work, args=(name,)) for name in "abcdefgh"[:CLIENTS]]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for_progress(self) -> None:
        """Wait until more topics were created."""
        goal = len(self.answered) + BETWEEN_KILLS
        wait_until(lambda: len(self.answered) >= goal or self._has_ended(), "more topics")
        assert len(self.answered) >= goal, f"the stack has ended: {self._stack.log[-2000:]}"

    def _has_ended(self) -> bool:
        return self._stack.process is None or self._stack.process.poll() is not None

    def _work(self, name: str) -> None:
        number = 0
        with Client(self._stack.action_url, ACTION_PATH, self._credentials) as client:
            while not self._stop.is_set():
                number += 1
                title = f"{self._stack.ports['ACTION']} {name} {number}"
                element = {"title": title, "meeting_id": MEETING}
                began = time.monotonic()
                status = client.post([{"action": "topic.create", "data": [element]}]).status
                self.calls.append(Call(status, began, time.monotonic()))
                if status == 200:
                    self.answered.append(title)


def check(stack: Stack, answered: list[str]) -> None:
    """Compare what is stored with what was answered, and all relations with each other."""
    data = BulkData(stack).datastore.get_everything()
    titles = [topic["title"] for id_, topic in data["topic"].items() if id_ > EXAMPLE_TOPICS]
    assert len(set(answered)) == len(answered)
    assert set(answered) <= set(titles)
    assert len(set(titles)) == len(titles), "a write was repeated"
    for collection in ("topic", "agenda_item", "list_of_speakers"):
        assert len(data[collection]) == len(titles) + EXAMPLE_TOPICS, collection
        assert sorted(data["meeting"][MEETING][f"{collection}_ids"]) == sorted(data[collection]), collection
    numbers = [topic["sequential_number"] for topic in data["topic"].values()]
    assert len(set(numbers)) == len(numbers)
    json_data = {name: {str(id_): model for id_, model in models.items()} for name, models in data.items()}
    check_data({"_migration_index": MIGRATION_INDEX, **json_data})


def kill_workers(folder: Path, service: str, kills: int, variables: dict[str, str] | None = None) -> None:
    """Kill the workers of a service again and again, then start everything anew and compare."""
    variables = {**WAIT_FOREVER, **(variables or {})}
    with Stack(variables, folder=folder) as stack:
        BulkData(stack).load_example()
        load = Load(stack)
        with load.running():
            killed = time.monotonic() - CRASH_LOOP_SECONDS
            for _ in range(kills):
                load.wait_for_progress()
                if service != "action":
                    wait_until(partial(_has_passed, killed + CRASH_LOOP_SECONDS), "the next kill is due")
                stack.kill(service, workers_only=True)
                killed = time.monotonic()
            load.wait_for_progress()
        check(stack, load.answered)
    with Stack(variables, folder=folder) as stack:
        check(stack, load.answered)


def _has_passed(moment: float) -> bool:
    return time.monotonic() > moment


def kill_everything(folder: Path, times: int) -> None:
    """Kill the whole stack under load again and again, with a new stack on the same data each time."""
    answered: list[str] = []
    for number in range(times + 1):
        with Stack(WAIT_FOREVER, folder=folder) as stack:
            if number == 0:
                BulkData(stack).load_example()
            check(stack, answered)
            load = Load(stack)
            assert stack.process is not None
            children = list(descendants(stack.process.pid))
            with load.running():
                load.wait_for_progress()
                for service in ("datastore", "action"):
                    stack.kill(service)
                stack.process.kill()
                wait_until_gone(children)
            answered += load.answered


@pytest.mark.parametrize(("service", "kills"), [("datastore", 1), ("action", 2)])
def test_workers(service: str, kills: int, tmp_path: Path) -> None:
    kill_workers(tmp_path, service, kills)


def test_everything(tmp_path: Path) -> None:
    kill_everything(tmp_path, times=1)


@pytest.mark.postgres
def test_workers_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    kill_workers(tmp_path, "datastore", kills=1, variables={"DATASTORE_DATABASE_URL": postgres_url})


def killed_datastore(stack: Stack, load: Load) -> str:
    """Kill its worker: how long clients notice it. What fails fails clearly."""
    killed = time.monotonic()
    stack.kill("datastore", workers_only=True)
    load.wait_for_progress()
    calls = [call for call in load.calls if call.ended > killed]
    failed = [call for call in calls if call.status != 200]
    assert {call.status for call in failed} <= {503}
    back = min(call.ended for call in calls if call.status == 200 and call.began > killed) - killed
    last = max((call.ended - killed for call in failed), default=0.0)
    slowest = max(call.ended - call.began for call in calls)
    assert max(back, last, slowest) < PATIENCE
    failures = f"{len(failed)} calls failed, the last after {last:.2f} s"
    return f"{failures}; next success after {back:.2f} s; slowest call {slowest:.2f} s"


@pytest.mark.long
def test_a_killed_datastore_is_soon_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its figures are printed; the log says who died of what, and that it is replaced."""
    with Stack(WAIT_FOREVER, folder=tmp_path) as stack:
        BulkData(stack).load_example()
        load = Load(stack)
        with load.running():
            for number in range(1, KILLS + 1):
                load.wait_for_progress()
                figures = killed_datastore(stack, load)
                with capsys.disabled():
                    print(f"\ndatastore killed ({number}): {figures}")
                wait_until(partial(_has_passed, time.monotonic() + CRASH_LOOP_SECONDS), "the next kill is due")
        check(stack, load.answered)
        deaths = [line for line in stack.log.splitlines() if "SIGKILL" in line]
    assert len(deaths) == KILLS * len(("reader", "writer"))
    assert all(
        "ERROR datastore[" in death and "a worker was ended by SIGKILL and is replaced" in death for death in deaths
    )
    with Stack(WAIT_FOREVER, folder=tmp_path) as stack:
        check(stack, load.answered)


@pytest.mark.long
@pytest.mark.parametrize("service", ["datastore", "action", "permission", "auth"])
def test_workers_again_and_again(service: str, tmp_path: Path) -> None:
    kill_workers(tmp_path, service, kills=5)


@pytest.mark.long
def test_everything_again_and_again(tmp_path: Path) -> None:
    kill_everything(tmp_path, times=8)
