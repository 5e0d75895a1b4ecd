"""Stored results equal an independent count, for random polls, groups, delegations, weights and ballots."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.shared.typing import Fields
from tests.integration.actions.polling import GROUP
from tests.integration.actions.voting import VotingTest

PEOPLE, OPTIONS = 6, 3
OTHER_GROUP = 1
WHOLE = 10**6
LETTERS = {"Y": "", "N": "", "YN": "YN", "YNA": "YNA"}
"""The letters that a ballot may have, by the method; none where it has amounts."""
GLOBALS = {"Y": "global_yes", "N": "global_no", "A": "global_abstain"}
FIRST_USER, FIRST_MEMBER = 1000, 2000

Value = str | dict[int, Any]
"""A letter for all, or amounts and letters by the option's position."""


@dataclass(frozen=True)
class Person:
    """A participant; weights in millionths. `delegate` is the position of who may vote for this one."""

    groups: list[int]
    present: bool
    weight: int | None
    default_weight: int | None
    delegate: int | None


@dataclass(frozen=True)
class Case:
    """A poll, the meeting's settings, and ballots: who sends it, for whom, and what it says."""

    kind: str
    method: str
    limits: tuple[int, int, int]
    allowed: frozenset[str]
    weights: bool
    delegations: bool
    forbid: bool
    people: list[Person]
    ballots: list[tuple[int, int, Value]]


