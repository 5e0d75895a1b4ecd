"""An election over HTTP, told by chair, voters and an outsider: candidates, three ballots, a rush, and what remains."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from dev.stack import Stack
from tests.system.people import stored
from tests.system.voting import VARIABLES, ZERO, VotingAssembly, ballot

RUSH = 300
DELEGATING = 30
"""So many of the rush have somebody else vote for them."""


@pytest.fixture(name="stack", scope="module")
def fixture_stack() -> Iterator[Stack]:
    with Stack(VARIABLES) as running:
        yield running


def weight(number: int) -> Decimal:
    """The weight of the vote of one of the rush."""
    return Decimal(number % 4 + 1) / 4


def choice(number: int) -> dict[int, str]:
    """How one of them votes on both options."""
    return {0: "YNA"[number % 3], 1: "NAY"[number % 5 % 3]}


class Election:
    """Two candidates; Anna has two and a half votes, and votes for Ben, who has three."""

    def __init__(self, stack: Stack) -> None:
        self.assembly = assembly = VotingAssembly(stack)
        chair = assembly.chair
        rights = ["assignment.can_see", "assignment.can_nominate_self"]
        chair.does("group.update", {"id": assembly.group_id, "permissions": rights})
        (self.anna,) = assembly.voters("anna", [{"vote_weight": "2.500000"}])
        delegating = {"vote_weight": "3.000000", "vote_delegated_to_id": self.anna.member_id}
        self.ben, self.carl = assembly.voters("others", [delegating, {}])
        board = {"meeting_id": assembly.meeting_id, "title": "Board", "open_posts": 1}
        assembly.outsider.is_refused("assignment.create", board)
        self.id = chair.does("assignment.create", board)["id"]
        candidates = [{"assignment_id": self.id, "meeting_user_id": voter.member_id} for voter in (self.anna, self.ben)]
        assembly.outsider.is_refused("assignment_candidate.create", candidates[0])
        self.carl.is_refused("assignment_candidate.create", candidates[0])
        self.anna.does("assignment_candidate.create", candidates[0])
        chair.does("assignment_candidate.create", candidates[1])
        chair.does("assignment.update", {"id": self.id, "phase": "voting"})

    def ballot(self, **fields: Any) -> int:
        """A ballot of this election, started; its id."""
        poll_id = self.assembly.poll(f"assignment/{self.id}", **fields)
        self.assembly.outsider.is_refused("poll.start", {"id": poll_id})
        self.assembly.changes(poll_id, "poll.start", "started")
        return poll_id

    def told(self) -> list[str]:
        """What history tells of the election."""
        entries = stored(self.assembly.stack, f"assignment/{self.id}")["history_entry_ids"]
        return [stored(self.assembly.stack, f"history_entry/{id_}")["entries"][0] for id_ in entries]


@pytest.fixture(name="election", scope="module")
def fixture_election(stack: Stack) -> Election:
    return Election(stack)


def test_a_list_of_candidates_with_delegation_and_weight(election: Election) -> None:
    """The first ballot: the list as a whole, with names, which are forgotten in the end."""
    assembly, anna, ben, carl = election.assembly, election.anna, election.ben, election.carl
    candidates = [anna.user_id, ben.user_id]
    poll_id = election.ballot(type="named", pollmethod="YN", options=[{"poll_candidate_user_ids": candidates}])
    list_fqid = assembly.options(poll_id)[0]["content_object_id"]
    found = [
        stored(assembly.stack, f"poll_candidate/{id_}")
        for id_ in stored(assembly.stack, list_fqid)["poll_candidate_ids"]
    ]
    assert [candidate["user_id"] for candidate in found] == candidates

    assembly.votes(poll_id, anna, {0: "Y"})
    assembly.votes(poll_id, anna, {0: "N"}, user_id=ben.user_id)
    assert assembly.tries(poll_id, anna, {0: "Y"}, user_id=carl.user_id) == (400, "not-allowed")
    assert assembly.tries(poll_id, ben, {0: "Y"}) == (400, "double-vote")
    assert assembly.tries(poll_id, carl, {0: "A"}) == (400, "invalid")
    assembly.votes(poll_id, carl, {0: "Y"})
    for stranger in (assembly.chair, assembly.outsider):
        assert assembly.tries(poll_id, stranger, {0: "Y"}) == (400, "not-allowed")

    carl.is_refused("poll.stop", {"id": poll_id})
    assembly.changes(poll_id, "poll.stop", "finished")
    assert assembly.tries(poll_id, carl, {0: "Y"})[0] == 400
    assert assembly.results(poll_id)[0] == ("3.500000", "3.000000", ZERO)
    by_user = {vote["user_id"]: (vote["value"], vote["weight"]) for vote in assembly.stored_votes(poll_id)}
    assert by_user == {
        anna.user_id: ("Y", "2.500000"),
        ben.user_id: ("N", "3.000000"),
        carl.user_id: ("Y", "1.000000"),
    }
    poll = stored(assembly.stack, f"poll/{poll_id}")
    assert (poll["votesvalid"], poll["votescast"], poll["votesinvalid"]) == ("6.500000", "3.000000", ZERO)

    assembly.changes(poll_id, "poll.publish", "published")
    assembly.outsider.is_refused("poll.anonymize", {"id": poll_id})
    assembly.chair.does("poll.anonymize", {"id": poll_id})
    assert not any(vote.keys() & {"user_id", "delegated_user_id"} for vote in assembly.stored_votes(poll_id))
    assert assembly.results(poll_id)[0] == ("3.500000", "3.000000", ZERO)


def test_amounts_and_a_second_round(election: Election) -> None:
    """The second ballot: votes for persons; it is reset and held again, and counts only what was cast then."""
    assembly, anna, ben, carl = election.assembly, election.anna, election.ben, election.carl
    options = [{"content_object_id": f"user/{voter.user_id}"} for voter in (anna, ben)]
    amounts = {"max_votes_amount": 3, "max_votes_per_option": 2, "global_no": True}
    poll_id = election.ballot(type="named", pollmethod="Y", options=options, **amounts)
    assembly.votes(poll_id, carl, "N")
    assembly.changes(poll_id, "poll.stop", "finished")
    assert assembly.results(poll_id)[-1] == (ZERO, "1.000000", ZERO)

    assembly.outsider.is_refused("poll.reset", {"id": poll_id})
    assembly.changes(poll_id, "poll.reset", "created")
    assert assembly.stored_votes(poll_id) == []
    assert stored(assembly.stack, f"poll/{poll_id}")["voted_ids"] == []
    assert assembly.tries(poll_id, carl, {0: 1}) == (400, "not-exist")

    assembly.changes(poll_id, "poll.start", "started")
    assembly.votes(poll_id, anna, {0: 2, 1: 1})
    assembly.votes(poll_id, ben, {0: 0, 1: 2})
    assert assembly.tries(poll_id, carl, {0: 2, 1: 2}) == (400, "invalid")
    assert assembly.tries(poll_id, carl, {0: 3}) == (400, "invalid")
    assembly.votes(poll_id, carl, {0: 1})
    assembly.changes(poll_id, "poll.publish", "published")
    assert assembly.results(poll_id) == [
        ("6.000000", ZERO, ZERO),
        ("8.500000", ZERO, ZERO),
        (ZERO, ZERO, ZERO),
    ]


def test_a_rush(election: Election) -> None:
    """The third ballot: secret, three hundred votes at once; some are cast by others, some are sent twice."""
    assembly = election.assembly
    (proxy,) = assembly.voters("proxy", [{}])
    delegated = {"vote_delegated_to_id": proxy.member_id}
    members = [{"vote_weight": f"{weight(k):.6f}", **(delegated if k < DELEGATING else {})} for k in range(RUSH)]
    voters = assembly.voters("rush", members)
    options = [{"content_object_id": f"user/{voter.user_id}"} for voter in (election.anna, election.ben)]
    poll_id = election.ballot(type="pseudoanonymous", pollmethod="YNA", options=options, max_votes_amount=2)
    ids = stored(assembly.stack, f"poll/{poll_id}")["option_ids"]
    ballots = [(voter, ballot(ids, choice(k))) for k, voter in enumerate(voters)]
    for k, voter in enumerate(voters[:DELEGATING]):
        ballots[k] = (proxy, {**ballots[k][1], "user_id": voter.user_id})
    repeated = ballots[::10]
    statuses = assembly.rushes(poll_id, [*ballots, *repeated])
    assert sorted(statuses) == [200] * RUSH + [400] * len(repeated)
    assert not stored(assembly.stack, f"poll/{poll_id}").get("voted_ids")

    assembly.changes(poll_id, "poll.stop", "finished")
    for position, result in enumerate(assembly.results(poll_id)[:2]):
        sums = [sum(weight(k) for k in range(RUSH) if choice(k)[position] == letter) for letter in "YNA"]
        assert result == tuple(f"{each:.6f}" for each in sums)
    poll = stored(assembly.stack, f"poll/{poll_id}")
    assert poll["votesvalid"] == f"{sum(map(weight, range(RUSH))):.6f}"
    assert poll["votescast"] == f"{RUSH}.000000"
    assert sorted(poll["voted_ids"]) == [voter.user_id for voter in voters]
    voted = {entry["user_id"] for entry in poll["entitled_users_at_stop"] if entry["voted"]}
    assert voted == set(poll["voted_ids"])
    votes = assembly.stored_votes(poll_id)
    assert len(votes) == RUSH * 2
    assert not any(vote.keys() & {"user_id", "delegated_user_id"} for vote in votes)
    assert len({vote["user_token"] for vote in votes}) == RUSH
    assert assembly.chair.call("poll.anonymize", {"id": poll_id}).status_code == 400
    assembly.changes(poll_id, "poll.publish", "published")
    assert election.told()[-2:] == ["Ballot stopped", "Ballot published"]
