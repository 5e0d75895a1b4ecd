"""The life of electronic polls, with a vote service (poll.md)."""

import logging

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.polling import GROUP, MOTION, VALID_MANAGERS
from tests.integration.actions.voting import ZERO, VotingTest


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