POSITION = st.integers(0, PEOPLE - 1)
WEIGHT = st.sampled_from([None, 0, 1, WHOLE // 3, 2 * WHOLE, 10**18 + 1]) | st.integers(1, 5 * WHOLE)
PERSON = st.builds(
    Person,
    groups=st.sampled_from([[GROUP], [GROUP], [OTHER_GROUP, GROUP], [OTHER_GROUP]]),
    present=st.sampled_from([True, True, True, False]),
    weight=WEIGHT,
    default_weight=WEIGHT,
    delegate=st.none() | POSITION,
)
UNFIT: st.SearchStrategy[Value] = st.sampled_from(
    [{}, {0: -1}, {0: "Y"}, {0: 1}, {9: 1}, {0: "X"}, {0: 9}, "Y", "N", "A", "X", ""]
)


@st.composite
def values(draw: st.DrawFn, method: str, limits: tuple[int, int, int], allowed: list[str]) -> Value:
    """Ballots that mostly fit, as far as the limits allow it."""
    if draw(st.integers(0, 5)) == 0:
        return draw(UNFIT)
    if allowed and draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(allowed))
    lowest, highest, each = limits
    number = draw(st.integers(lowest, highest))
    if LETTERS[method]:
        keys = draw(st.permutations(range(OPTIONS)))[:number]
        return {key: draw(st.sampled_from(LETTERS[method])) for key in keys}
    amounts = dict.fromkeys(draw(st.permutations(range(OPTIONS))), 0)
    for key in amounts:
        amounts[key] = min(each, number - sum(amounts.values()))
    return amounts


@st.composite
def ballots(draw: st.DrawFn, people: list[Person], value: st.SearchStrategy[Value]) -> list[tuple[int, int, Value]]:
    """Most vote for themselves, or have their delegates do so; some try what they may not, or twice."""
    cast: list[tuple[int, int, Value]] = []
    for whose in draw(st.permutations(range(PEOPLE))):
        delegate = people[whose].delegate
        sender = whose if delegate is None or draw(st.booleans()) else delegate
        cast.append((sender, whose, draw(value)))
    return cast + draw(st.lists(st.tuples(POSITION, POSITION, value), max_size=3))


@st.composite
def cases(draw: st.DrawFn, kinds: tuple[str, ...]) -> Case:
    """A poll of one of these types, with all that goes on in it."""
    method = draw(st.sampled_from(list(LETTERS)))
    most = draw(st.integers(1, 6))
    limits = (draw(st.sampled_from([1, 1, 1, min(2, most)])), most, draw(st.integers(1, most)))
    allowed = draw(st.lists(st.sampled_from("YNA"), unique=True))
    people = draw(st.lists(PERSON, min_size=PEOPLE, max_size=PEOPLE))
    return Case(
        kind=draw(st.sampled_from(kinds)),
        method=method,
        limits=limits,
        allowed=frozenset(allowed),
        weights=draw(st.sampled_from([True, True, False])),
        delegations=draw(st.sampled_from([True, True, False])),
        forbid=draw(st.booleans()),
        people=people,
        ballots=draw(ballots(people, values(method, limits, allowed))),
    )


class Count:
    """What must come of a case, counted in integers without any code under test."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.voted: dict[int, int] = {}
        self.votes: Counter[tuple[int | None, str, int, int]] = Counter()
        self.good = [self._take(*ballot) for ballot in case.ballots]

    def weight(self, position: int) -> int:
        person = self.case.people[position]
        return (self.case.weights and (person.weight or person.default_weight)) or WHOLE

    def _take(self, sender: int, whose: int, value: Value) -> bool:
        good = self._may(sender, whose) and self._fits(value) and whose not in self.voted
        if good:
            self.voted[whose] = sender
            self._add(whose, value)
        return good

    def _may(self, sender: int, whose: int) -> bool:
        person, case = self.case.people[whose], self.case
        if not case.people[sender].present or GROUP not in person.groups:
            return False
        if sender == whose:
            return not (case.delegations and case.forbid and person.delegate is not None)
        return case.delegations and person.delegate == sender

    def _fits(self, value: Value) -> bool:
        lowest, highest, each = self.case.limits
        if isinstance(value, str):
            return value in self.case.allowed
        letters, parts = LETTERS[self.case.method], value.values()
        if not value or not all(0 <= key < OPTIONS for key in value):
            return False
        if letters:
            return all(part in tuple(letters) for part in parts) and lowest <= len(value) <= highest
        return all(type(part) is int and 0 <= part <= each for part in parts) and lowest <= sum(parts) <= highest

    def _add(self, whose: int, value: Value) -> None:
        weight = self.weight(whose)
        if isinstance(value, str):
            self.votes[None, value, weight, whose] += 1
            return
        for option, part in value.items():
            if LETTERS[self.case.method]:
                self.votes[option, part, weight, whose] += 1
            elif part:
                self.votes[option, self.case.method, weight * part, whose] += 1

    def sums(self, option: int | None) -> dict[str, int]:
        """Millionths by letter."""
        sums = dict.fromkeys("YNA", 0)
        for (voted, letter, weight, _), number in self.votes.items():
            if voted == option:
                sums[letter] += weight * number
        return sums


def millionths(text: str | None) -> int:
    """A stored number of votes."""
    whole, _, rest = (text or "0.000000").partition(".")
    assert len(rest) == 6
    return int(whole + rest)


def decimal(number: int) -> str:
    return f"{number // WHOLE}.{number % WHOLE:06}"


class TestWithVoteService(VotingTest):
    """Ballots are kept by the vote service until the poll is stopped."""

    kinds: ClassVar[tuple[str, ...]] = ("named", "pseudoanonymous", "cryptographic")

    def test_some(self) -> None:
        self.check_many(12)

    @pytest.mark.long
    def test_many(self) -> None:
        self.check_many(800)

    def check_many(self, examples: int) -> None:
        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(cases(self.kinds))
        def check(case: Case) -> None:
            self.setup_method()
            self.check(case)

        check()

    def check(self, case: Case) -> None:
        self.prepare(case.people, case)
        count = Count(case)
        lowest, most, each = case.limits
        poll_id = self.electronic_poll(
            type=case.kind,
            pollmethod=case.method,
            texts=[str(k) for k in range(OPTIONS)],
            min_votes_amount=lowest,
            max_votes_amount=most,
            max_votes_per_option=each,
            **{name: letter in case.allowed for letter, name in GLOBALS.items()},
        )
        self.request("poll.start", {"id": poll_id}).assert_status(200)
        options = [option["id"] for option in self.options_of(poll_id)]
        for (sender, whose, value), good in zip(case.ballots, count.good, strict=True):
            named = (
                {str(options[k] if k < OPTIONS else k): v for k, v in value.items()} if type(value) is dict else value
            )
            element: Fields = {"id": poll_id, "value": named}
            if sender != whose:
                element["user_id"] = FIRST_USER + whose
            self.request("poll.vote", element, user=FIRST_USER + sender).assert_status(200 if good else 400)
        self.request("poll.stop", {"id": poll_id}).assert_status(200)
        self.check_sums(poll_id, count)
        self.check_votes(options, count)
        self.check_entitled(poll_id, count)

    def prepare(self, people: list[Person], case: Case) -> None:
        """Store meeting and participants."""
        models: dict[str, Fields] = {
            "meeting/1": {
                "users_enable_vote_weight": case.weights,
                "users_enable_vote_delegations": case.delegations,
                "users_forbid_delegator_to_vote": case.forbid,
            }
        }
        for position, person in enumerate(people):
            user_id, member_id = FIRST_USER + position, FIRST_MEMBER + position
            user: Fields = {"username": f"u{position}", "is_active": True, "meeting_ids": [1]}
            member: Fields = {"user_id": user_id, "meeting_id": 1, "group_ids": person.groups}
            if person.present:
                user["is_present_in_meeting_ids"] = [1]
            if person.default_weight is not None:
                user["default_vote_weight"] = decimal(person.default_weight)
            if person.weight is not None:
                member["vote_weight"] = decimal(person.weight)
            if person.delegate is not None:
                member["vote_delegated_to_id"] = FIRST_MEMBER + person.delegate
            models |= {
                f"user/{user_id}": {**user, "meeting_user_ids": [member_id]},
                f"meeting_user/{member_id}": member,
            }
        self.set_models(models)

    def check_sums(self, poll_id: int, count: Count) -> None:
        poll = self.get_model(f"poll/{poll_id}")
        assert sorted(poll.get("voted_ids") or ()) == sorted(FIRST_USER + whose for whose in count.voted)
        assert millionths(poll["votesvalid"]) == sum(count.weight(whose) for whose in count.voted)
        assert millionths(poll["votescast"]) == len(count.voted) * WHOLE
        stored = [dict(zip("YNA", map(millionths, result), strict=True)) for result in self.results_of(poll_id)]
        assert stored == [*(count.sums(option) for option in range(OPTIONS)), count.sums(None)]

    def check_votes(self, options: list[int], count: Count) -> None:
        """Every single vote: whose it is (of named polls), and that a ballot's votes have a token of their own."""
        positions = {id_: k if k < OPTIONS else None for k, id_ in enumerate(options)}
        votes = list(self.find_models("vote").values())
        named = count.case.kind == "named"
        stored = Counter(
            (
                positions[v["option_id"]],
                v["value"],
                millionths(v["weight"]),
                v.get("user_id"),
                v.get("delegated_user_id"),
            )
            for v in votes
        )
        expected: Counter[tuple[Any, ...]] = Counter()
        for (option, letter, weight, whose), number in count.votes.items():
            people = (FIRST_USER + whose, FIRST_USER + count.voted[whose]) if named else (None, None)
            expected[option, letter, weight, *people] += number
        assert stored == expected
        voters = {whose for *_, whose in count.votes}
        assert len({vote["user_token"] for vote in votes}) == len(voters)

    def check_entitled(self, poll_id: int, count: Count) -> None:
        case = count.case
        expected = [
            {
                "user_id": FIRST_USER + position,
                "voted": position in count.voted,
                "present": person.present,
                "vote_delegated_to_user_id": None
                if person.delegate is None or not case.delegations
                else FIRST_USER + person.delegate,
            }
            for position, person in enumerate(case.people)
            if GROUP in person.groups
        ]
        assert self.get_model(f"poll/{poll_id}")["entitled_users_at_stop"] == expected


class TestWithoutVoteService(TestWithVoteService):
    """Ballots of named polls are counted at once."""

    variables: ClassVar[Mapping[str, str]] = {}
    kinds: ClassVar[tuple[str, ...]] = ("named",)
