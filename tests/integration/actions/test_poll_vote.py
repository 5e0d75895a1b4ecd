"""Ballots where there is no vote service (poll_vote.md): counted at once, in named polls only."""

from typing import Any

import pytest

from openslides_backend.services.datastore import UpdateEvent
from tests.integration.actions.interference import interfered
from tests.integration.actions.polling import ASSIGNMENT, GROUP, PollingTest

ZERO = "0.000000"


class TestPollVote(PollingTest):
    """`poll.vote`."""

    def begin(self, **fields: Any) -> tuple[int, list[str]]:
        poll_id = self.electronic_poll(**fields)
        self.request("poll.start", {"id": poll_id}).assert_status(200)
        return poll_id, [str(option["id"]) for option in self.options_of(poll_id)]

    def voter(self) -> int:
        return self.create_user(group_ids=[GROUP], is_present_in_meeting_ids=[1])

    def test_weights_and_amounts(self) -> None:
        self.set_models({"meeting/1": {"users_enable_vote_weight": True}})
        poll_id, (one, two, _) = self.begin(pollmethod="Y", max_votes_amount=5, max_votes_per_option=3, global_no=True)
        heavy, light = self.voter(), self.voter()
        self.set_models({f"user/{heavy}": {"default_vote_weight": "3.000000"}})
        self.request("poll.vote", {"id": poll_id, "value": {one: 1, two: 3}}, user=heavy).assert_status(200)
        self.request("poll.vote", {"id": poll_id, "value": "N"}, user=light).assert_status(200)
        assert self.votes_of(poll_id) == [[("Y", "3.000000")], [("Y", "9.000000")], [("N", "1.000000")]]
        assert self.results_of(poll_id) == [
            ("3.000000", ZERO, ZERO),
            ("9.000000", ZERO, ZERO),
            (ZERO, "1.000000", ZERO),
        ]
        result = {"voted_ids": [heavy, light], "votesvalid": "4.000000", "votescast": "2.000000", "votesinvalid": ZERO}
        self.assert_model_exists(f"poll/{poll_id}", {**result, "state": "started"})
        self.assert_model_exists(f"user/{heavy}", {"poll_voted_ids": [poll_id]})
        assert self.history_of(ASSIGNMENT) == [["Ballot created"], ["Ballot started"]]
        self.request("poll.stop", {"id": poll_id}).assert_status(200)
        self.assert_model_exists(f"poll/{poll_id}", {**result, "state": "finished"})
        assert len(self.find_models("vote")) == 3

    def test_once(self) -> None:
        poll_id, (one, *_) = self.begin()
        user_id, ballot = self.voter(), {"id": poll_id, "value": {one: "Y"}}
        self.request("poll.vote", ballot, user=user_id).assert_status(200)
        self.request("poll.vote", ballot, user=user_id).assert_status(400, "already")
        assert self.results_of(poll_id)[0] == ("1.000000", ZERO, ZERO)

    def test_simultaneous_ballots_of_different_users(self) -> None:
        poll_id, (one, *_) = self.begin()
        first, second, ballot = self.voter(), self.voter(), {"id": poll_id, "value": {one: "Y"}}
        with interfered(self.stack, UpdateEvent(f"poll/{poll_id}", {"voted_ids": [first], "votesvalid": "1.000000"})):
            self.request("poll.vote", ballot, user=second).assert_status(200)
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": [first, second], "votesvalid": "2.000000"})

    @pytest.mark.parametrize("fields", [{"type": "pseudoanonymous"}, {"type": "cryptographic"}])
    def test_secret_polls_need_the_vote_service(self, fields: Any) -> None:
        poll_id, (one, *_) = self.begin(**fields)
        ballot = {"id": poll_id, "value": {one: "Y"}}
        self.request("poll.vote", ballot, user=self.voter()).assert_status(400, "secret")

    def test_refused(self) -> None:
        poll_id, (one, *_) = self.begin()
        ballot = {"id": poll_id, "value": {one: "Y"}}
        member, user_id = self.create_user(group_ids=[GROUP]), self.voter()
        self.request("poll.vote", ballot, user=member).assert_status(400, "present")
        self.request("poll.vote", ballot).assert_status(400)
        self.request("poll.vote", {**ballot, "user_id": member}, user=user_id).assert_status(400, "delegated")
        self.request("poll.vote", ballot, user=0).assert_status(403)
        self.request("poll.vote", ballot, internal=True).assert_status(400, "logged in")
        for value in ("Y", "", {}, {"id": "Y"}, {one: 1}, {one: None}, {"99": "Y"}, [1], None):
            self.request("poll.vote", {"id": poll_id, "value": value}, user=user_id).assert_status(400)
        assert not self.find_models("vote")
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": None, "votescast": ZERO})
        self.request("poll.vote", ballot, user=user_id).assert_status(200)

    def test_few_calls(self) -> None:
        poll_id, (one, *_) = self.begin()
        self.request("poll.vote", {"id": poll_id, "value": {one: "Y"}}, user=self.voter()).assert_status(200)
        user_id = self.voter()
        with self.stack.count_calls() as calls:
            self.request("poll.vote", {"id": poll_id, "value": {one: "Y"}}, user=user_id).assert_status(200)
        calls.assert_at_most(reads=5, reserves=1, writes=1)
