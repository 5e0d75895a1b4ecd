"""The life of electronic polls, with a vote service (poll.md)."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.shared.typing import Fields
from tests.integration.actions.interference import interfered
from tests.integration.actions.polling import GROUP, MOTION, VALID_MANAGERS, PollingTest
from tests.integration.stack import VOTE_ORIGIN
from tests.integration.wsgi_transport import WsgiTransport

ZERO = "0.000000"


def decimal(millionths: int) -> str:
    """A number of votes, computed without the code under test."""
    return f"{millionths // 10**6}.{millionths % 10**6:06}"


class VotingTest(PollingTest):
    """A stack with vote service."""

    variables: ClassVar[Mapping[str, str]] = {"VOTE_HOST": "localhost"}

    def setup_method(self) -> None:
        super().setup_method()
        self.stack.polling_station.clear_all()

    def voter(self, **member: Any) -> int:
        """Somebody who is present and entitled to vote."""
        user_id = self.create_user(group_ids=[GROUP], is_present_in_meeting_ids=[1])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": member})
        return user_id

    def do(self, name: str, poll_id: int, status: int = 200) -> None:
        self.request(f"poll.{name}", {"id": poll_id}).assert_status(status)

    def vote(self, poll_id: int, value: object, sender: int, status: int = 200, **more: Any) -> None:
        """Cast a ballot; options are named by their position."""
        ids = [option["id"] for option in self.options_of(poll_id)]
        named = {str(ids[k]): v for k, v in value.items()} if isinstance(value, dict) else value
        self.request("poll.vote", {"id": poll_id, "value": named, **more}, user=sender).assert_status(status)

    @contextmanager
    def failing(self, command: str, status: int = 500, body: object = None, *, done: bool = False) -> Iterator[None]:
        """Let the vote service fail with this command, before it has done anything or after it (`done`)."""

        def application(environ: Any, start_response: Any) -> Iterable[bytes]:
            if not environ["PATH_INFO"].endswith(f"/{command}"):
                return real(environ, start_response)
            if done:
                b"".join(real(environ, lambda *_: lambda _: None))
            start_response(f"{status} X", [("Content-Type", "application/json")])
            return [json.dumps(body or {"error": "internal", "message": "broken"}).encode()]

        real = self.stack.vote.application
        with self.stack.replaced(VOTE_ORIGIN, WsgiTransport(application)):
            yield


class TestLife(VotingTest):
    """From creation to the end, and once more."""

    def test_a_named_poll(self) -> None:
        self.set_models(
            {
                "projector_countdown/1": {"title": "c", "meeting_id": 1, "default_time": 60, "countdown_time": 60},
                "meeting/1": {
                    "users_enable_vote_weight": True,
                    "users_enable_vote_delegations": True,
                    "poll_couple_countdown": True,
                    "poll_countdown_id": 1,
                },
            }
        )
        delegate, absent = self.voter(vote_weight="2.500000"), self.create_user(group_ids=[GROUP])
        member = self.meeting_user_id(delegate, 1)
        self.set_models({f"meeting_user/{self.meeting_user_id(absent, 1)}": {"vote_delegated_to_id": member}})
        poll_id = self.electronic_poll(content_object_id=MOTION, global_no=True, max_votes_amount=2)
        self.vote(poll_id, {0: "Y"}, delegate, 400)
        self.do("start", poll_id)
        self.do("start", poll_id, 400)
        assert self.get_model("projector_countdown/1")["running"] is True
        self.vote(poll_id, {0: "Y", 1: "A"}, delegate)
        self.vote(poll_id, "N", delegate, user_id=absent)
        self.vote(poll_id, {0: "Y"}, delegate, 400)
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": None, "votescast": ZERO, "state": "started"})
        self.do("stop", poll_id)
        assert self.results_of(poll_id) == [
            ("2.500000", ZERO, ZERO),
            (ZERO, ZERO, "2.500000"),
            (ZERO, "1.000000", ZERO),
        ]
        entitled = [
            {"voted": True, "present": True, "user_id": delegate, "vote_delegated_to_user_id": None},
            {"voted": True, "present": False, "user_id": absent, "vote_delegated_to_user_id": delegate},
        ]
        self.assert_model_exists(
            f"poll/{poll_id}",
            {
                "state": "finished",
                "voted_ids": [delegate, absent],
                "votesvalid": "3.500000",
                "votescast": "2.000000",
                "votesinvalid": ZERO,
                "entitled_users_at_stop": entitled,
            },
        )
        self.assert_model_exists("projector_countdown/1", {"running": False, "countdown_time": 60})
        (of_global,) = self.find_models("vote", option_id=self.options_of(poll_id)[-1]["id"]).values()
        assert (of_global["user_id"], of_global["delegated_user_id"]) == (absent, delegate)
        self.do("publish", poll_id)
        self.request("poll.anonymize", {"id": poll_id}).assert_status(200)
        assert not any(vote.keys() & {"user_id", "delegated_user_id"} for vote in self.find_models("vote").values())
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": [delegate, absent], "is_pseudoanonymized": True})
        self.do("reset", poll_id)
        assert self.results_of(poll_id) == [(ZERO, ZERO, ZERO)] * 3
        assert not self.find_models("vote")
        empty = dict.fromkeys(("votesvalid", "votescast", "votesinvalid", "entitled_users_at_stop"))
        fields: Fields = {"state": "created", "voted_ids": [], "is_pseudoanonymized": False, **empty}
        self.assert_model_exists(f"poll/{poll_id}", fields)
        self.do("start", poll_id)
        self.vote(poll_id, {1: "N"}, delegate)
        self.do("publish", poll_id)
        assert self.results_of(poll_id)[1] == (ZERO, "2.500000", ZERO)
        told = ["created", "started", "stopped", "published", "anonymized", "reset", "started", "stopped/published"]
        assert self.history_of(MOTION) == [[f"Voting {participle}"] for participle in told]

    def test_nothing_ties_a_secret_ballot_to_its_voter(self) -> None:
        voters = [self.voter() for _ in range(12)]
        poll_id = self.electronic_poll(
            type="pseudoanonymous", pollmethod="Y", max_votes_amount=9, max_votes_per_option=9
        )
        self.do("start", poll_id)
        for number, user_id in enumerate(voters[::-1], start=1):
            self.vote(poll_id, {0: min(number, 9), 1: 0}, user_id)
        self.do("stop", poll_id)
        votes = self.find_models("vote")
        assert not any(vote.keys() & {"user_id", "delegated_user_id"} for vote in votes.values())
        assert len({vote["meta_position"] for vote in votes.values()}) == 1
        weights = [vote["weight"] for vote in votes.values()]
        assert sorted(weights) == sorted(f"{min(number, 9)}.000000" for number in range(1, 13))
        assert weights not in (sorted(weights), sorted(weights, reverse=True))
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": voters, "votescast": "12.000000"})
        self.do("anonymize", poll_id, 400)

    def test_who_was_deleted_meanwhile_has_voted_all_the_same(self) -> None:
        voters, poll_id = [self.voter(), self.voter()], self.electronic_poll()
        self.do("start", poll_id)
        for user_id in voters:
            self.vote(poll_id, {0: "Y"}, user_id)
        self.delete_models(f"user/{voters[0]}")
        self.do("stop", poll_id)
        assert self.results_of(poll_id)[0] == ("2.000000", ZERO, ZERO)
        self.assert_model_exists(f"poll/{poll_id}", {"voted_ids": voters[1:], "votescast": "2.000000"})

    def test_states(self) -> None:
        analog, poll_id = self.create_poll(), self.electronic_poll()
        for name in ("start", "stop", "publish", "anonymize"):
            self.do(name, analog, 400)
        for name in ("stop", "publish", "anonymize"):
            self.do(name, poll_id, 400)
        self.do("reset", analog)

    @pytest.mark.parametrize("content", VALID_MANAGERS)
    @pytest.mark.parametrize(("name", "state"), [("start", "created"), ("reset", "finished"), ("publish", "finished")])
    def test_permission(self, name: str, state: str, content: str) -> None:
        poll_id = self.electronic_poll(content_object_id=content)
        self.set_models({f"poll/{poll_id}": {"state": state}})
        self.assert_needs_permission(f"poll.{name}", {"id": poll_id}, VALID_MANAGERS[content])

    def test_permission_to_stop(self) -> None:
        poll_id, user_id = self.electronic_poll(), self.voter()
        self.do("start", poll_id)
        self.set_permissions(GROUP, ["assignment.can_manage"])
        self.request("poll.stop", {"id": poll_id}, user=user_id).assert_status(403, "assignment.can_manage_polls")
        self.set_permissions(GROUP, ["assignment.can_manage_polls"])
        self.request("poll.stop", {"id": poll_id}, user=user_id).assert_status(200)

    def test_a_ballot_is_alone(self) -> None:
        poll_id, user_id = self.electronic_poll(), self.voter()
        self.do("start", poll_id)
        ballot = {"id": poll_id, "value": {str(self.options_of(poll_id)[0]["id"]): "Y"}}
        self.request("poll.vote", ballot, ballot, user=user_id).assert_status(400, "exactly one")
        several: list[tuple[str, list[Fields]]] = [("poll.vote", [ballot]), ("user.update_self", [{"gender_id": None}])]
        self.request_multi(several, user=user_id).assert_status(400, "only action")
        self.request("poll.vote", ballot, user=0).assert_status(403)
        self.request("poll.vote", ballot, internal=True).assert_status(400, "logged in")
        self.request("poll.vote", ballot, user=user_id).assert_status(200)

    def test_the_log_tells_of_a_ballot_but_not_whose(self, caplog: pytest.LogCaptureFixture) -> None:
        poll_id, user_id = self.electronic_poll(), self.voter()
        self.do("start", poll_id)
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            self.vote(poll_id, "A", user_id, 400)
            self.vote(poll_id, {0: "Y"}, user_id)
        lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("action ")]
        assert len(lines) == 2
        assert all("user=None" in line and str(user_id) not in line.partition("ms=")[0] for line in lines)


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
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "started"})
        assert not self.find_models("vote")
        self.do(name, self.poll_id)
        assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)

    def test_clear(self) -> None:
        self.begin()
        with self.failing("clear"):
            self.do("stop", self.poll_id)
            self.do("reset", self.poll_id)
        self.begin()
        self.do("stop", self.poll_id)
        assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)

    @pytest.mark.parametrize("case", range(9))
    def test_lies(self, case: int) -> None:
        self.begin()
        one, two = self.voters
        option = str(self.options_of(self.poll_id)[0]["id"])
        ballot: Fields = {"request_user_id": one, "vote_user_id": one, "value": {option: "Y"}, "weight": "1.000000"}
        lies: list[Fields] = [
            {"votes": [ballot], "user_ids": [one, two]},
            {"votes": [ballot, ballot], "user_ids": [one]},
            {"votes": [ballot], "user_ids": [two]},
            {"votes": [{**ballot, "value": {"9999": "Y"}}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {option: "X"}}], "user_ids": [one]},
            {"votes": [{**ballot, "value": {option: 3}}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "1.0000001"}], "user_ids": [one]},
            {"votes": [{**ballot, "weight": "-1.000000"}], "user_ids": [one]},
            {"votes": [{**ballot, "value": "X"}], "user_ids": [one]},
        ]
        with self.failing("stop", 200, lies[case]):
            answer = self.request("poll.stop", {"id": self.poll_id})
        assert answer.status in (400, 503), answer.body
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "started"})
        assert not self.find_models("vote")
        self.do("stop", self.poll_id)

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


BALLOT = st.tuples(
    st.integers(1, 5 * 10**6),
    st.booleans(),
    st.booleans(),
    st.dictionaries(st.integers(0, 2), st.integers(0, 3), min_size=1),
)
"""Weight in millionths, whether entitled, whether somebody else votes for him, and amounts by option."""


class TestCounting(VotingTest):
    """Stored results equal an independent count."""

    @pytest.mark.parametrize("type_", ["named", "pseudoanonymous"])
    def test_random_polls(self, type_: str) -> None:
        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(BALLOT, min_size=1, max_size=5))
        def check(ballots: list[tuple[int, bool, bool, dict[int, int]]]) -> None:
            self.setup_method()
            self.check_poll(type_, ballots)

        check()

    def check_poll(self, type_: str, ballots: list[tuple[int, bool, bool, dict[int, int]]]) -> None:
        settings_on = {"users_enable_vote_weight": True, "users_enable_vote_delegations": True}
        self.set_models({"meeting/1": settings_on})
        poll_id = self.electronic_poll(
            type=type_, pollmethod="Y", texts=["a", "b", "c"], max_votes_amount=9, max_votes_per_option=3
        )
        self.do("start", poll_id)
        proxy = self.voter()
        expected, valid, cast = [0, 0, 0], 0, 0
        voted: set[int] = set()
        for weight, entitled, delegated, amounts in ballots:
            more: Fields = {"vote_delegated_to_id": self.meeting_user_id(proxy, 1)} if delegated else {}
            user_id = self.voter(vote_weight=decimal(weight), group_ids=[GROUP if entitled else 1], **more)
            good = entitled and 1 <= sum(amounts.values()) <= 9
            whose = {"user_id": user_id} if delegated else {}
            self.vote(poll_id, amounts, proxy if delegated else user_id, 200 if good else 400, **whose)
            if good:
                voted, valid, cast = {*voted, user_id}, valid + weight, cast + 1
                expected = [old + weight * amounts.get(k, 0) for k, old in enumerate(expected)]
        self.do("stop", poll_id)
        poll = self.get_model(f"poll/{poll_id}")
        assert (poll["votesvalid"], poll["votescast"]) == (decimal(valid), f"{cast}.000000")
        assert set(poll["voted_ids"]) == voted
        assert {entry["user_id"] for entry in poll["entitled_users_at_stop"] if entry["voted"]} == voted
        stored = [result[0] or ZERO for result in self.results_of(poll_id)[:3]]
        assert stored == [decimal(sum_) for sum_ in expected]
