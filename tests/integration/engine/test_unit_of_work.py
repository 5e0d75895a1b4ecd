"""Reads with the batch's own changes on top, locks, and retries."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.engine.unit_of_work import UnitOfWork, models_query
from openslides_backend.services.datastore import (
    CreateEvent,
    DeletedModels,
    DeleteEvent,
    GetMany,
    UpdateEvent,
    WriteRequest,
)
from openslides_backend.shared.exceptions import ModelDoesNotExist, ModelLocked
from openslides_backend.shared.filters import And, FieldFilter, any_of, equals
from tests.integration.base import IntegrationTest
from tests.integration.engine.fruit import FARMER, fruit_handler


class UnitOfWorkTest(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.datastore = self.stack.services.datastore
        self.uow = UnitOfWork(self.datastore)

    def commit(self) -> None:
        request = self.uow.write_request(1)
        assert request is not None
        self.datastore.write([request])

    def elsewhere(self, fqid: str, **fields: Any) -> None:
        """Somebody else changes a model meanwhile."""
        self.datastore.write([WriteRequest([UpdateEvent(fqid, fields)], 2)])


class TestReads(UnitOfWorkTest):
    def test_known_fields_are_not_read_again(self) -> None:
        self.set_models({"tag/1": {"name": "a"}})
        with self.stack.count_calls() as calls:
            assert self.uow.get("tag", 1, "name", "meeting_id") == {"name": "a"}
            assert self.uow.get("tag", 1, "meeting_id") == {}
            assert self.uow.find("tag", 1, "name") == {"name": "a"}
        assert calls.reads == 1

    def test_only_what_is_known_is_peeked_at(self) -> None:
        self.set_models({"tag/1": {"name": "a"}, "tag/2": {"name": "b"}})
        self.uow.prefetch([models_query("tag", [3, 2, None, 2], "name")])

        assert self.uow.peek_all("tag", [1, 2, 3], "name") == [{"name": "b"}]
        assert self.uow.peek_all("tag", [2], "name", "meeting_id") == []

    def test_the_id_of_a_known_model_is_not_read(self) -> None:
        self.set_models({"tag/1": {"name": "a"}, "tag/2": {"name": "b"}})
        with self.stack.count_calls() as calls:
            assert list(self.uow.filter("tag", equals(name="a"), "name")) == [1]
            assert self.uow.get("tag", 2, "name") == {"name": "b"}
            for id_, name in ((1, "a"), (2, "b")):
                assert self.uow.exists("tag", id_)
                assert self.uow.get("tag", id_, "id", "name") == {"id": id_, "name": name}
        assert calls.reads == 2

    def test_what_has_gone_since_it_was_found_is_looked_for_again(self) -> None:
        self.set_models({"tag/1": {"name": "a", "meeting_id": 1}, "tag/2": {"name": "a", "meeting_id": 1}})
        found = list(self.uow.filter("tag", equals(name="a"), "name"))
        assert self.uow.get_found("tag", found[:1], "name", "meeting_id") == {1: {"name": "a", "meeting_id": 1}}
        self.delete_models("tag/2")
        with pytest.raises(ModelLocked):
            self.uow.get_found("tag", found, "name", "meeting_id")

    def test_prefetch_is_one_round_trip(self) -> None:
        self.set_models({"tag/1": {"name": "a"}, "topic/1": {"title": "t"}})
        with self.stack.count_calls() as calls:
            self.uow.prefetch([GetMany("tag", (1, 2), ("name",)), GetMany("topic", (1,), ("title",))])
            assert self.uow.find("tag", 2, "name") is None
            assert self.uow.get("topic", 1, "title") == {"title": "t"}
        assert calls.reads == 1

    def test_missing_model(self) -> None:
        with pytest.raises(ModelDoesNotExist, match="tag/1"):
            self.uow.get("tag", 1, "name")

    def test_own_changes_are_visible(self) -> None:
        self.set_models({"tag/1": {"name": "a", "meeting_id": 1}, "tag/2": {"name": "b", "meeting_id": 1}})
        self.uow.update("tag", 1, {"name": "c"})
        self.uow.create("tag", 3, {"name": "c", "meeting_id": 1})
        self.uow.begin_delete("tag", 2)
        assert self.uow.get("tag", 1) == {"id": 1, "name": "c", "meeting_id": 1}
        assert self.uow.find("tag", 2, "name") is None
        assert list(self.uow.filter("tag", equals(name="c"), "id")) == [1, 3]
        assert self.uow.filter("tag", equals(name="a"), "id") == {}
        assert self.uow.filter("tag", equals(meeting_id=1), "name") == {
            1: {"name": "c", "meeting_id": 1},
            3: {"name": "c", "meeting_id": 1},
        }
        assert self.uow.count("tag", equals(meeting_id=1)) == 2
        assert not self.uow.any("tag", equals(name="b"))

    def test_changes_that_a_filter_does_not_look_at_cost_no_read(self) -> None:
        names = {1: "a", 2: "b", 5: "c"}
        self.set_models({f"tag/{id_}": {"name": name, "meeting_id": 1} for id_, name in names.items()})
        for id_ in (1, 5):
            self.uow.update("tag", id_, {"tagged_ids": []})
        self.uow.update("tag", 2, {"name": "a"})
        self.uow.create("tag", 3, {"name": "a", "meeting_id": 1})
        self.uow.create("tag", 4, {"name": "b", "meeting_id": 1})
        self.uow.load("tag", [2], "name", "meeting_id")
        with self.stack.count_calls() as calls:
            found = self.uow.filter("tag", equals(name="a", meeting_id=1), "name")
        assert (list(found), calls.reads) == ([1, 2, 3], 1)
        assert {tag["name"] for tag in found.values()} == {"a"}

    def test_extremes(self) -> None:
        self.set_models({f"tag/{n}": {"weight": n, "meeting_id": 1} for n in (1, 2, 3)})
        self.delete_models("tag/3")
        scope = equals(meeting_id=1)
        assert self.uow.extreme("max", "tag", "weight", scope) == 2
        assert self.uow.extreme("max", "tag", "weight", scope, DeletedModels.ALL) == 3
        self.uow.create("tag", 9, {"weight": 7, "meeting_id": 1})
        self.uow.create("tag", 10, {"weight": 8, "meeting_id": 2})
        assert self.uow.extreme("max", "tag", "weight", scope) == 7
        self.uow.update("tag", 1, {"weight": 0})
        assert self.uow.extreme("min", "tag", "weight", scope) == 0
        assert self.uow.extreme("max", "tag", "weight", equals(meeting_id=5)) is None

    def test_list_differences_on_a_stored_list(self) -> None:
        self.set_models({"meeting/1": {"tag_ids": [1, 2, 3]}})
        self.uow.add_to("meeting", 1, "tag_ids", 4)
        self.uow.remove_from("meeting", 1, "tag_ids", 2)
        assert self.uow.get("meeting", 1, "tag_ids") == {"tag_ids": [1, 3, 4]}
        self.commit()
        assert self.get_model("meeting/1")["tag_ids"] == [1, 3, 4]


_FIELDS = st.fixed_dictionaries(
    {}, optional={"name": st.sampled_from(["a", "b", None]), "meeting_id": st.sampled_from([1, 2, None])}
)
_CHANGES = st.lists(st.tuples(st.sampled_from(["create", "update", "delete"]), st.integers(1, 4), _FIELDS), max_size=6)
_FILTERS = st.sampled_from(
    [
        equals(meeting_id=1),
        equals(name="a", meeting_id=1),
        equals(name=None),
        any_of("name", ["a", "b"]),
        And(FieldFilter("meeting_id", ">", 1), FieldFilter("name", "!=", "b")),
    ]
)


class TestOverlay(UnitOfWorkTest):
    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(_CHANGES, _FILTERS)
    def test_reading_before_the_commit_is_reading_after_it(self, changes: list[Any], filter_: Any) -> None:
        self.stack.reset()
        self.uow = UnitOfWork(self.datastore)
        self.set_models({"tag/1": {"name": "a", "meeting_id": 1}, "tag/2": {"name": "b"}, "tag/3": {"meeting_id": 2}})
        for kind, id_, fields in changes:
            if kind == "create" and not self.uow.exists("tag", id_ + 10) and not self.uow.is_deleting("tag", id_ + 10):
                self.uow.create("tag", id_ + 10, fields)
            elif kind == "update" and self.uow.exists("tag", id_):
                self.uow.update("tag", id_, fields)
            elif kind == "delete" and self.uow.exists("tag", id_):
                self.uow.begin_delete("tag", id_)
        before = self.uow.filter("tag", filter_, "id", "name", "meeting_id")
        count = self.uow.count("tag", filter_)
        highest = self.uow.extreme("max", "tag", "meeting_id", filter_)
        if self.uow.write_request(1) is not None:
            self.commit()
        fresh = UnitOfWork(self.datastore)
        assert fresh.filter("tag", filter_, "id", "name", "meeting_id") == before
        assert fresh.count("tag", filter_) == count
        assert fresh.extreme("max", "tag", "meeting_id", filter_) == highest


class TestLocks(UnitOfWorkTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.set_models({"tag/1": {"name": "a", "meeting_id": 1}, "meeting/1": {"name": "m", "tag_ids": [1]}})

    def test_what_was_read_is_locked(self) -> None:
        self.uow.get("tag", 1, "name")
        self.uow.update("meeting", 1, {"name": "n"})
        self.elsewhere("tag/1", name="b")
        with pytest.raises(ModelLocked) as caught:
            self.commit()
        assert caught.value.keys == ("tag/1/name",)

    def test_other_fields_are_not(self) -> None:
        self.uow.get("tag", 1, "meeting_id")
        self.uow.load("tag", [1], "name")
        self.uow.update("meeting", 1, {"name": "n"})
        self.elsewhere("tag/1", name="b")
        self.commit()
        assert self.get_model("meeting/1")["name"] == "n"

    def test_a_model_that_comes_to_pass_a_filter(self) -> None:
        assert not self.uow.any("tag", equals(name="b"))
        self.uow.update("meeting", 1, {"name": "n"})
        self.elsewhere("tag/1", name="b")
        with pytest.raises(ModelLocked):
            self.commit()

    def test_a_model_that_has_nothing_to_do_with_a_filter(self) -> None:
        assert not self.uow.any("tag", equals(name="b"))
        self.uow.update("meeting", 1, {"name": "n"})
        self.elsewhere("tag/1", name="c")
        self.commit()
        assert self.get_model("meeting/1")["name"] == "n"

    def test_a_highest_value_that_is_beaten(self) -> None:
        self.uow.extreme("max", "tag", "weight", equals(meeting_id=1))
        self.uow.update("meeting", 1, {"name": "n"})
        self.elsewhere("tag/1", weight=5)
        with pytest.raises(ModelLocked):
            self.commit()

    def test_a_model_that_is_deleted_meanwhile(self) -> None:
        assert self.uow.exists("tag", 1)
        self.uow.update("meeting", 1, {"name": "n"})
        self.delete_models("tag/1")
        with pytest.raises(ModelLocked):
            self.commit()

    @pytest.mark.parametrize(("changed", "broken"), [({"name": "b"}, True), ({"tagged_ids": []}, False)])
    def test_models_of_a_constant_set(self, changed: dict[str, Any], *, broken: bool) -> None:
        self.set_models({"tag/2": {"name": "c", "meeting_id": 1}})
        found = self.uow.filter("tag", equals(meeting_id=1), "name", constant=True)
        assert [tag["name"] for tag in found.values()] == ["a", "c"]
        self.uow.update("meeting", 1, {"name": "n"})
        request = self.uow.write_request(1)
        assert request is not None
        assert set(request.locked_fields) == {"tag/name", "tag/meeting_id"}
        self.elsewhere("tag/2", **changed)
        if broken:
            with pytest.raises(ModelLocked):
                self.commit()
        else:
            self.commit()

    def test_a_model_that_joins_or_leaves_a_constant_set(self) -> None:
        for event in (CreateEvent("tag/2", {"meeting_id": 1}), DeleteEvent("tag/2")):
            uow = UnitOfWork(self.datastore)
            uow.filter("tag", equals(meeting_id=1), "name", constant=True)
            uow.update("meeting", 1, {"name": "n"})
            self.stack.write(event)
            request = uow.write_request(1)
            assert request is not None
            with pytest.raises(ModelLocked):
                self.datastore.write([request])

    def test_adding_to_a_list_does_not_lock_it(self) -> None:
        self.uow.add_to("meeting", 1, "tag_ids", 2)
        self.elsewhere("meeting/1", tag_ids=[1, 7])
        self.commit()
        assert self.get_model("meeting/1")["tag_ids"] == [1, 7, 2]


class TestRetries(IntegrationTest):
    def test_concurrent_batches_all_succeed(self) -> None:
        self.set_models({"worm/1": {}, "label/1": {}})
        handler = fruit_handler(self.stack.services)
        errors: list[BaseException] = []

        def work() -> None:
            try:
                for _ in range(5):
                    handler.handle([{"action": "apple.create", "data": [{"worm_ids": [1], "label_id": 1}]}], FARMER)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        apples = self.find_models("apple")
        assert len(apples) == 20
        assert sorted(self.get_model("worm/1")["apple_ids"]) == sorted(apples)
        holders = [id_ for id_, apple in apples.items() if apple.get("label_id") == 1]
        assert holders == [self.get_model("label/1")["apple_id"]]
