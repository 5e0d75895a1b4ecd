"""Measures a stack of its own over HTTP, with one worker a component, and prints the figures.

`--database URL` lets datastore and vote service use that empty PostgreSQL database; `--quick` only shows that all of it
works; `--only imports travel` measures these scenarios. Ballots come last, in an emptied datastore (see
`vote_benchmark`).
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from dev.bulk_data import MEETING, PASSWORD, BulkData
from dev.file_benchmark import QUICK as QUICK_FILES
from dev.file_benchmark import FileBenchmark, FileSizes
from dev.import_benchmark import QUICK as QUICK_IMPORTS
from dev.import_benchmark import ImportBenchmark, ImportSizes
from dev.load import ACTION_PATH, PRESENTER_PATH, Client, Credentials, Measurement, log_in, measure
from dev.merge_benchmark import QUICK as QUICK_MERGES
from dev.merge_benchmark import MergeBenchmark, MergeSizes
from dev.motion_benchmark import QUICK as QUICK_MOTIONS
from dev.motion_benchmark import MotionBenchmark, MotionSizes
from dev.stack import Stack
from dev.travel_benchmark import QUICK as QUICK_TRAVEL
from dev.travel_benchmark import TravelBenchmark
from dev.travel_data import TravelSizes
from dev.vote_benchmark import QUICK as QUICK_VOTES
from dev.vote_benchmark import VoteBenchmark, VoteSizes

_HEADER = f"{'':44} {'req/s':>8} {'p50 ms':>9} {'p95 ms':>9} {'calls':>7} {'failed':>6}"
_CLIENTS = 8
_SERVICES = ("action", "presenter", "permission", "datastore", "auth", "media")
_COMPONENTS = ("action", "presenter")
_BALLOTS = "ballots"
_SCENARIOS = ("requests", "motions", "merges", "files", "imports", "travel", _BALLOTS)
_LOGIN_THREADS = 4
_HTML = (
    '<ul><li><p>Some <strong>words</strong> &amp; <a href="https://example.com?a=1&b=2">a link</a><br></p></li></ul>\n'
)
_MIB = 1024
"""The kernel tells memory in KiB."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured: requests of the plain scenarios, and how large the others are."""

    requests: int = 400
    batches: int = 10
    batch: int = 100
    html: int = 1_000_000
    meetings: tuple[int, ...] = (10, 1_000, 10_000)
    in_meetings: int = 60
    crowd: int = 50
    topics_each: int = 4
    speakers: int = 200
    users: int = 1_000
    passwords: int = 100
    motions: int = 2_000
    starts: int = 3
    of_motions: MotionSizes = field(default_factory=MotionSizes)
    of_merges: MergeSizes = field(default_factory=MergeSizes)
    of_votes: VoteSizes = field(default_factory=VoteSizes)
    of_files: FileSizes = field(default_factory=FileSizes)
    of_imports: ImportSizes = field(default_factory=ImportSizes)
    of_travel: TravelSizes = field(default_factory=TravelSizes)


QUICK = Sizes(
    requests=16,
    batches=1,
    batch=10,
    html=10_000,
    meetings=(1, 10),
    in_meetings=2,
    crowd=5,
    topics_each=2,
    speakers=5,
    users=10,
    passwords=2,
    motions=10,
    starts=1,
    of_motions=QUICK_MOTIONS,
    of_merges=QUICK_MERGES,
    of_votes=QUICK_VOTES,
    of_files=QUICK_FILES,
    of_imports=QUICK_IMPORTS,
    of_travel=QUICK_TRAVEL,
)


def topic(meeting_id: int) -> dict[str, Any]:
    """The element that creates a topic."""
    return {"title": "A topic", "meeting_id": meeting_id}


def batch(action: str, *data: dict[str, Any]) -> list[dict[str, Any]]:
    """A payload with one action."""
    return [{"action": action, "data": list(data)}]


