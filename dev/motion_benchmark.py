"""What motions cost: the scenarios of the benchmark that are about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from dev.bulk_data import BulkData
from dev.load import Measurement

_WORDS = "<ul><li><p>Some <strong>words</strong> &amp; more<br></p></li></ul>\n"
_CLIENTS = 8
_CHILDREN = 9
_AMENDMENTS = 4

Payload = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MotionSizes:
    """How much is measured: requests of the plain scenarios, and how large the others are."""

    requests: int = 200
    batches: int = 5
    batch: int = 100
    html: int = 1_000_000
    states: int = 500
    tree: int = 5_000
    forwarded: int = 40
    crowd: int = 50
    meetings: tuple[int, ...] = (10, 10_000)
    in_meetings: int = 60


QUICK = MotionSizes(
    requests=16,
    batches=1,
    batch=10,
    html=10_000,
    states=10,
    tree=20,
    forwarded=2,
    crowd=5,
    meetings=(1, 10),
    in_meetings=2,
)


class Measures(Protocol):
    """What the scenarios need of the benchmark that they are part of."""

    data: BulkData

    def new_meeting(self) -> int:
        """The id of a new meeting."""

    def actions(self, payloads: Sequence[Sequence[object]]) -> Measurement:
        """Send the payloads, each list of them by a client of its own."""

    def report(self, label: str, measured: Measurement) -> None:
        """Print what was measured."""

    def check(self, label: str, good: bool, fact: str) -> None:
        """Print a fact, and whether it is as it must be."""


class MotionBenchmark:
    """The scenarios, each in meetings of its own."""

    def __init__(self, measures: Measures, sizes: MotionSizes) -> None:
        self._measures = measures
        self._sizes = sizes
        self._numbers = count(1)

    def run(self) -> None:
        """Measure everything."""
        scenarios: tuple[Callable[[], None], ...] = (
            self._plain,
            self._large_batches,
            self._growing_meetings,
            self._states,
            self._rush,
            self._tree,
            self._forwarding,
        )
        for scenario in scenarios:
            scenario()

    def _plain(self) -> None:
        meeting_id = self._measures.new_meeting()
        for clients in (1, _CLIENTS):
            amount = self._sizes.requests // clients
            each = [[_create(self._motion(meeting_id)) for _ in range(amount)] for _ in range(clients)]
            label = f"motion.create, {clients} client{'s' if clients > 1 else ''}"
            self._measures.report(label, self._measures.actions(each))

    def _large_batches(self) -> None:
        sizes, meeting_id = self._sizes, self._measures.new_meeting()
        batches = [[self._motion(meeting_id) for _ in range(sizes.batch)] for _ in range(sizes.batches)]
        measured = self._measures.actions([[_create(*elements) for elements in batches]])
        self._measures.report(f"motion.create with {sizes.batch} elements", measured)
        text = _WORDS * (sizes.html // len(_WORDS))
        motions = [self._motion(meeting_id) for _ in range(sizes.batches)]
        measured = self._measures.actions([[_create({**motion, "text": motion["text"] + text}) for motion in motions]])
        self._measures.report(f"motion.create with {sizes.html:,} bytes of HTML", measured)

    def _growing_meetings(self) -> None:
        """In turn, so that whatever else the machine does disturbs all of them alike."""
        meetings = {motions: self._measures.new_meeting() for motions in self._sizes.meetings}
        for motions, meeting_id in meetings.items():
            self._measures.data.motions(meeting_id, motions)
        measured = {motions: Measurement() for motions in meetings}
        for number in range(self._sizes.in_meetings + 1):
            for motions, meeting_id in meetings.items():
                one = self._measures.actions([[_create(self._motion(meeting_id))]])
                if number:
                    measured[motions].add(one)
        for motions, measurement in measured.items():
            self._measures.report(f"motion.create in a meeting with {motions:,} motions", measurement)
        medians = [measurement.percentile(50) for measurement in measured.values()]
        print(f"{'  the last compared with the first':44} {medians[-1] / medians[0]:8.2f}")

    def _states(self) -> None:
        meeting_id, state_id, ids = self._motions(self._sizes.states)
        elements = [{"id": id_, "state_id": state_id} for id_ in ids]
        measured = self._measures.actions([[[{"action": "motion.set_state", "data": elements}]]])
        self._measures.report(f"motion.set_state with {len(ids)} elements", measured)
        self._check_numbers(meeting_id, len(ids))

    def _rush(self) -> None:
        meeting_id, state_id, ids = self._motions(self._sizes.crowd)
        payloads = [[[{"action": "motion.set_state", "data": [{"id": id_, "state_id": state_id}]}]] for id_ in ids]
        self._measures.report(f"motion.set_state, {len(ids)} clients at once", self._measures.actions(payloads))
        self._check_numbers(meeting_id, len(ids))

    def _tree(self) -> None:
        meeting_id, _, ids = self._motions(self._sizes.tree)
        step = _CHILDREN + 1
        tree = [
            {"id": ids[start], "children": [{"id": id_} for id_ in ids[start + 1 : start + step]]}
            for start in range(0, len(ids), step)
        ]
        payload = [{"action": "motion.sort", "data": [{"meeting_id": meeting_id, "tree": tree}]}]
        self._measures.report(f"motion.sort of {len(ids):,} motions", self._measures.actions([[payload]]))

    def _forwarding(self) -> None:
        """Motions with amendments, each time to another meeting of their committee."""
        origins = self._measures.data.motion_trees(self._measures.new_meeting(), self._sizes.forwarded, _AMENDMENTS)
        payloads = []
        for _ in range(self._sizes.batches):
            target = self._measures.new_meeting()
            elements = [
                {"meeting_id": target, "origin_id": id_, "title": "m", "text": f"<p>{id_}</p>", "with_amendments": True}
                for id_ in origins
            ]
            payloads.append([{"action": "motion.create_forwarded", "data": elements}])
        amount = len(origins) * (_AMENDMENTS + 1)
        self._measures.report(f"motion.create_forwarded of {amount} motions", self._measures.actions([payloads]))

    def _motion(self, meeting_id: int) -> dict[str, Any]:
        """The element that creates a motion whose text no other has."""
        return {"meeting_id": meeting_id, "title": "A motion", "text": f"<p>Text {next(self._numbers)}</p>"}

    def _motions(self, amount: int) -> tuple[int, int, list[int]]:
        """A new meeting with so many motions without numbers, a state that numbers them, and their ids."""
        data, meeting_id = self._measures.data, self._measures.new_meeting()
        data.motions(meeting_id, amount)
        found = data.all_of("motion", "meeting_id", "state_id")
        ids = sorted(id_ for id_, motion in found.items() if motion["meeting_id"] == meeting_id)
        state = data.all_of("motion_state", "next_state_ids")[found[ids[0]]["state_id"]]
        return meeting_id, state["next_state_ids"][0], ids

    def _check_numbers(self, meeting_id: int, amount: int) -> None:
        found = self._measures.data.all_of("motion", "meeting_id", "number").values()
        numbers = [motion["number"] for motion in found if motion["meeting_id"] == meeting_id and "number" in motion]
        good = len(set(numbers)) == len(numbers) == amount
        self._measures.check("  motions and distinct numbers", good, f"{len(numbers)}, {len(set(numbers))}")


def _create(*elements: dict[str, Any]) -> Payload:
    return [{"action": "motion.create", "data": list(elements)}]
