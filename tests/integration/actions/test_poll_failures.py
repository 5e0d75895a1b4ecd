"""Polls whose vote service fails, is slow or lies: nothing is half-done, no ballot is lost (poll.md, "Counting")."""

import pytest

from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.services.transport import NotSent, TimedOut, TransportError
from openslides_backend.shared.typing import Fields
from tests.integration.actions.interference import interfered
from tests.integration.actions.polling import GROUP
from tests.integration.actions.voting import ZERO, VotingTest


class TestFailures(VotingTest):
    """A vote service that fails or lies."""

    def setup_method(self) -> None:
        super().setup_method()
        self.poll_id = self.electronic_poll()
        self.voters = [self.voter(), self.voter()]

    def begin(self) -> None:
        self.do("start", self.poll_id)
        for user_id in self.voters:
            self.vote(self.poll_id, {0: "Y"}, user_id)

    def check_is_open(self) -> None:
        """The poll can be stopped all the same, and has every ballot."""
        poll = self.get_model(f"poll/{self.poll_id}")
        assert (poll["state"], poll.get("voted_ids") or []) == ("started", [])
        assert not self.find_models("vote")
        self.do("stop", self.poll_id)
        assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)
        self.assert_model_exists(f"poll/{self.poll_id}", {"voted_ids": self.voters, "votescast": "2.000000"})

    @pytest.mark.parametrize("done", [False, True])
    def test_start(self, done: bool) -> None:
        with self.failing("start", done=done):
            self.do("start", self.poll_id, 503)
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "created"})
        self.begin()

    @pytest.mark.parametrize("done", [False, True])
    @pytest.mark.parametrize("name", ["stop", "publish"])
    def test_stop(self, name: str, done: bool) -> None:
        self.begin()
        with self.failing("stop", done=done):
            self.do(name, self.poll_id, 503)
        self.check_is_open()

    @pytest.mark.parametrize(
        ("error", "done"), [(NotSent("down"), False), (TimedOut("slow"), False), (TimedOut("slow"), True)]
    )
    def test_no_answer(self, error: TransportError, done: bool) -> None:
        with self.silent("start", error, done=done):
            answer = self.request("poll.start", {"id": self.poll_id}).assert_status(503, "vote")
            assert answer.body["success"] is False
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "created"})
        self.begin()
        with self.silent("stop", error, done=done):
            self.request("poll.stop", {"id": self.poll_id}).assert_status(503, "vote")
        self.check_is_open()

    @pytest.mark.parametrize("error", [NotSent("down"), TimedOut("slow")])
    def test_ballots_without_an_answer(self, error: TransportError) -> None:
        """The voter is told that nobody knows, and sends the ballot again: it counts once."""
        self.do("start", self.poll_id)
        for done, user_id in zip((False, isinstance(error, TimedOut)), self.voters, strict=True):
            with self.silent("vote", error, done=done):
                self.vote(self.poll_id, {0: "Y"}, user_id, 400)
            self.vote(self.poll_id, {0: "Y"}, user_id, 400 if done else 200)
        self.check_is_open()

    @pytest.mark.parametrize("error", [NotSent("down"), TimedOut("slow")])
    def test_clear(self, error: TransportError) -> None:
        """The result is there, and the old ballots don't come back."""
        self.begin()
        with self.silent("clear", error):
            self.do("stop", self.poll_id)
            assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)
            self.do("reset", self.poll_id)
        self.begin()
        self.check_is_open()

    @pytest.mark.parametrize("case", range(20))
    def test_lies(self, case: int) -> None:
        self.begin()
        one, two = self.voters
        option = str(self.options_of(self.poll_id)[0]["id"])
        ballot: Fields = {"request_user_id": one, "vote_user_id": one, "value": {option: "Y"}, "weight": "1.000000"}
        unknown = {**ballot, "vote_user_id": 99999}
        lies: list[object] = [
            {"votes": [ballot], "user_ids": [one, two]},
            {"votes": [ballot, ballot], "user_ids": [one]},
            {"votes": [ballot, ballot], "user_ids": [one, one]},
            {"votes": [ballot], "user_ids": [one, one]},
            {"votes": [ballot], "user_ids": [two]},
            {"votes": [ballot], "user_ids": []},
            {"votes": [], "user_ids": [one]},
            {"votes": [unknown], "user_ids": [99999]},
            {"votes": [{**ballot, "request_user_id": 99999}], "user_ids": [one]},
            {"votes": [{"value": {option: "Y"}, "weight": "1.000000"}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {"9999": "Y"}}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {option: "X"}}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {option: 3}}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "1.0000001"}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "-1.000000"}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "-0.000000"}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "1e40"}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "1e999999999"}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {option: 10**4000}}], "user_ids": [one]},
            {"votes": [{**ballot, "value": "X"}], "user_ids": [one]},
        ]
        with self.failing("stop", 200, lies[case]):
            answer = self.request("poll.stop", {"id": self.poll_id})
        assert answer.status in (400, 503), answer.body
        assert answer.message
        self.check_is_open()

    def test_a_start_is_taken_back_if_another_action_fails(self) -> None:
        actions: list[tuple[str, list[Fields]]] = [
            ("poll.start", [{"id": self.poll_id}]),
            ("poll.stop", [{"id": self.create_poll()}]),
        ]
        self.request_multi(actions).assert_status(400)
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "created"})
        stopped = self.stack.vote.post(f"/internal/vote/stop?id={self.poll_id}")
        assert (stopped.json or {})["error"] == "not-exist"

    def test_the_loser_of_two_starts_takes_nothing_back(self) -> None:
        event = UpdateEvent(f"poll/{self.poll_id}", {"state": "started"})
        with interfered(self.stack, event):
            self.do("start", self.poll_id, 400)
        self.vote(self.poll_id, {0: "Y"}, self.voters[0])

    def test_a_stop_is_repeated_after_a_conflict(self) -> None:
        self.begin()
        with interfered(self.stack, UpdateEvent(f"poll/{self.poll_id}", {"entitled_group_ids": [1, GROUP]})):
            self.do("stop", self.poll_id)
        assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)
        assert len(self.find_models("vote")) == 2

    def test_the_number_of_calls_does_not_grow(self) -> None:
        self.begin()
        with self.stack.count_calls() as few:
            self.do("stop", self.poll_id)
        self.do("reset", self.poll_id)
        self.voters += [self.voter() for _ in range(15)]
        self.begin()
        with self.stack.count_calls() as many:
            self.do("stop", self.poll_id)
        assert many.paths == few.paths
        assert many.writes == 1
