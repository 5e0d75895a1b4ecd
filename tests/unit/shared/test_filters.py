"""Filters judge models in memory as the datastore does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.shared.filters import And, FieldFilter, Filter, Not, Or, any_of, equals

NAME = FieldFilter("name", "=", "b")


@pytest.mark.parametrize(
    ("filter_", "model", "judgement"),
    [
        (any_of("id", {1, 2}), {"id": 2}, True),
        (any_of("id", [1, 2]), {"id": 3}, False),
        (any_of("id", [1, 2]), {}, None),
        (any_of("id", ["1", "2"]), {"id": 2}, True),
        (any_of("id", [True, False]), {"id": True}, True),
        (Or(equals(id=1), NAME), {"id": 2, "name": "b"}, True),
        (Or(equals(id=1), NAME), {"id": 2}, None),
        (Or(equals(id=None), equals(id=1)), {}, True),
        (Or(FieldFilter("id", "!=", 1), equals(id=1)), {"id": 1}, True),
        (Or(FieldFilter("id", ">", 1), equals(id=3)), {"id": 2}, True),
        (Or(And(NAME, equals(id=1)), equals(id=3)), {"id": 3}, True),
        (Or(), {"id": 1}, False),
    ],
)
def test_or(filter_: Filter, model: dict[str, object], judgement: bool | None) -> None:
    assert filter_.matches(model) is (judgement is True)
    assert Or(filter_, filter_).judge(model) is judgement


def test_equal_filters_find_the_same_remembered_answer() -> None:
    judging, other = any_of("id", {1, 2}), any_of("id", frozenset({2, 1}))
    assert judging.matches({"id": 1})
    assert {judging: "answer"}[other] == "answer"
    assert {And(NAME, judging): "answer"}[And(NAME, other)] == "answer"
    assert any_of("id", {1, 3}) not in {judging: "answer"}


def test_fields_of_alternatives_are_told_once() -> None:
    assert list(Or(equals(id=1), And(NAME, equals(id=2)), equals(id=3)).fields()) == ["id", "name"]


texts = st.sampled_from(["a", "A", "b", 1, True, None])
conditions = st.builds(FieldFilter, st.sampled_from("xyz"), st.sampled_from(["=", "!=", "~="]), texts).filter(
    lambda condition: condition.value is not None or condition.operator != "~="
)
filters: st.SearchStrategy[Filter] = st.recursive(
    conditions,
    lambda parts: (
        st.lists(parts, max_size=4).map(lambda some: And(*some))
        | st.lists(parts, max_size=6).map(lambda some: Or(*some))
        | parts.map(Not)
    ),
    max_leaves=12,
)


def judge_one_by_one(filter_: Filter, model: dict[str, object]) -> bool | None:
    """As SQL defines it."""
    if isinstance(filter_, FieldFilter):
        return filter_.judge(model)
    if isinstance(filter_, Not):
        result = judge_one_by_one(filter_.filter, model)
        return None if result is None else not result
    results = [judge_one_by_one(part, model) for part in filter_.filters]
    decisive = isinstance(filter_, Or)
    return decisive if decisive in results else None if None in results else not decisive


@given(filters, st.dictionaries(st.sampled_from("xyz"), texts.filter(lambda value: value is not None)))
def test_what_is_looked_up_is_what_was_asked(filter_: Filter, model: dict[str, object]) -> None:
    assert filter_.judge(model) is judge_one_by_one(filter_, model)
    assert filter_.matches(model) is (judge_one_by_one(filter_, model) is True)


def test_costs() -> None:
    pairs = [equals(meeting_id=id_, name="x") for id_ in range(1000)]
    assert any_of("id", list(range(1000))).cost() == Or(*pairs).cost() == 1
    assert Not(any_of("id", list(range(1000)))).cost() == 1
    assert Not(Or(*pairs)).cost() == 1000
    assert (
        Or(*pairs, *(FieldFilter("email", "~=", f"{n}@x") for n in range(1000)), FieldFilter("n", "<", 1)).cost() == 3
    )
    assert And(*(FieldFilter("name", "!=", str(n)) for n in range(1000))).cost() == 1000


def test_equal_filters_are_one_key() -> None:
    assert {any_of("id", {2, 1}): 1}[any_of("id", [1, 2])] == 1
    assert any_of("id", {1, 2}) != any_of("id", {1, 3})


@pytest.mark.parametrize(
    ("text", "pattern", "fits"),
    [
        ("abc", "abc", True),
        ("ABC", "a_c", True),
        ("abc", "a%c", True),
        ("ac", "a%c", True),
        ("abcd", "a%c", False),
        ("a", "a%a", False),
        ("aba", "%b%", True),
        ("a\nb", "a%b", True),
        ("abab", "%ab%ab", True),
        ("aab", "%ab%ab", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("", "%", True),
        ("", "_", False),
        ("abc", "__", False),
    ],
)
def test_like(text: str, pattern: str, fits: bool) -> None:
    assert FieldFilter("title", "%=", pattern).matches({"title": text}) is fits


def test_patterns_of_many_parts_are_judged_at_once() -> None:
    """One regular expression would try more ways than there are seconds until the sun is cold."""
    assert not FieldFilter("title", "%=", "%a" * 30 + "b").matches({"title": "a" * 3000})
