"""Models as they are read."""

import pytest

from openslides_backend.shared.record import Record, UndeclaredField


def test_asked_fields_are_none_where_they_are_not_set() -> None:
    record = Record({"name": "x"}, ("id", "name", "weight"))

    assert record["name"] == "x"
    assert record["weight"] is None
    assert record.get("weight", 5) == 5
    assert "weight" not in record
    assert "name" in record
    assert {**record} == {"name": "x"}


def test_others_raise() -> None:
    record = Record({"name": "x"}, ("name",))

    with pytest.raises(UndeclaredField, match="'weight'"):
        record["weight"]
    with pytest.raises(UndeclaredField):
        record.get("weight")
    with pytest.raises(UndeclaredField):
        assert "weight" not in record
    record["weight"] = 5
    assert record.get("weight") == 5


def test_nothing_named_means_all() -> None:
    record = Record({"name": "x"})

    assert record["weight"] is None
    assert "weight" not in record
