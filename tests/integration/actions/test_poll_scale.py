"""That counting a poll takes so much for each ballot, however many there are: no calls, and no more work."""

import sys
from types import FrameType
from typing import Any

from openslides_backend.shared.typing import Fields
from tests.integration.actions.polling import GROUP
from tests.integration.actions.voting import VotingTest

FIRST_USER, FIRST_MEMBER = 1_000, 50_000


class Work:
    """Counts calls of Python functions in this thread, which unlike seconds don't depend on what the machine does."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> "Work":
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)

    def _count(self, _frame: FrameType, event: str, _argument: Any) -> None:
        self.calls += event == "call"


class TestScale(VotingTest):
    """`poll.stop` with many ballots, as the vote service answers them."""

    def work_for(self, ballots: int) -> tuple[int, list[str]]:
        """Function calls of one stop, and its requests to the datastore."""
        self.setup_method()
        models: dict[str, Fields] = {}
        for k in range(ballots):
            user_id, member_id = FIRST_USER + k, FIRST_MEMBER + k
            models[f"user/{user_id}"] = {"username": f"u{k}", "meeting_ids": [1], "meeting_user_ids": [member_id]}
            models[f"meeting_user/{member_id}"] = {"user_id": user_id, "meeting_id": 1, "group_ids": [GROUP]}
        self.set_models(models)
        poll_id = self.electronic_poll()
        self.do("start", poll_id)
        option = str(self.options_of(poll_id)[0]["id"])
        users = [FIRST_USER + k for k in range(ballots)]
        common = {"value": {option: "Y"}, "weight": "1.000000"}
        votes = [{**common, "vote_user_id": user_id, "request_user_id": user_id} for user_id in users]
        answer = {"votes": votes, "user_ids": users}
        with self.failing("stop", 200, answer), self.stack.count_calls() as requests, Work() as work:
            self.do("stop", poll_id)
        assert self.results_of(poll_id)[0][0] == f"{ballots}.000000"
        return work.calls, requests.paths

    def test_the_work_grows_with_the_ballots_and_no_faster(self) -> None:
        (few, few_paths), (more, more_paths), (most, most_paths) = map(self.work_for, (100, 200, 400))
        assert few_paths == more_paths == most_paths
        assert len(most_paths) <= 9
        assert most - more <= 1.05 * 2 * (more - few)
        each = (most - more) / 200
        assert each <= 850, each
