"""What merging accounts costs: the scenario of the benchmark that is about it."""

from dataclasses import dataclass

from dev.load import Measurement
from dev.merge_data import MergeData, Place
from dev.motion_benchmark import Measures

_FIRST_ID = 1_000_000
"""Far above the ids that other scenarios get."""
_IDS_A_TIME = 100_000


@dataclass(frozen=True, slots=True)
class MergeSizes:
    """How much is measured: so many accounts are merged, each of which is in all of so many meetings."""

    accounts: int = 20
    meetings: int = 50
    times: int = 5


QUICK = MergeSizes(accounts=3, meetings=2, times=1)


class MergeBenchmark:
    """Merges accounts, each time others, in the same meetings."""

    def __init__(self, measures: Measures, sizes: MergeSizes) -> None:
        self._measures = measures
        self._sizes = sizes

    def run(self) -> None:
        """Measure it."""
        sizes, measures = self._sizes, self._measures
        places = self._places({measures.new_meeting() for _ in range(sizes.meetings)})
        measured, merged = Measurement(), list[int]()
        for number in range(sizes.times):
            data = MergeData(places, sizes.accounts, _FIRST_ID + number * _IDS_A_TIME)
            measures.data.write(data.events())
            primary, *others = data.user_ids
            payload = [{"action": "user.merge_together", "data": [{"id": primary, "user_ids": others}]}]
            measured.add(measures.actions([[payload]]))
            merged.append(primary)
        measures.report(f"user.merge_together, {sizes.accounts} in {sizes.meetings} meetings", measured)
        votes = [vote for vote in measures.data.all_of("vote", "user_id").values() if vote.get("user_id") in merged]
        wanted = sizes.meetings * sizes.times
        measures.check("  votes that are still there", len(votes) == wanted, str(len(votes)))

    def _places(self, meeting_ids: set[int]) -> list[Place]:
        data = self._measures.data
        meetings = data.all_of("meeting", "committee_id", "default_group_id", "motions_default_workflow_id")
        states = {id_: workflow["first_state_id"] for id_, workflow in data.all_of("motion_workflow").items()}
        return [
            Place(id_, m["committee_id"], m["default_group_id"], states[m["motions_default_workflow_id"]])
            for id_, m in meetings.items()
            if id_ in meeting_ids
        ]
