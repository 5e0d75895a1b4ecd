"""Questions that need no answer of the datastore, and weights, which lead to many of them."""

import pytest

from openslides_backend.engine.fresh import passes_new_ones_only
from openslides_backend.engine.numbering import assign_weights
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.models import MODELS
from openslides_backend.shared.filters import And, FieldFilter, Filter, Not, any_of, equals
from openslides_backend.shared.typing import Fields
from tests.integration.base import IntegrationTest


class TestFresh(IntegrationTest):
    """Meeting 7 and topic 8 were created in the batch."""

    def setup_method(self) -> None:
        super().setup_method()
        self.uow = UnitOfWork(self.stack.services.datastore, MODELS)
        self.uow.create("meeting", 7, {"name": "new"})
        self.uow.create("topic", 8, {"title": "new", "meeting_id": 7})

    @pytest.mark.parametrize(
        ("collection", "filter_", "new_only"),
        [
            ("topic", equals(meeting_id=7), True),
            ("topic", equals(meeting_id=1), False),
            ("topic", equals(title="7"), False),
            ("topic", equals(title="x", meeting_id=7), True),
            ("topic", FieldFilter("meeting_id", "!=", 7), False),
            ("topic", Not(equals(meeting_id=7)), False),
            ("topic", any_of("meeting_id", [7, 1]), False),
            ("topic", And(any_of("meeting_id", [7]), equals(title="x")), True),
            ("topic", equals(strange=7), False),
            ("meeting", equals(id=7), False),
            ("agenda_item", equals(content_object_id="topic/8"), True),
            ("agenda_item", equals(content_object_id="topic/7"), False),
            ("agenda_item", equals(content_object_id="x"), False),
            ("agenda_item", equals(parent_id=None), False),
        ],
    )
    def test_filters(self, collection: str, filter_: Filter, new_only: bool) -> None:
        assert passes_new_ones_only(filter_, MODELS[collection], self.uow.is_created) is new_only

    def test_nothing_is_read_or_locked(self) -> None:
        with self.stack.count_calls() as calls:
            assert list(self.uow.filter("topic", equals(meeting_id=7), "title")) == [8]
            assert not self.uow.any("tag", equals(meeting_id=7))
            assert self.uow.count("group", equals(meeting_id=7)) == 0
            assert self.uow.extreme("max", "group", "weight", equals(meeting_id=7)) is None
        assert calls.reads == 0
        request = self.uow.write_request(1)
        assert request is not None
        assert request.locked_fields == {}


class TestAssignWeights(IntegrationTest):
    """`assign_weights`."""

    def test_given_and_missing_weights(self) -> None:
        self.set_models({"group/1": {"name": "x", "meeting_id": 1, "weight": 4}})
        weights = [None, 2, None, 9, None, 7, None]
        elements: list[Fields] = [{"meeting_id": 1, "weight": weight} for weight in weights]
        elements += [{"meeting_id": 2, "weight": weight} for weight in (-3, None)]
        uow = UnitOfWork(self.stack.services.datastore, MODELS)
        assign_weights(uow, "group", elements, lambda element: equals(meeting_id=element["meeting_id"]))
        assert [element["weight"] for element in elements] == [5, 2, 6, 9, 10, 7, 11, -3, -2]

    def test_given_weights_need_no_reads(self) -> None:
        elements: list[Fields] = [{"meeting_id": meeting_id, "weight": 1} for meeting_id in range(1, 9)]
        uow = UnitOfWork(self.stack.services.datastore, MODELS)
        with self.stack.count_calls() as calls:
            assign_weights(uow, "group", elements, lambda element: equals(meeting_id=element["meeting_id"]))
        assert calls.reads == 0
