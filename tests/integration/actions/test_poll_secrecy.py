"""What the curious administrator finds, with the datastore's database and all logs (vote_service.md, "Secrecy").

What the vote service's own database tells is tried in tests/integration/embedded/vote/test_secrecy.py.
"""

import logging
import random
import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest

from tests.integration.actions.polling import GROUP
from tests.integration.actions.voting import VotingTest

VOTERS = [7_654_321 + 1_013 * k for k in range(24)]
"""Ids that come about nowhere by chance."""
LETTERS = "YNA"
MEMBER = 90_000_000


def letter(user_id: int) -> str:
    """How this user votes: runs in the order of the ids, so that any order shows."""
    return LETTERS[VOTERS.index(user_id) * len(LETTERS) // len(VOTERS)]


def neighbours(letters: list[str]) -> int:
    """How often the same letter comes twice in a row: 21 times in order, about 7 times by chance."""
    return sum(first == second for first, second in pairwise(letters))


class TestCuriousAdministrator(VotingTest):
    """He looks while a secret poll runs, and afterwards."""

    def setup_method(self) -> None:
        super().setup_method()
        for user_id in VOTERS:
            user = {"username": f"u{user_id}", "is_active": True, "is_present_in_meeting_ids": [1], "meeting_ids": [1]}
            member = {"user_id": user_id, "meeting_id": 1, "group_ids": [GROUP]}
            models = {f"user/{user_id}": {**user, "meeting_user_ids": [MEMBER + user_id]}}
            self.set_models({**models, f"meeting_user/{MEMBER + user_id}": member})

    def dump(self) -> list[str]:
        """Everything that is in the datastore's database."""
        file = self.stack.environment.data_folder / "datastore.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            return list(connection.iterdump())

    def created_votes(self) -> list[int]:
        """The ids of the votes, in the order in which history has them."""
        file = self.stack.environment.data_folder / "datastore.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            query = "SELECT id FROM events WHERE collection = 'vote' ORDER BY position, seq"
            return [id_ for (id_,) in connection.execute(query)]

    @pytest.mark.parametrize("kind", ["pseudoanonymous", "cryptographic"])
    def test_during_and_after(self, kind: str, caplog: pytest.LogCaptureFixture) -> None:
        poll_id = self.electronic_poll(type=kind)
        self.do("start", poll_id)
        before = self.dump()
        with caplog.at_level(logging.DEBUG):
            caplog.clear()
            for user_id in random.sample(VOTERS, len(VOTERS)):
                self.vote(poll_id, {0: letter(user_id)}, user_id)
                self.vote(poll_id, {0: "X"}, user_id, 400)
                self.vote(poll_id, {0: letter(user_id)}, user_id, 400)
            lines = [f"{record.getMessage()} {record.exc_text}" for record in caplog.records]
        assert self.dump() == before
        assert lines
        assert not [line for line in lines if any(str(user_id) in line for user_id in VOTERS)]
        self.do("stop", poll_id)
        self.check_votes(poll_id)

    def check_votes(self, poll_id: int) -> None:
        """Nothing but what was voted: no user, no order of casting or of users, one write, a token of its own."""
        votes = self.find_models("vote")
        told = {"id", "value", "weight", "user_token", "option_id", "meeting_id", "meta_position", "meta_deleted"}
        assert {name for vote in votes.values() for name in vote} <= told
        assert len({vote["meta_position"] for vote in votes.values()}) == 1
        assert len({vote["user_token"] for vote in votes.values()}) == len(VOTERS)
        assert sorted(vote["value"] for vote in votes.values()) == sorted(map(letter, VOTERS))
        by_token = sorted(votes.values(), key=lambda vote: str(vote["user_token"]))
        for ordered in ([votes[id_] for id_ in sorted(votes)], by_token):
            assert neighbours([vote["value"] for vote in ordered]) < 18
        assert self.created_votes() == [int(id_) for id_ in sorted(votes)], (
            "history and message bus tell no other order"
        )
        assert self.get_model(f"poll/{poll_id}")["voted_ids"] == VOTERS
        for user_id in VOTERS:
            assert not {"vote_ids", "delegated_vote_ids"} & self.get_model(f"user/{user_id}").keys()
