"""Relations in all their forms, on small models and the embedded datastore."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.engine.relations import relation_fields, targets_of
from openslides_backend.models.fields import OnDelete
from openslides_backend.shared.exceptions import BackendError, BadRequest, ModelDoesNotExist, ProtectedModels
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields
from tests.integration.base import IntegrationTest
from tests.integration.engine.fruit import FARMER, FruitModel, fruit_handler


class FruitTest(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.handler = fruit_handler(self.stack.services)

    def do(self, name: str, *elements: Fields) -> list[Any]:
        response = self.handler.handle([{"action": name, "data": list(elements)}], FARMER)
        return list(response.results[0] or [])

    def model(self, fqid: str) -> Fields:
        return {name: value for name, value in self.get_model(fqid).items() if not name.startswith("meta_")}


class TestForms(FruitTest):
    def test_one_to_many_both_ways(self) -> None:
        self.set_models({"basket/1": {"meeting_id": 1}, "basket/2": {"meeting_id": 1}, "meeting/1": {"name": "m"}})
        self.set_models({"meeting/1": {"is_active_in_organization_id": 1}})
        self.do("apple.create", {"basket_id": 1, "meeting_id": 1}, {"basket_id": 1, "meeting_id": 1})
        assert self.model("basket/1")["apple_ids"] == [1, 2]
        self.do("basket.update", {"id": 2, "apple_ids": [2]})
        assert self.model("basket/1")["apple_ids"] == [1]
        assert self.model("apple/2")["basket_id"] == 2
        self.do("apple.update", {"id": 2, "basket_id": None})
        assert self.model("basket/2")["apple_ids"] == []
        assert "basket_id" not in self.model("apple/2")

    def test_one_to_one_steals(self) -> None:
        self.set_models({"label/1": {}, "label/2": {}})
        self.do("apple.create", {"label_id": 1}, {"label_id": 2})
        self.do("apple.update", {"id": 2, "label_id": 1})
        assert "label_id" not in self.model("apple/1")
        assert self.model("label/1")["apple_id"] == 2
        assert "apple_id" not in self.model("label/2")

    def test_many_to_many_keeps_the_given_order(self) -> None:
        self.set_models({"worm/1": {}, "worm/2": {}, "worm/3": {}})
        self.do("apple.create", {"worm_ids": [3, 1]})
        self.do("apple.update", {"id": 1, "worm_ids": [2, 3]})
        assert self.model("apple/1")["worm_ids"] == [2, 3]
        assert self.model("worm/1")["apple_ids"] == []
        assert self.model("worm/2")["apple_ids"] == [1]

    def test_generic_single(self) -> None:
        self.set_models({"apple/1": {"name": "a"}, "basket/1": {}})
        self.do("note.create", {"content_object_id": "apple/1"})
        assert self.model("apple/1")["note_ids"] == [1]
        self.do("note.update", {"id": 1, "content_object_id": "basket/1"})
        assert self.model("apple/1")["note_ids"] == []
        assert self.model("basket/1")["note_ids"] == [1]

    def test_generic_list_steals_from_its_own_kind(self) -> None:
        self.set_models({"apple/1": {"name": "a"}, "basket/1": {}})
        self.do("shelf.create", {"item_ids": ["apple/1", "basket/1"]}, {"item_ids": ["basket/1", "apple/1"]})
        assert self.model("shelf/1")["item_ids"] == ["apple/1"]
        assert self.model("apple/1")["shelf_ids"] == [1, 2]
        assert self.model("basket/1")["shelf_id"] == 2

    def test_generic_one_to_one_steals_across_collections(self) -> None:
        self.set_models({"crown/1": {}})
        self.do("apple.create", {"crown_id": 1})
        self.do("basket.create", {"crown_id": 1})
        assert self.model("crown/1")["head_id"] == "basket/1"
        assert "crown_id" not in self.model("apple/1")


class TestRefusals(FruitTest):
    def test_target_does_not_exist(self) -> None:
        with pytest.raises(ModelDoesNotExist, match="label/7"):
            self.do("apple.create", {"label_id": 7})

    def test_target_is_deleted(self) -> None:
        self.set_models({"label/7": {}})
        self.delete_models("label/7")
        with pytest.raises(ModelDoesNotExist, match="label/7") as caught:
            self.do("apple.create", {}, {"label_id": 7})
        assert caught.value.action_data_error_index == 1

    def test_collection_that_is_not_allowed(self) -> None:
        self.set_models({"worm/1": {}})
        with pytest.raises(BadRequest, match="content_object_id"):
            self.do("note.create", {"content_object_id": "worm/1"})

    def test_equal_fields_differ(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": 1}, "basket/1": {"meeting_id": 2}})
        with pytest.raises(BadRequest, match="meeting"):
            self.do("apple.create", {"basket_id": 1, "meeting_id": 1})

    def test_own_equal_field_is_unset(self) -> None:
        self.set_models({"basket/1": {"meeting_id": 2}})
        with pytest.raises(BadRequest, match="meeting_id"):
            self.do("apple.create", {"basket_id": 1})

    def test_equal_fields_of_a_stored_value_are_not_compared(self) -> None:
        self.set_models({"basket/1": {"meeting_id": 2}, "apple/1": {"basket_id": 1, "meeting_id": 1}})
        self.do("apple.update", {"id": 1, "basket_id": 1})
        self.do("apple.update", {"id": 1, "basket_id": None})
        assert "basket_id" not in self.model("apple/1")

    def test_nothing_is_written_if_one_element_fails(self) -> None:
        with pytest.raises(ModelDoesNotExist):
            self.do("apple.create", {"name": "good"}, {"label_id": 1})
        self.assert_model_not_exists("apple/1")


class TestIncompleteData(FruitTest):
    def test_stored_value_is_not_added_again(self) -> None:
        self.set_models({"label/1": {}, "apple/1": {"label_id": 1}})
        self.do("apple.update", {"id": 1, "label_id": 1})
        assert "apple_id" not in self.model("label/1")

    def test_reverse_side_that_lacks_the_model_is_left_alone(self) -> None:
        self.set_models({"label/1": {"apple_id": 9}, "apple/1": {"label_id": 1, "basket_id": 5, "worm_ids": [1]}})
        self.set_models({"worm/1": {}})
        self.do("apple.update", {"id": 1, "label_id": None, "basket_id": None, "worm_ids": []})
        assert self.model("label/1") == {"id": 1, "apple_id": 9}
        assert self.model("worm/1") == {"id": 1}
        assert self.model("apple/1") == {"id": 1, "worm_ids": []}

    def test_long_reverse_lists_are_not_read(self) -> None:
        self.set_models({"worm/1": {"apple_ids": list(range(100, 1100))}})
        with self.stack.count_calls() as calls:
            self.do("apple.create", *[{"worm_ids": [1]} for _ in range(20)])
        calls.assert_at_most(reads=1, reserves=1, writes=1)
        assert self.model("worm/1")["apple_ids"] == [*range(100, 1100), *range(1, 21)]


class TestDeletion(FruitTest):
    def test_cascade_and_set_null(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": 1}, "worm/1": {}, "label/1": {}})
        self.do("basket.create", {"meeting_id": 1})
        self.do("apple.create", {"meeting_id": 1, "basket_id": 1, "worm_ids": [1], "label_id": 1})
        self.do("note.create", {"content_object_id": "apple/1"}, {"content_object_id": "basket/1"})
        self.do("basket.delete", {"id": 1})
        for fqid in ("basket/1", "apple/1", "note/1"):
            self.assert_model_deleted(fqid)
        assert self.model("note/2") == {"id": 2}
        assert self.model("worm/1")["apple_ids"] == []
        assert self.model("label/1") == {"id": 1}
        assert self.model("meeting/1")["apple_ids"] == []

    def test_protect_names_all(self) -> None:
        self.set_models({"worm/1": {}})
        self.do("apple.create", {"worm_ids": [1]}, {"worm_ids": [1]})
        with pytest.raises(ProtectedModels) as caught:
            self.do("worm.delete", {"id": 1})
        assert caught.value.protected == ("apple/1", "apple/2")

    def test_protected_models_that_are_gone_do_not_matter(self) -> None:
        self.set_models({"worm/1": {"apple_ids": [5]}})
        self.do("worm.delete", {"id": 1})
        self.assert_model_deleted("worm/1")

    def test_deleted_model_does_not_exist_for_later_actions(self) -> None:
        self.set_models({"label/1": {}})
        batch = [
            {"action": "label.delete", "data": [{"id": 1}]},
            {"action": "apple.create", "data": [{"label_id": 1}]},
        ]
        with pytest.raises(ModelDoesNotExist) as caught:
            self.handler.handle(batch, FARMER)
        assert (caught.value.action_error_index, caught.value.action_data_error_index) == (1, 0)
        assert self.model("label/1") == {"id": 1}

    def test_calls_do_not_grow_with_the_cascade(self) -> None:
        def calls_for(amount: int) -> list[str]:
            self.stack.reset()
            self.set_models({"meeting/1": {"is_active_in_organization_id": 1}, "basket/1": {"meeting_id": 1}})
            self.do("apple.create", *[{"meeting_id": 1, "basket_id": 1} for _ in range(amount)])
            self.do("note.create", *[{"content_object_id": f"apple/{n + 1}"} for n in range(amount)])
            with self.stack.count_calls() as calls:
                self.do("basket.delete", {"id": 1})
            return calls.paths

        assert calls_for(2) == calls_for(40)


_IDS = st.integers(1, 3)
_COLLECTIONS = [name for name in FruitModel.registry if name != "meeting"]


def _value(collection: str, name: str) -> st.SearchStrategy[Any]:
    (field,) = relation_fields(FruitModel.registry[collection], [name])
    one = st.builds(make_fqid, st.sampled_from(list(field.targets)), _IDS) if field.is_generic else _IDS
    if field.is_list:
        return st.lists(one, unique=True, max_size=3)
    return st.one_of(st.none(), one)


@st.composite
def _operations(draw: st.DrawFn) -> list[tuple[str, Fields]]:
    operations: list[tuple[str, Fields]] = []
    for _ in range(draw(st.integers(1, 8))):
        collection = draw(st.sampled_from(_COLLECTIONS))
        verb = draw(st.sampled_from(["create", "update", "update", "update", "delete"]))
        element: Fields = {} if verb == "create" else {"id": draw(_IDS)}
        if verb != "delete":
            model = FruitModel.registry[collection]
            names = [f.name for f in relation_fields(model, model.fields) if f.name not in ("meeting_id", "basket_id")]
            names = [name for name in names if (collection, name) != ("basket", "apple_ids")]
            for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=2)):
                element[name] = draw(_value(collection, name))
        operations.append((f"{collection}.{verb}", element))
    return operations


class TestProperties(FruitTest):
    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(_operations(), min_size=1, max_size=4))
    def test_both_sides_agree_after_any_sequence(self, batches: list[list[tuple[str, Fields]]]) -> None:
        self.stack.reset()
        for collection in _COLLECTIONS:
            self.do(f"{collection}.create", {}, {}, {})
        for operations in batches:
            batch = [{"action": name, "data": [element]} for name, element in operations]
            before = self.stack.datastore.get_everything()
            try:
                self.handler.handle(batch, FARMER)
            except BackendError:
                assert self.stack.datastore.get_everything() == before
            self._check_agreement()

    def _check_agreement(self) -> None:
        everything = self.stack.datastore.get_everything()
        for collection, model in FruitModel.registry.items():
            for id_, stored in everything.get(collection, {}).items():
                for field in relation_fields(model, stored):
                    for target, target_id in targets_of(field, stored[field.name]):
                        other = everything[target][target_id]
                        back = targets_of(field.reverse(target), other.get(field.targets[target]))
                        assert (collection, id_) in back, (collection, id_, field.name, target, target_id)

    def test_models_of_the_tests_have_every_kind_of_deletion(self) -> None:
        kinds = {f.on_delete for m in FruitModel.registry.values() for f in relation_fields(m, m.fields)}
        assert kinds == set(OnDelete)


class TestMeetings(IntegrationTest):
    def test_what_belongs_to_a_meeting_that_is_not_stored_can_not_be_named(self) -> None:
        self.create_meeting()
        self.set_models({"group/9": {"name": "g", "meeting_id": 77}})
        element = {"id": 1, "topic_poll_default_group_ids": [9]}
        self.request("meeting.update", element).assert_status(400, "same meeting")
        assert "used_as_topic_poll_default_id" not in self.get_model("group/9")
