"""Who may cast whose ballot, and what it weighs."""

from decimal import Decimal
from typing import Any

import pytest

from openslides_backend.voting.entitlement import NotEntitled, Voter, ballot_weight, check_entitled, check_present

POLL = {"meeting_id": 1, "entitled_group_ids": [5, 6]}
OPEN = {"users_enable_vote_delegations": True}
FORBIDDING = {**OPEN, "users_forbid_delegator_to_vote": True}


def voter(id_: int, *, groups: tuple[int, ...] = (6,), delegate: int | None = None, **fields: Any) -> Voter:
    """A user whose meeting user has ten times his id."""
    member = {"id": id_ * 10, "group_ids": list(groups), "vote_delegated_to_id": delegate, **fields}
    return Voter(id_, {}, member)


def may(meeting: dict[str, Any], acting: Voter, represented: Voter, poll: dict[str, Any] = POLL) -> bool:
    try:
        check_entitled(poll, meeting, acting, represented)
    except NotEntitled:
        return False
    return True


def test_presence_is_that_of_the_polls_meeting() -> None:
    check_present(POLL, Voter(1, {"is_present_in_meeting_ids": [2, 1]}, None))
    for user in ({}, {"is_present_in_meeting_ids": None}, {"is_present_in_meeting_ids": [2]}):
        with pytest.raises(NotEntitled):
            check_present(POLL, Voter(1, user, None))


def test_somebody_votes_for_himself() -> None:
    assert may({}, voter(1), voter(1))
    assert not may({}, voter(1, groups=(7,)), voter(1, groups=(7,)))
    assert not may({}, voter(1), voter(1), {"meeting_id": 1})
    stranger = Voter(1, {}, None)
    assert not may({}, stranger, stranger)


@pytest.mark.parametrize(
    ("meeting", "delegate", "expected"),
    [
        (FORBIDDING, 20, False),
        (FORBIDDING, None, True),
        (OPEN, 20, True),
        ({"users_forbid_delegator_to_vote": True}, 20, True),
    ],
)
def test_delegators_may_vote_unless_it_is_forbidden(
    meeting: dict[str, Any], delegate: int | None, expected: bool
) -> None:
    assert may(meeting, voter(1, delegate=delegate), voter(1, delegate=delegate)) is expected


def test_delegates_vote_for_who_delegated_to_them() -> None:
    assert may(OPEN, voter(2, groups=()), voter(1, delegate=20))
    assert may(FORBIDDING, voter(2), voter(1, delegate=20))
    assert not may({}, voter(2), voter(1, delegate=20))
    assert not may(OPEN, voter(2), voter(1, delegate=30))
    assert not may(OPEN, voter(2), voter(1))
    assert not may(OPEN, Voter(2, {}, None), voter(1))
    assert not may(OPEN, voter(2), voter(1, delegate=20, groups=(7,)))


@pytest.mark.parametrize(
    ("enabled", "own", "default", "expected"),
    [
        (False, "3.000000", "2.000000", "1.000000"),
        (True, "3.000000", "2.000000", "3.000000"),
        (True, None, "2.000000", "2.000000"),
        (True, "0.000000", "2.000000", "2.000000"),
        (True, None, "0.000000", "1.000000"),
        (True, None, None, "1.000000"),
        (True, "0.000001", None, "0.000001"),
    ],
)
def test_weights(enabled: bool, own: str | None, default: str | None, expected: str) -> None:
    represented = Voter(1, {"default_vote_weight": default}, {"id": 10, "vote_weight": own})
    weight = ballot_weight({"users_enable_vote_weight": enabled}, represented)
    assert (str(weight), weight) == (expected, Decimal(expected))


@pytest.mark.parametrize("stored", ["x", "NaN", "1", "-1.000000", "1.0000001", 1.5, "1e3", "9" * 30 + ".000000"])
def test_what_is_no_weight_is_an_error(stored: object) -> None:
    with pytest.raises(ValueError, match="weight"):
        ballot_weight({"users_enable_vote_weight": True}, Voter(1, {}, {"id": 10, "vote_weight": stored}))
