"""Which numbers motions get (motion.md, "R4")."""

import pytest

from openslides_backend.actions.motion.numbering import Register, Wish
from openslides_backend.actions.motion_category.numbering import Number, Style
from openslides_backend.shared.filters import Filter, equals

MOTIONS = equals(meeting_id=1, lead_motion_id=None)
STYLE = Style(min_digits=3, blank=" ", amendment_prefix="X-")


def register(highest: int | None = None) -> Register:
    """A register where each count has come to the same place."""
    return Register(lambda scope: highest)


def wish(scope: Filter = MOTIONS, style: Style = STYLE, **more: object) -> Wish:
    """A motion in meeting 1."""
    return Wish(1, scope, style, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (wish(), "001"),
        (wish(style=Style()), "1"),
        (wish(prefix="A"), "A 001"),
        (wish(style=Style(2), prefix="A"), "A01"),
        (wish(scope=equals(lead_motion_id=7), lead_id=7, lead_number="A 001", prefix="B"), "A 001 X-001"),
        (wish(scope=equals(lead_motion_id=7), lead_id=7), " X-001"),
        (wish(value=1234), "1234"),
    ],
)
def test_texts(wanted: Wish, expected: str) -> None:
    number = register().take(wanted)
    assert number is not None
    assert number.text == expected


def test_goes_on_behind_the_highest() -> None:
    numbers = register(4)
    assert [numbers.take(wish()), numbers.take(wish())] == [Number(5, "005"), Number(6, "006")]


def test_own_value_comes_first_and_does_not_lower_the_count() -> None:
    numbers = register(4)
    assert numbers.take(wish(value=2)) == Number(2, "002")
    assert numbers.take(wish()) == Number(5, "005")


def test_counts_are_apart_but_numbers_are_not() -> None:
    numbers = register()
    other = equals(meeting_id=1, category_id=3)
    assert [numbers.take(wish()), numbers.take(wish(other))] == [Number(1, "001"), Number(2, "002")]
    assert numbers.take(wish(other, prefix="C")) == Number(3, "C 003")


def test_a_motion_gets_one_number() -> None:
    numbers = register()
    assert numbers.take(wish(id=9)) == Number(1, "001")
    assert numbers.take(wish(id=9)) is None


def test_number_that_the_lead_motion_has_just_got() -> None:
    numbers = register()
    numbers.take(wish(id=9))
    amendment = wish(scope=equals(lead_motion_id=9), lead_id=9, lead_number="outdated")
    assert numbers.take(amendment) == Number(1, "001 X-001")


def test_what_has_to_be_looked_up() -> None:
    numbers = register(1)
    wishes = [wish(), wish(prefix="A"), wish()]
    assert numbers.unknown(wishes) == {1: dict.fromkeys(["002", "A 003", "004"])}
    numbers.learn(1, ["002", "A 003", "004"], ["002"])
    assert numbers.unknown(wishes) == {1: dict.fromkeys(["003", "A 004", "005"])}
    numbers.learn(1, ["003", "A 004", "005"], [])
    assert numbers.unknown(wishes) == {}
    assert [number and number.text for number in map(numbers.take, wishes)] == ["003", "A 004", "005"]


def test_looking_up_gives_nothing_out() -> None:
    numbers = register()
    assert numbers.unknown([wish(id=9)]) == numbers.unknown([wish(id=9)])


@pytest.mark.parametrize("amount", [1, 30, 1_000])
def test_few_rounds_of_looking_up(amount: int) -> None:
    """Numbers that were entered by hand: as many as there are, few rounds find the first free one."""
    taken = {f"{value:03}" for value in range(1, amount + 1)}
    numbers, rounds = register(), 0
    while asked := numbers.unknown([wish()]):
        numbers.learn(1, asked[1], taken.intersection(asked[1]))
        rounds += 1
    assert numbers.take(wish()) == Number(amount + 1, f"{amount + 1:03}")
    assert rounds <= amount.bit_length() + 1


def test_number_that_was_given_by_hand_meanwhile() -> None:
    numbers = register()
    numbers.learn(1, (), ["001"])
    assert numbers.take(wish()) == Number(2, "002")


def test_original_numbers_stay_out_of_the_count() -> None:
    numbers = register()
    numbers.learn(1, (), ["N-2"])
    texts = [number and number.text for number in (numbers.take(wish(original="N", prefix="A")) for _ in range(3))]
    assert texts == ["N", "N-1", "N-3"]
    assert numbers.take(wish()) == Number(1, "001")


def test_original_number_is_what_the_count_comes_to() -> None:
    numbers = register()
    assert numbers.take(wish()) == Number(1, "001")
    original = numbers.take(wish(original="001"))
    assert original is not None
    assert original.text == "001-1"


def test_amendment_of_a_motion_that_keeps_its_number() -> None:
    numbers = register()
    numbers.take(wish(id=9, original="M"))
    assert numbers.take(wish(scope=equals(lead_motion_id=9), lead_id=9)) == Number(1, "M X-001")


def test_few_rounds_of_looking_up_original_numbers() -> None:
    taken = {"N", *(f"N-{n}" for n in range(1, 100))}
    numbers, rounds = register(), 0
    while asked := numbers.unknown([wish(original="N")]):
        numbers.learn(1, asked[1], taken.intersection(asked[1]))
        rounds += 1
    assert rounds <= 8
