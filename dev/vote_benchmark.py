"""Measures the vote service of a stack of its own with prepared polls, and prints the figures; a part of `benchmark`.

`--database URL` lets it use that empty PostgreSQL database instead of SQLite; `--quick` only shows that everything
works; `--seconds` is how long the rush lasts.
"""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from dev.load import Answer, Client, Credentials, Measurement, run_clients
from dev.stack import Stack
from dev.vote_data import OPTIONS, create_poll, create_voters, votes_cast, wait_until_finished

_LABEL = 44
_VOTED_SECONDS = 0.01
"""A hundred questions who has voted a second."""


@dataclass(frozen=True, slots=True)
class VoteSizes:
    """How much is measured: voters of the rush, voters of the large poll, clients."""

    rush: int = 2_000
    large: int = 10_000
    clients: int = 50
    seconds: float = 60.0


QUICK = VoteSizes(rush=40, large=60, clients=8, seconds=1.0)


class VoteBenchmark:
    """All scenarios, on a running stack with an empty datastore. `failures` counts requests and checks that failed."""

    def __init__(self, stack: Stack, sizes: VoteSizes) -> None:
        self.failures = 0
        self._stack = stack
        self._sizes = sizes
        self._polls = count(1)
        self._sessions: list[Credentials] = []

    def run(self) -> None:
        """Measure everything, and print each figure as soon as it is known."""
        self._sessions = create_voters(self._stack, self._sizes.large)
        sizes = self._sizes
        print(f"{'':{_LABEL}} {'req/s':>8} {'p50 ms':>9} {'p95 ms':>9} {'calls':>7} {'failed':>6}")
        self._round("warming up", self._sessions[: sizes.clients * 4], seconds=0)
        rush = self._sessions[: sizes.rush]
        self._round(f"{sizes.rush:,} ballots in {sizes.seconds:g} s", rush, seconds=sizes.seconds)
        self._round("  with 100 questions who has voted a second", rush, seconds=sizes.seconds, asked=True)
        self._round(f"{sizes.rush:,} ballots as fast as possible", rush, seconds=0)
        self._round(f"{sizes.large:,} ballots as fast as possible", self._sessions, seconds=0, counted=True)

    def _round(
        self, label: str, sessions: Sequence[Credentials], *, seconds: float, asked: bool = False, counted: bool = False
    ) -> None:
        """A poll: its start, one ballot of each session spread over so many seconds, its stop.

        `counted`: also `poll.stop`, which stores votes and result.
        """
        poll_id = next(self._polls)
        create_poll(self._stack, poll_id)
        start = self._internal("start", poll_id)
        done = threading.Event()
        asking = threading.Thread(target=self._ask, args=(poll_id, done), daemon=True)
        if asked:
            asking.start()
        measured = self._cast(poll_id, sessions, seconds)
        done.set()
        if asked:
            asking.join()
        self._report(label, measured)
        stop = self._internal("stop", poll_id)
        good = start.good and stop.good and stop.ballots == len(sessions)
        self.failures += not good
        print(
            f"{'  start, stop':{_LABEL}} {start.seconds * 1000:.0f} ms, {stop.seconds * 1000:.0f} ms, "
            f"{stop.ballots:,} ballots{'' if good else '  FAILED'}",
            flush=True,
        )
        if counted:
            self._count(poll_id, len(sessions))
        self._internal("clear", poll_id)

    def _report(self, label: str, measured: Measurement) -> None:
        print(f"{label:{_LABEL}} {measured}", flush=True)
        self.failures += len(measured.failures)

    def _cast(self, poll_id: int, sessions: Sequence[Credentials], seconds: float) -> Measurement:
        result, path, clients = Measurement(), f"/system/vote?id={poll_id}", self._sizes.clients
        began = time.perf_counter()

        def work(number: int, client: Client) -> None:
            for index in range(number, len(sessions), clients):
                client.use(sessions[index])
                time.sleep(max(0.0, began + seconds * index / len(sessions) - time.perf_counter()))
                started = time.perf_counter()
                answer = client.post({"value": {str(OPTIONS[index % 3]): "Y"}})
                result.latencies.append(time.perf_counter() - started)
                if answer.status != 200:
                    result.failures.append(_told(answer))

        result.seconds = run_clients([Client(self._stack.vote_url, path, {}) for _ in range(clients)], work)
        return result

    def _ask(self, poll_id: int, done: threading.Event) -> None:
        """Ask who has voted until it is done, and report how long that took."""
        measured, began = Measurement(), time.perf_counter()
        with Client(self._stack.vote_url, f"/system/vote/voted?ids={poll_id}", {}) as client:
            for number in count():
                if done.wait(max(0.0, began + number * _VOTED_SECONDS - time.perf_counter())):
                    break
                client.use(self._sessions[number % len(self._sessions)])
                started = time.perf_counter()
                answer = client.get()
                measured.latencies.append(time.perf_counter() - started)
                if answer.status != 200:
                    measured.failures.append(_told(answer))
        measured.seconds = time.perf_counter() - began
        self._report("  the questions", measured)

    def _count(self, poll_id: int, ballots: int) -> None:
        """One request to the action component, which counts all ballots and stores them."""
        with Client(self._stack.action_url, "/internal/handle_request", self._stack.internal_headers) as client:
            started = time.perf_counter()
            answer = client.post([{"action": "poll.stop", "data": [{"id": poll_id}]}])
            # Answered with 202 after a second, it goes on.
            good = answer.status in (200, 202) and wait_until_finished(self._stack, poll_id)
            seconds = time.perf_counter() - started
        good = good and votes_cast(self._stack, poll_id) == ballots
        self.failures += not good
        print(f"{'  poll.stop':{_LABEL}} {seconds * 1000:.0f} ms{'' if good else '  FAILED'}", flush=True)

    def _internal(self, command: str, poll_id: int) -> "_Call":
        with Client(self._stack.vote_url, f"/internal/vote/{command}?id={poll_id}", {}) as client:
            started = time.perf_counter()
            answer = client.post({})
            seconds = time.perf_counter() - started
        ballots = len(answer.body["votes"]) if command == "stop" and answer.status == 200 else 0
        return _Call(answer.status == 200, seconds, ballots)


@dataclass(frozen=True, slots=True)
class _Call:
    good: bool
    seconds: float
    ballots: int


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body['error'] if isinstance(answer.body, dict) else ''}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code: 1 if a request failed."""
    parser = argparse.ArgumentParser(prog="python -m dev.vote_benchmark", description=__doc__)
    parser.add_argument("--database", help="URL of an empty database for the ballots, instead of SQLite")
    parser.add_argument("--seconds", type=float, default=VoteSizes().seconds, help="how long the rush lasts")
    parser.add_argument("--quick", action="store_true", help="everything once, with few voters")
    options = parser.parse_args(arguments)
    sizes = QUICK if options.quick else VoteSizes(seconds=options.seconds)
    variables = {"VOTE_DATABASE_URL": options.database} if options.database else {}
    with Stack(variables) as stack:
        benchmark = VoteBenchmark(stack, sizes)
        benchmark.run()
    return 1 if benchmark.failures else 0


if __name__ == "__main__":
    sys.exit(main())
