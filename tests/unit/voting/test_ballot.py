"""The rules of ballots, by the shared cases where they are there and by cases of our own in any case."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.voting.ballot import (
    InvalidBallot,
    OptionVote,
    canonical_json,
    judge_value,
    parse_value,
    votes_of,
)

SHARED_CASES = Path(__file__).resolve().parents[4] / "shared" / "conformance" / "ballots.jsonl"
OWN_CASES = Path(__file__).parent / "ballots.jsonl"
GLOBAL_OPTION = 999


def read_cases(file: Path) -> list[Any]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def is_valid(poll: dict[str, Any], options: list[int], value: object) -> bool:
    model = {"global_option_id": GLOBAL_OPTION, "option_ids": options, **poll}
    try:
        judge_value(model, parse_value(value))
    except InvalidBallot:
        return False
    return True


@pytest.mark.parametrize("case", read_cases(OWN_CASES) + read_cases(SHARED_CASES), ids=lambda case: case["id"])
def test_cases(case: dict[str, Any]) -> None:
    assert is_valid(case["poll"], case["options"], case["ballot"]) is case["valid"]


def test_own_cases_know_every_method_both_ways() -> None:
    seen = {(case["poll"].get("pollmethod"), case["valid"]) for case in read_cases(OWN_CASES)}
    assert {(method, valid) for method in ("Y", "N", "YN", "YNA") for valid in (True, False)} <= seen


@pytest.mark.parametrize(
    "value", [None, True, 1, 1.5, [], [1], {"1": 1.0}, {"1": True}, {"1": None}, {"1": "Y", "2": 1}]
)
def test_other_json_is_refused_by_its_form(value: object) -> None:
    with pytest.raises(InvalidBallot):
        parse_value(value)


@pytest.mark.parametrize("key", ["01", "+1", " 1", "1 ", "1.0", "1_0", "\u0661", "-1", "", "0", "10" * 2000])
def test_only_canonical_keys_are_options(key: str) -> None:
    assert not is_valid({"pollmethod": "Y", "max_votes_amount": 5}, [1, 10], {key: 1})


def test_a_global_vote_needs_the_global_option() -> None:
    poll = {"pollmethod": "Y", "global_yes": True, "option_ids": [1]}
    with pytest.raises(InvalidBallot):
        judge_value(poll, "Y")
    assert judge_value({**poll, "global_option_id": 2}, "Y") == "Y"


def test_what_is_kept_has_ascending_options() -> None:
    poll = {"pollmethod": "YNA", "option_ids": [2, 10, 9]}
    kept = judge_value(poll, {"10": "Y", "9": "N", "2": "A"})
    assert canonical_json({"value": kept, "weight": "1.000000"}) == (
        '{"value":{"2":"A","9":"N","10":"Y"},"weight":"1.000000"}'
    )


def refusal(poll: dict[str, Any], value: object) -> str:
    try:
        judge_value(poll, parse_value(value))
    except InvalidBallot as error:
        return error.message
    return ""


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists), st.text())
def test_messages_never_quote_the_ballot(value: object, key: str) -> None:
    poll = {"pollmethod": "YN", "option_ids": [1]}
    for ballot in (value, {key: value}, {key: 7}, {key: "Q"}):
        assert "Q" not in refusal(poll, ballot)
        assert refusal(poll, ballot).isascii()


@given(
    st.sampled_from(["Y", "N"]),
    st.dictionaries(st.integers(1, 6), st.integers(-1, 4), min_size=1),
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_amounts_against_the_formula(
    method: str, ballot: dict[int, int], minimum: int, maximum: int, per_option: int
) -> None:
    poll = {
        "pollmethod": method,
        "min_votes_amount": minimum,
        "max_votes_amount": maximum,
        "max_votes_per_option": per_option,
    }
    expected = (
        all(id_ <= 5 and 0 <= amount <= (per_option or 1) for id_, amount in ballot.items())
        and (minimum or 1) <= sum(ballot.values()) <= (maximum or 1)
    )  # fmt: skip
    assert is_valid(poll, [1, 2, 3, 4, 5], {str(id_): amount for id_, amount in ballot.items()}) is expected


def test_votes_of_amounts_leave_out_zeros_and_are_exact() -> None:
    assert votes_of({"1": 0, "2": 3}, "N", Decimal("0.333333")) == [OptionVote(2, "N", Decimal("0.999999"))]
    huge = Decimal("12345678901234567890.123456")
    assert votes_of({"1": 10**9}, "Y", huge) == [OptionVote(1, "Y", huge.scaleb(9))]


def test_votes_of_letters_and_global_votes() -> None:
    weight = Decimal("2.500000")
    assert votes_of({"1": "A", "2": "Y"}, "YNA", weight) == [OptionVote(1, "A", weight), OptionVote(2, "Y", weight)]
    assert votes_of("N", "YNA", weight) == [OptionVote(None, "N", weight)]
