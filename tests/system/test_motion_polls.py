"""The whole life of polls on a motion over HTTP, of every type: created, held or entered, published, reset, deleted."""

from collections.abc import Iterator
from typing import Any

import pytest

from dev.stack import Stack
from tests.system.people import stored
from tests.system.voting import VARIABLES, ZERO, Voter, VotingAssembly

UNTOLD = "-2.000000"


class Motion:
    """A motion that may be put to the vote, and three voters of different weight."""

    def __init__(self, stack: Stack) -> None:
        self.assembly = assembly = VotingAssembly(stack)
        motion = {"meeting_id": assembly.meeting_id, "title": "Bread", "text": "<p>We buy bread.</p>"}
        self.fqid = f"motion/{assembly.chair.does('motion.create', motion)['id']}"
        state_id = stored(stack, self.fqid)["state_id"]
        assembly.chair.does("motion_state.update", {"id": state_id, "allow_create_poll": True})
        weights = ("0.333333", "1.000000", "1000.000001")
        self.voters = assembly.voters("voter", [{"vote_weight": weight} for weight in weights])

    def told(self) -> list[str]:
        """What history tells of the votes on the motion."""
        entries = [
            stored(self.assembly.stack, f"history_entry/{id_}")
            for id_ in stored(self.assembly.stack, self.fqid)["history_entry_ids"]
        ]
        return [entry["entries"][0] for entry in entries if entry["entries"][0].startswith("Voting")]


@pytest.fixture(name="motion", scope="module")
def fixture_motion() -> Iterator[Motion]:
    with Stack(VARIABLES) as stack:
        yield Motion(stack)


def cast_all(assembly: VotingAssembly, poll_id: int, voters: list[Voter]) -> None:
    """Yes, no, and once more: whoever has voted may not do so again."""
    for voter, letter in zip(voters, "YNY", strict=True):
        assembly.votes(poll_id, voter, {0: letter})
    for voter in voters:
        assert assembly.tries(poll_id, voter, {0: "A"}) == (400, "double-vote")


@pytest.mark.parametrize("kind", ["named", "pseudoanonymous", "cryptographic"])
def test_electronic(motion: Motion, kind: str) -> None:
    assembly, voters = motion.assembly, motion.voters
    live: dict[str, Any] = {"live_voting_enabled": True} if kind == "named" else {}
    poll_id = assembly.poll(
        motion.fqid,
        type=kind,
        pollmethod="YNA",
        options=[{"content_object_id": motion.fqid}],
        onehundred_percent_base="valid",
        **live,
    )
    assert assembly.tries(poll_id, voters[0], {0: "Y"}) == (400, "not-exist")
    voters[0].is_refused("poll.start", {"id": poll_id})
    assembly.changes(poll_id, "poll.start", "started")
    assert assembly.chair.call("poll.start", {"id": poll_id}).status_code == 400
    cast_all(assembly, poll_id, voters)
    assert not stored(assembly.stack, f"poll/{poll_id}").get("voted_ids")
    assert assembly.stored_votes(poll_id) == []
    assembly.changes(poll_id, "poll.stop", "finished")
    assert assembly.results(poll_id) == [("1000.333334", "1.000000", ZERO), (None, None, None)]
    poll = stored(assembly.stack, f"poll/{poll_id}")
    assert (poll["votesvalid"], poll["votescast"], poll["votesinvalid"]) == ("1001.333334", "3.000000", ZERO)
    named = [vote.get("user_id") for vote in assembly.stored_votes(poll_id)]
    expected = [voter.user_id for voter in voters] if kind == "named" else [None] * 3
    assert sorted(named, key=str) == expected
    assembly.changes(poll_id, "poll.publish", "published")

    assembly.changes(poll_id, "poll.reset", "created")
    assert assembly.stored_votes(poll_id) == []
    assert assembly.results(poll_id)[0] == (ZERO, ZERO, ZERO)
    assembly.changes(poll_id, "poll.start", "started")
    assembly.votes(poll_id, voters[2], {0: "A"})
    assembly.changes(poll_id, "poll.publish", "published")
    assert assembly.results(poll_id)[0] == (ZERO, ZERO, "1000.000001")
    told = ["created", "started", "stopped", "published", "reset", "started", "stopped/published"]
    assert motion.told()[-len(told) :] == [f"Voting {participle}" for participle in told]

    assembly.chair.does("poll.delete", {"id": poll_id})
    assert poll_id not in stored(assembly.stack, motion.fqid).get("poll_ids", ())


def test_analog(motion: Motion) -> None:
    """What was counted by hand is entered, corrected, published and reset; nobody can vote."""
    assembly, chair = motion.assembly, motion.assembly.chair
    option = {"content_object_id": motion.fqid, "Y": "12.000000", "N": "3.500000"}
    poll_id = assembly.poll(
        motion.fqid, type="analog", pollmethod="YNA", options=[option], votesvalid="15.500000", votescast="17.000000"
    )
    poll = stored(assembly.stack, f"poll/{poll_id}")
    assert poll["state"] == "finished"
    assert (poll["votesvalid"], poll["votescast"], poll["votesinvalid"]) == ("15.500000", "17.000000", UNTOLD)
    assert assembly.results(poll_id)[0] == ("12.000000", "3.500000", UNTOLD)
    assert chair.call("poll.start", {"id": poll_id}).status_code == 400
    assert assembly.tries(poll_id, motion.voters[0], {0: "Y"})[0] == 400

    corrected = {"id": assembly.options(poll_id)[0]["id"], "Y": "13.000000", "N": "2.500000", "A": "1.000000"}
    motion.voters[0].is_refused("option.update", corrected)
    chair.does("option.update", corrected)
    chair.does("poll.update", {"id": poll_id, "votesvalid": "16.500000", "votesinvalid": "0.500000"})
    assert assembly.results(poll_id)[0] == ("13.000000", "2.500000", "1.000000")
    assert sorted((vote["value"], vote["weight"]) for vote in assembly.stored_votes(poll_id)) == [
        ("A", "1.000000"),
        ("N", "2.500000"),
        ("Y", "13.000000"),
    ]
    assembly.changes(poll_id, "poll.publish", "published")
    assembly.changes(poll_id, "poll.reset", "created")
    assert assembly.stored_votes(poll_id) == []
    assert stored(assembly.stack, f"poll/{poll_id}").get("votesvalid") is None