class Benchmark:
    """All scenarios, on one running stack. `failures` counts requests and checks that failed in any of them."""

    def __init__(self, stack: Stack, sizes: Sizes) -> None:
        self.failures = 0
        self.stack = stack
        self._sizes = sizes
        self.data = BulkData(stack)
        self.data.load_example()
        self.admin: Sequence[Credentials] = [log_in(stack, "superadmin", "superadmin")]
        self._numbers = count(1)

    def run(self, only: Container[str]) -> None:
        """Measure what is asked for, and print each figure as soon as it is known."""
        print(_HEADER)
        scenarios: dict[str, Callable[[], None]] = {
            "requests": self._requests,
            "motions": MotionBenchmark(self, self._sizes.of_motions).run,
            "merges": MergeBenchmark(self, self._sizes.of_merges).run,
            "files": FileBenchmark(self, self._sizes.of_files).run,
            "imports": ImportBenchmark(self, self._sizes.of_imports).run,
            "travel": TravelBenchmark(self, self._sizes.of_travel).run,
        }
        self._warm_up()
        for name, scenario in scenarios.items():
            if name in only:
                scenario()

    def _requests(self) -> None:
        for scenario in (
            self._plain,
            self._large_batch,
            self._growing_meetings,
            self._crowd,
            self._queue,
            self._accounts,
            self._meetings,
            self._numbering,
            self._presenters,
        ):
            scenario()

    def report(self, label: str, measured: Measurement) -> None:
        """Print what was measured."""
        print(f"{label:44} {measured}", flush=True)
        self.failures += len(measured.failures)

    def check(self, label: str, good: bool, fact: str) -> None:
        """Print a fact, and whether it is as it must be."""
        print(f"{label:44} {fact}{'' if good else '  FAILED'}", flush=True)
        self.failures += not good

    def actions(self, payloads: Sequence[Sequence[object]], sessions: Sequence[Credentials] = ()) -> Measurement:
        """Send the payloads, each list of them by a client of its own."""
        return measure(self.stack, ACTION_PATH, payloads, sessions or self.admin)

    def new_meeting(self) -> int:
        """The id of a new meeting."""
        with Client(self.stack.action_url, ACTION_PATH, self.admin[0]) as client:
            answer = client.post(self._meeting())
        id_: int = answer.body["results"][0][0]["id"]
        return id_

    def _meeting(self) -> object:
        element = {"name": f"Meeting {next(self._numbers)}", "committee_id": 1, "language": "en", "admin_ids": [1]}
        return batch("meeting.create", element)

    def _warm_up(self) -> None:
        """The first requests open connections and fill caches; this isn't what is measured."""
        self.actions([[batch("tag.create", {"name": "x", "meeting_id": MEETING})] * _CLIENTS] * _CLIENTS)

    def _plain(self) -> None:
        payloads = {
            "tag.create": batch("tag.create", {"name": "A tag", "meeting_id": MEETING}),
            "topic.create": batch("topic.create", topic(MEETING)),
        }
        for name, payload in payloads.items():
            for clients in (1, _CLIENTS):
                each = [payload] * (self._sizes.requests // clients)
                self.report(f"{name}, {_clients(clients)}", self.actions([each] * clients))

    def _large_batch(self) -> None:
        payload = batch("topic.create", *[topic(MEETING)] * self._sizes.batch)
        measured = self.actions([[payload] * self._sizes.batches])
        self.report(f"topic.create with {self._sizes.batch} elements", measured)
        text = _HTML * (self._sizes.html // len(_HTML))
        measured = self.actions([[batch("topic.create", {**topic(MEETING), "text": text})] * self._sizes.batches])
        self.report(f"topic.create with {self._sizes.html:,} bytes of HTML", measured)

    def _growing_meetings(self) -> None:
        """In turn, so that whatever else the machine does disturbs all of them alike."""
        meetings = {topics: self.new_meeting() for topics in self._sizes.meetings}
        for topics, meeting_id in meetings.items():
            self.data.topics(meeting_id, topics)
        measured = {topics: Measurement() for topics in meetings}
        for number in range(self._sizes.in_meetings + 1):
            for topics, meeting_id in meetings.items():
                one = self.actions([[batch("topic.create", topic(meeting_id))]])
                if number:
                    measured[topics].add(one)
        for topics, measurement in measured.items():
            self.report(f"topic.create in a meeting with {topics:,} topics", measurement)
        medians = [measurement.percentile(50) for measurement in measured.values()]
        print(f"{'  the last compared with the first':44} {medians[-1] / medians[0]:8.2f}")

    def _crowd(self) -> None:
        sizes = self._sizes
        meeting_id = self.new_meeting()
        payloads = [[batch("topic.create", topic(meeting_id))] * sizes.topics_each] * sizes.crowd
        label = f"topic.create, {sizes.crowd} clients at once"
        self.report(label, self.actions(payloads))
        found = self.data.all_of("topic", "meeting_id", "sequential_number").values()
        numbers = [model["sequential_number"] for model in found if model["meeting_id"] == meeting_id]
        expected = list(range(1, sizes.crowd * sizes.topics_each + 1))
        self.check("  topics and distinct numbers", sorted(numbers) == expected, f"{len(numbers)}, {len(set(numbers))}")

    def _queue(self) -> None:
        participants = self.data.participants(self._sizes.speakers)
        with ThreadPoolExecutor(_LOGIN_THREADS) as executor:
            sessions = list(executor.map(lambda name: log_in(self.stack, name, PASSWORD), participants))
        self.actions([[batch("topic.create", topic(MEETING))]])
        lists = self.data.all_of("list_of_speakers", "meeting_id")
        list_id = max(id_ for id_, model in lists.items() if model["meeting_id"] == MEETING)
        payloads = [
            [batch("speaker.create", {"list_of_speakers_id": list_id, "meeting_user_id": member_id})]
            for member_id in participants.values()
        ]
        self.report(f"speaker.create, {len(participants)} people at once", self.actions(payloads, sessions))
        found = self.data.all_of("speaker", "list_of_speakers_id", "weight").values()
        weights = [speaker["weight"] for speaker in found if speaker["list_of_speakers_id"] == list_id]
        good = len(set(weights)) == len(weights) == len(participants)
        self.check("  speakers and distinct places", good, f"{len(weights)}, {len(set(weights))}")

    def _accounts(self) -> None:
        users, passwords = self._sizes.users, self._sizes.passwords
        payload = batch("user.create", *({"saml_id": f"user{next(self._numbers)}"} for _ in range(users)))
        self.report(f"user.create with {users:,} elements, no passwords", self.actions([[payload]]))
        payload = batch("user.create", *({"username": f"user{next(self._numbers)}"} for _ in range(passwords)))
        self.report(f"user.create with {passwords:,} elements and passwords", self.actions([[payload]]))

    def _meetings(self) -> None:
        self.report("meeting.create", self.actions([[self._meeting() for _ in range(self._sizes.batches)]]))

    def _numbering(self) -> None:
        category_id = self.data.motions(self.new_meeting(), self._sizes.motions)
        payload = batch("motion_category.number_motions", {"id": category_id})
        measured = self.actions([[payload]])
        self.report(f"motion_category.number_motions, {self._sizes.motions:,} motions", measured)

    def _presenters(self) -> None:
        questions: dict[str, dict[str, Any]] = {
            "number_of_users": {"data": {"number_of_users_to_add_or_activate": 1}},
            "server_time": {},
        }
        for name, data in questions.items():
            for clients in (1, _CLIENTS):
                each = [[{"presenter": name, **data}]] * (self._sizes.requests // clients)
                measured = measure(self.stack, PRESENTER_PATH, [each] * clients, self.admin)
                self.report(f"{name}, {_clients(clients)}", measured)


def _clients(number: int) -> str:
    return "1 client" if number == 1 else f"{number} clients"


def memory(stack: Stack) -> dict[str, float]:
    """The proportional memory (PSS) of the services, main processes and workers, in MiB."""
    return {name: sum(map(_pss, stack.pids(name))) / _MIB for name in _SERVICES}


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def report_memory(label: str, stack: Stack) -> None:
    """Print the memory of all services, and that of action and presenter together."""
    parts = memory(stack)
    both = sum(parts[name] for name in _COMPONENTS)
    told = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in parts.items())
    print(f"PSS in MiB, {label}: action and presenter {both:.0f}, all {sum(parts.values()):.0f} ({told})", flush=True)


def report_start(variables: dict[str, str], starts: int) -> None:
    """Print the time from the start of the whole stack until all are healthy."""
    seconds = list(_starts(variables, starts))
    print(f"From start to healthy, all services: {statistics.median(seconds):.2f} s (median of {starts})", flush=True)


def _starts(variables: dict[str, str], starts: int) -> Iterator[float]:
    for _ in range(starts):
        started = time.perf_counter()
        with Stack(variables):
            yield time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code: 1 if a request failed or the database isn't empty."""
    parser = argparse.ArgumentParser(prog="python -m dev.benchmark", description=__doc__)
    parser.add_argument("--database", help="URL of an empty database for datastore and ballots, instead of SQLite")
    parser.add_argument("--quick", action="store_true", help="everything once, with few and small requests")
    parser.add_argument("--only", nargs="+", choices=_SCENARIOS, default=_SCENARIOS, help="measure these scenarios")
    options = parser.parse_args(arguments)
    sizes = QUICK if options.quick else Sizes()
    variables = {"OPENSLIDES_BACKEND_NUM_WORKERS": "1", "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}
    if options.database:
        variables |= dict.fromkeys(("DATASTORE_DATABASE_URL", "VOTE_DATABASE_URL"), options.database)
    report_start(variables, sizes.starts)
    with Stack(variables) as stack:
        if not BulkData(stack).is_empty():
            print("The database must be empty.", file=sys.stderr)
            return 1
        report_memory("after the start", stack)
        benchmark = Benchmark(stack, sizes)
        benchmark.run(options.only)
        report_memory("after all this", stack)
        failures = benchmark.failures + (_ballots(benchmark, sizes) if _BALLOTS in options.only else 0)
    return 1 if failures else 0


def _ballots(benchmark: Benchmark, sizes: Sizes) -> int:
    benchmark.data.datastore.truncate()
    votes = VoteBenchmark(benchmark.stack, sizes.of_votes)
    votes.run()
    return votes.failures


if __name__ == "__main__":
    sys.exit(main())
