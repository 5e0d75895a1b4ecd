"""Exact sums of votes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.voting.counting import decimal_text, parse_decimal, total

MILLIONTHS = st.integers(0, 10**30)


@given(st.lists(MILLIONTHS))
def test_sums_are_exact(millionths: list[int]) -> None:
    weights = [parse_decimal(f"{number // 10**6}.{number % 10**6:06}") for number in millionths]
    whole, part = divmod(sum(millionths), 10**6)
    assert decimal_text(total(weights)) == f"{whole}.{part:06}"


@given(st.integers(-(10**30), 10**30))
def test_stored_numbers_come_back(number: int) -> None:
    text = decimal_text(number)
    assert text == f"{number}.000000"
    assert decimal_text(parse_decimal(text)) == text


def test_unset_is_zero() -> None:
    assert parse_decimal(None) == 0


@pytest.mark.parametrize("stored", [1, 1.5, "1", "1.0", "x", "1e3", "NaN", "1.0000000", "1" * 50 + ".000000"])
def test_what_is_no_number_of_votes(stored: object) -> None:
    with pytest.raises(BadRequest):
        parse_decimal(stored)


@pytest.mark.parametrize("value", [Decimal("0.0000001"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e200")])
def test_what_can_not_be_told_exactly(value: Decimal) -> None:
    with pytest.raises(BadRequest):
        decimal_text(value)


def test_sums_are_never_rounded() -> None:
    with pytest.raises(BadRequest):
        total([Decimal(10**99), Decimal("0.000001")])
