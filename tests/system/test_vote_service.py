"""The vote service over HTTP: rushes, kills under load, readers of live votes, and its end."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from dev.load import Client, Credentials, run_clients
from dev.stack import Stack, descendants
from dev.vote_benchmark import main as benchmark
from dev.vote_data import OPTIONS, create_poll, create_voters
from tests.system.processes import wait_until, wait_until_gone

POLL = 1
VOTERS = 120
CLIENTS = 8
TIMEOUT = 30
DONE, DOUBLE = "done", "double-vote"


def internal(stack: Stack, command: str) -> requests.Response:
    return requests.post(f"{stack.vote_url}/internal/vote/{command}?id={POLL}", timeout=TIMEOUT)


def try_to_vote(client: Client, voter: Credentials) -> str:
    """What came of one ballot: DONE, the type of an error, or nothing for a broken connection."""
    client.use(voter)
    answer = client.post({"value": {str(OPTIONS[0]): "Y"}})
    if answer.status == 200:
        return DONE
    return str(answer.body["error"]) if isinstance(answer.body, dict) else ""


class Voting:
    """All vote; who isn't told that the vote was cast sends again. `taken` are those who were told so."""

    def __init__(self, stack: Stack, voters: list[Credentials]) -> None:
        self.taken: set[int] = set()
        self.told: Counter[str] = Counter()
        self._stack = stack
        self._voters = voters

    @contextmanager
    def running(self) -> Iterator[None]:
        """Voters are at work; at the end they have voted, or the stack has ended."""
        clients = [Client(self._stack.vote_url, f"/system/vote?id={POLL}", {}) for _ in range(CLIENTS)]
        thread = threading.Thread(target=run_clients, args=(clients, self._work))
        thread.start()
        try:
            yield
        finally:
            thread.join()

    def wait_for(self, number: int) -> None:
        """Wait until so many ballots were taken."""
        wait_until(lambda: len(self.taken) >= number, f"{number} ballots")

    def _work(self, number: int, client: Client) -> None:
        for user_id in range(number + 1, len(self._voters) + 1, CLIENTS):
            deadline = time.monotonic() + TIMEOUT
            while user_id not in self.taken and not self._has_ended() and time.monotonic() < deadline:
                came = try_to_vote(client, self._voters[user_id - 1])
                self.told[came] += 1
                if came in (DONE, DOUBLE):
                    self.taken.add(user_id)
                else:
                    time.sleep(0.02)

    def _has_ended(self) -> bool:
        return self._stack.process is None or self._stack.process.poll() is not None


def check_result(stack: Stack, taken: set[int]) -> None:
    """Everybody who was told so has one ballot in the result."""
    result = internal(stack, "stop").json()
    assert taken <= set(result["user_ids"])
    assert len(set(result["user_ids"])) == len(result["user_ids"]) == len(result["votes"])


def kill_workers(folder: Path, variables: dict[str, str]) -> None:
    """Kill the worker in the middle; it is replaced, and nobody notices but by sending again."""
    with Stack(variables, folder=folder) as stack:
        voters = create_voters(stack, VOTERS)
        create_poll(stack, POLL)
        assert internal(stack, "start").status_code == 200
        voting = Voting(stack, voters)
        with voting.running():
            voting.wait_for(VOTERS // 3)
            stack.kill("vote", workers_only=True)
        assert voting.taken == set(range(1, VOTERS + 1)), voting.told
        check_result(stack, voting.taken)


def kill_everything(folder: Path, variables: dict[str, str]) -> None:
    """Kill all processes at once; what was taken is there after a new start, and may not be sent again."""
    with Stack(variables, folder=folder) as stack:
        voters = create_voters(stack, VOTERS)
        create_poll(stack, POLL)
        internal(stack, "start")
        voting = Voting(stack, voters)
        assert stack.process is not None
        pids = [stack.process.pid, *descendants(stack.process.pid)]
        with voting.running():
            voting.wait_for(VOTERS // 3)
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):  # it may have ended with its parent
                    os.kill(pid, signal.SIGKILL)
        wait_until_gone(pids[1:])
    taken = set(voting.taken)
    with Stack(variables, folder=folder) as stack, Client(stack.vote_url, f"/system/vote?id={POLL}", {}) as client:
        for user_id in taken:
            assert try_to_vote(client, voters[user_id - 1]) == DOUBLE
        last = next(user_id for user_id in range(VOTERS, 0, -1) if user_id not in taken)
        assert try_to_vote(client, voters[last - 1]) in (DONE, DOUBLE)
        check_result(stack, taken | {last})


def test_killed_workers(tmp_path: Path) -> None:
    kill_workers(tmp_path, {})


@pytest.mark.long
def test_killed_stack(tmp_path: Path) -> None:
    kill_everything(tmp_path, {})


@pytest.mark.postgres
@pytest.mark.long
def test_killed_workers_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    kill_workers(tmp_path, {"VOTE_DATABASE_URL": postgres_url})


@pytest.mark.postgres
def test_killed_stack_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    kill_everything(tmp_path, {"VOTE_DATABASE_URL": postgres_url})


@pytest.mark.postgres
@pytest.mark.long
def test_benchmark_on_postgres(postgres_url: str) -> None:
    assert benchmark(["--quick", "--database", postgres_url]) == 0


def test_benchmark() -> None:
    assert benchmark(["--quick"]) == 0


def test_live_votes_and_the_end(tmp_path: Path) -> None:
    """A reader is told at once and then what is new; one that is gone and one that stays keep nothing from ending."""
    with Stack(folder=tmp_path) as stack:
        voters = create_voters(stack, 2)
        create_poll(stack, POLL)
        internal(stack, "start")
        with Client(stack.vote_url, f"/system/vote?id={POLL}", {}) as client:
            assert try_to_vote(client, voters[0]) == DONE
            url = f"{stack.vote_url}/internal/vote/live_votes"
            with requests.get(url, stream=True, timeout=TIMEOUT) as reader:
                assert reader.headers["Content-Type"] == "application/json"
                lines = reader.iter_lines(chunk_size=1)
                assert json.loads(next(lines)) == {"1": {"1": None}}
                assert try_to_vote(client, voters[1]) == DONE
                assert json.loads(next(lines)) == {"1": {"2": None}}
                internal(stack, "clear")
                assert json.loads(next(lines)) == {"1": None}
        staying = socket.create_connection(("127.0.0.1", stack.ports["VOTE"]), timeout=TIMEOUT)
        staying.sendall(b"GET /internal/vote/live_votes HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in staying.recv(4096)
        started = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - started < 10
        staying.close()
        assert "status=500" not in stack.log


def test_dead_readers_are_dropped(tmp_path: Path) -> None:
    with Stack(folder=tmp_path) as stack:
        url = f"{stack.vote_url}/internal/vote/live_votes"
        for _ in range(2):
            readers = [requests.get(url, stream=True, timeout=TIMEOUT) for _ in range(20)]
            assert {reader.status_code for reader in readers} == {200}
            for reader in readers:
                reader.close()
            time.sleep(2.5)


def test_without_a_vote_service(tmp_path: Path) -> None:
    with Stack({"VOTE_HOST": ""}, folder=tmp_path) as stack:
        assert stack.pids("vote") == []
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{stack.vote_url}/system/vote/health", timeout=TIMEOUT)
