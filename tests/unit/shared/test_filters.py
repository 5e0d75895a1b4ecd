"""Filters judge models in memory as the datastore does."""

import pytest

from openslides_backend.shared.filters import And, FieldFilter, Filter, Or, any_of, equals

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


def test_equal_filters_are_one_key() -> None:
    assert {any_of("id", {2, 1}): 1}[any_of("id", [1, 2])] == 1
    assert any_of("id", {1, 2}) != any_of("id", {1, 3})
