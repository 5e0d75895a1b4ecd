"""What clones, exports and imports of a large meeting take: time, memory, and what others notice of them."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from dev.bulk_data import MEETING, BulkData
from dev.file_benchmark import MIB, Peak, watched
from dev.load import ACTION_PATH, PRESENTER_PATH, Answer, Client, Credentials, Measurement, others_meanwhile
from dev.stack import Stack
from dev.travel_data import LargeMeeting, TravelSizes

T = TypeVar("T")

QUICK = TravelSizes(motions=20, participants=10, polls=3, votes=5, judged=False)

_MOST_SECONDS = 20.0
_MOST_MEMORY = 500 * MIB
_SLOWEST_OTHERS = 100.0
"""The goals: seconds, bytes of any process, milliseconds of the 95th percentile of others."""
_SERVICES = ("action", "presenter", "permission", "datastore", "auth", "media")
_PAUSE = 0.1
_PATIENCE_SECONDS = 300.0


class Host(Protocol):
    """The benchmark that these scenarios are part of."""

    stack: Stack
    admin: Sequence[Credentials]
    data: BulkData

    def report(self, label: str, measured: Measurement) -> None: ...

    def check(self, label: str, good: bool, fact: str) -> None: ...

    def new_meeting(self) -> int: ...


class TravelBenchmark:
    """A meeting arrives with people whom nobody knows, is cloned, exported, and arrives once more."""

    def __init__(self, host: Host, sizes: TravelSizes) -> None:
        self._host = host
        self._sizes = sizes

    def run(self) -> None:
        """Measure, and print each figure as soon as it is known."""
        amount = f"{self._sizes.motions:,} motions"
        large = LargeMeeting(self._export(self._host.new_meeting()))
        large.fill(self._sizes)
        id_ = self._measure(f"meeting.import of {amount}, new users", lambda: self._import(large.data))
        self._measure(f"meeting.clone of {amount}", lambda: self._act("meeting.clone", {"meeting_id": id_}))
        export = self._measure(f"export_meeting of {amount}", lambda: self._export(id_))
        self._measure(f"meeting.import of {amount}, known users", lambda: self._import(export))

    def _import(self, data: dict[str, Any]) -> int:
        return self._act("meeting.import", {"committee_id": 1, "meeting": data})

    def _measure(self, label: str, work: Callable[[], T]) -> T:
        meanwhile = others_meanwhile(self._host.stack, self._host.admin[0], MEETING)
        with watched(self._host.stack, *_SERVICES) as peak, meanwhile as others:
            started = time.perf_counter()
            result = work()
            seconds = time.perf_counter() - started
        self._check(label, seconds < _MOST_SECONDS, f"{seconds:8.1f} s")
        self._check("  memory of processes at the highest", max(peak.highest.values()) < _MOST_MEMORY, _told(peak))
        self._host.report("  tag.create meanwhile, 1 client", others)
        slowest = f"{max(others.latencies) * 1000:.0f} ms"
        self._check("  the slowest of them", others.percentile(95) < _SLOWEST_OTHERS, slowest)
        return result

    def _check(self, label: str, good: bool, fact: str) -> None:
        self._host.check(label, good or not self._sizes.judged, fact)

    def _export(self, meeting_id: int) -> dict[str, Any]:
        payload = [{"presenter": "export_meeting", "data": {"meeting_id": meeting_id}}]
        answer = self._post(self._host.stack.presenter_url, PRESENTER_PATH, payload)
        export: dict[str, Any] = answer.body[0]
        export["meeting"][str(meeting_id)].pop("template_for_organization_id", None)
        return export

    def _act(self, name: str, element: dict[str, Any]) -> int:
        """The id that an action with one element answers, at once or in the record of its action worker."""
        answer = self._post(self._host.stack.action_url, ACTION_PATH, [{"action": name, "data": [element]}])
        results = answer.body.get("results")
        if answer.status == 202:
            results = self._awaited(results[0][0]["fqid"])
        return int(results[0][0]["id"])

    def _awaited(self, fqid: str) -> Any:
        id_ = int(fqid.partition("/")[2])
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            record = self._host.data.all_of("action_worker").get(id_, {})
            if record.get("state") == "end":
                if "results" not in record["result"]:
                    raise RuntimeError(str(record["result"]))
                return record["result"]["results"]
            time.sleep(_PAUSE)
        raise TimeoutError(f"{fqid} does not come to an end")

    def _post(self, url: str, path: str, payload: object) -> Answer:
        with Client(url, path, self._host.admin[0]) as client:
            answer = client.post(payload)
        if answer.status not in (200, 202):
            raise RuntimeError(f"status {answer.status}: {answer.body}")
        return answer


def _told(peak: Peak) -> str:
    return ", ".join(f"{service} {highest / MIB:.0f} MiB" for service, highest in peak.highest.items())
