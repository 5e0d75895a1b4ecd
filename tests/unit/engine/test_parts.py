"""Ids and queries that parts name."""

import pytest

from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.shared.record import Record, UndeclaredField
from openslides_backend.shared.typing import Fields


def test_ids_of_one_and_many() -> None:
    models: list[Fields] = [{"one": 5, "many": [3, 1]}, {"one": None, "many": [3]}, {"many": []}, {}]

    assert ids_in(models, "one") == [5]
    assert ids_in(models, "many") == [1, 3]
    assert ids_in(models, "one", "many") == [1, 3, 5]


def test_fields_that_were_not_read_have_no_ids() -> None:
    with pytest.raises(UndeclaredField):
        ids_in([Record({"one": 1}, ("one",))], "other")


def test_models_are_asked_for_once() -> None:
    query = models_query("tag", [3, None, 1, 3], "name", "meeting_id")

    assert (query.ids, query.fields) == ((1, 3), ("name", "meeting_id"))
    assert not models_query("tag", [None]).ids
