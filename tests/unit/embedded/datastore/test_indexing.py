"""Plans of filters: which index they use, and when its entries tell everything."""

from typing import Any

import pytest

from openslides_backend.embedded.datastore.indexing import (
    OrderedLookup,
    Plan,
    concerns_entries,
    entries_of,
    make_key,
    ordered_lookup,
    plan,
)
from openslides_backend.shared.filters import And, FieldFilter, Filter, Not, Or, any_of, equals

LIVE = FieldFilter("meta_deleted", "=", False)


def keys(*pairs: tuple[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(pairs)


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        (equals(user_id=1), Plan(keys(("user_id", "1")), exact=True)),
        (equals(content_object_id="motion/1"), Plan(keys(("content_object_id", "motion/1")), exact=True)),
        (equals(parent_id=None), Plan(None)),
        (equals(text="x"), Plan(None)),
        (FieldFilter("user_id", "!=", 1), Plan(None)),
        (LIVE, Plan(None, False, exact=True)),
        (And(equals(user_id=1), LIVE), Plan(keys(("user_id", "1")), False, exact=True)),
        (And(And(equals(meeting_id=1), equals(user_id=1)), LIVE), Plan(keys(("user_id", "1")), False)),
        (And(equals(meeting_id=1), equals(text="x")), Plan(keys(("meeting_id", "1")))),
        (any_of("user_id", [1, 2]), Plan(keys(("user_id", "1"), ("user_id", "2")), exact=True)),
        (
            And(any_of("user_id", [1, 2]), equals(meeting_id=1), LIVE),
            Plan(keys(("user_id", "1"), ("user_id", "2")), False),
        ),
        (Or(equals(user_id=1), equals(text="x")), Plan(None)),
        (Or(And(equals(user_id=1), LIVE), equals(user_id=2)), Plan(keys(("user_id", "1"), ("user_id", "2")))),
        (Not(equals(user_id=1)), Plan(None)),
    ],
)
def test_plans(filter_: Filter, expected: Plan) -> None:
    assert plan(filter_) == expected


@pytest.mark.parametrize(
    ("filter_", "field", "expected"),
    [
        (equals(meeting_id=1), "sequential_number", OrderedLookup("sequential_number<meeting_id", '["1"]', None)),
        (
            And(equals(meeting_id=1, parent_id=None), LIVE),
            "weight",
            OrderedLookup("weight<meeting_id,parent_id", '["1", null]', False),
        ),
        (
            equals(meeting_id=1, lead_motion_id=None),
            "number_value",
            OrderedLookup("number_value<meeting_id,lead_motion_id", '["1", null]', None),
        ),
        (equals(meeting_id=1, user_id=1), "weight", None),
        (equals(meeting_id=1), "number", None),
        (Or(equals(meeting_id=1)), "weight", None),
        (And(equals(meeting_id=1), FieldFilter("meta_deleted", "!=", True)), "weight", None),
    ],
)
def test_ordered_lookups(filter_: Filter, field: str, expected: OrderedLookup | None) -> None:
    assert ordered_lookup(filter_, field) == expected


def test_entries() -> None:
    fields: dict[str, Any] = {"meeting_id": 1, "weight": 3, "text": "x", "name": "y", "sequential_number": "no"}
    entries = entries_of(fields)
    assert ("meeting_id", "1", 0.0) in entries
    assert ("name", "y", 0.0) in entries
    assert ("weight<meeting_id,parent_id", '["1", null]', 3.0) in entries
    assert not any(name in ("text", "sequential_number<meeting_id") for name, _, _ in entries)
    assert all(concerns_entries(field) for field in ("meeting_id", "name", "weight", "sequential_number"))
    assert not concerns_entries("text")


def test_keys_differ_where_texts_differ() -> None:
    texts = ["", "a", '"a"', "ä", '"\\u00e4"', "#", "x" * 201, "x" * 202, "\x00", "\ud800"]
    made = [make_key(text) for text in texts]
    assert len(set(made)) == len(texts)
    assert all(key.isascii() and "\x00" not in key and len(key) < 300 for key in made)
