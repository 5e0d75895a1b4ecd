"""Items of the agenda (agenda_item.md)."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

MANAGE = "agenda_item.can_manage"


class AgendaTest(RightsTest):
    """Base: meeting/1 and meeting/4."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)

    def create_items(self, items: Mapping[int, Mapping[str, Any]]) -> None:
        """Store items of meeting/1 with consistent parents, each with a motion block of the same number."""
        children: dict[int, list[int]] = {}
        for id_, item in items.items():
            if "parent_id" in item:
                children.setdefault(item["parent_id"], []).append(id_)
        for id_, item in items.items():
            content_object = {"content_object_id": f"motion_block/{id_}", "meeting_id": 1}
            self.set_models(
                {
                    f"agenda_item/{id_}": {**content_object, "child_ids": children.get(id_), **item},
                    f"motion_block/{id_}": {"title": "b", "meeting_id": 1, "agenda_item_id": id_},
                }
            )
        self.add_to_lists({"meeting/1": {"agenda_item_ids": list(items)}})

    def values(self, name: str) -> dict[int, Any]:
        """The values of a field of all items, by id."""
        return {id_: item.get(name) for id_, item in self.find_models("agenda_item").items()}


class TestCreate(AgendaTest):
    """`agenda_item.create`."""

    def setup_method(self) -> None:
        super().setup_method()
        for collection in ("motion", "motion_block", "assignment", "topic"):
            self.set_models({f"{collection}/{id_}": {"title": "x", "meeting_id": 1} for id_ in (1, 2, 3)})
        self.set_models({"tag/1": {"name": "t", "meeting_id": 1}, "tag/4": {"name": "t", "meeting_id": 4}})

    @pytest.mark.parametrize("collection", ["motion", "motion_block", "assignment", "topic"])
    def test_create(self, collection: str) -> None:
        answer = self.request("agenda_item.create", {"content_object_id": f"{collection}/1"}).assert_status(200)
        assert answer.results == [[{"id": 1}]]
        expected = {
            "content_object_id": f"{collection}/1",
            "meeting_id": 1,
            "type": "common",
            "closed": False,
            "level": 0,
            "is_hidden": False,
            "is_internal": False,
            "weight": 1,
            "parent_id": None,
        }
        self.assert_model_exists("agenda_item/1", expected)
        self.assert_model_exists(f"{collection}/1", {"agenda_item_id": 1})
        self.assert_model_exists("meeting/1", {"agenda_item_ids": [1]})

    def test_all_fields(self) -> None:
        self.create_items({5: {"level": 3, "is_hidden": True}})
        fields = {
            "item_number": "A",
            "comment": "c",
            "type": "internal",
            "parent_id": 5,
            "duration": 0,
            "weight": 7,
            "tag_ids": [1],
        }
        answer = self.request("agenda_item.create", {"content_object_id": "topic/1", **fields}).assert_status(200)
        calculated = {"level": 4, "is_hidden": True, "is_internal": True}
        self.assert_model_exists(f"agenda_item/{answer.id}", {**fields, **calculated})
        self.assert_model_exists("agenda_item/5", {"child_ids": [answer.id]})
        self.assert_model_exists("tag/1", {"tagged_ids": [f"agenda_item/{answer.id}"]})

    def test_null(self) -> None:
        names = ("item_number", "comment", "type", "parent_id", "duration", "weight", "tag_ids")
        element = {"content_object_id": "topic/1", **dict.fromkeys(names)}
        answer = self.request("agenda_item.create", element).assert_status(200)
        self.assert_model_exists(f"agenda_item/{answer.id}", {**dict.fromkeys(names), "weight": 1, "is_hidden": False})

    def test_weights(self) -> None:
        self.create_items({5: {"weight": 3}, 6: {"weight": 8, "parent_id": 5}, 7: {}})
        elements: list[dict[str, Any]] = [
            {"content_object_id": "topic/1"},
            {"content_object_id": "topic/2", "parent_id": 5},
            {"content_object_id": "topic/3", "weight": 20},
            {"content_object_id": "motion/1"},
            {"content_object_id": "motion/2", "parent_id": 7},
        ]
        answer = self.request("agenda_item.create", *elements).assert_status(200)
        weights = self.values("weight")
        assert [weights[result["id"]] for result in answer.results[0]] == [4, 9, 20, 21, 1]

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"content_object_id": "topic/9"}, "topic/9"),
            ({"content_object_id": "tag/1"}, "content_object_id"),
            ({"content_object_id": None}, "content_object_id"),
            ({"parent_id": 9}, "agenda_item/9"),
            ({"tag_ids": [4]}, "tag/4"),
            ({"tag_ids": [9]}, "tag/9"),
            ({"tag_ids": [1, 1]}, "tag_ids"),
            ({"duration": -1}, "duration"),
            ({"type": "x"}, "type"),
            ({"comment": "x" * 257}, "comment"),
            ({"closed": True}, "closed"),
            ({"level": 1}, "level"),
        ],
    )
    def test_refused(self, fields: dict[str, Any], text: str) -> None:
        self.request("agenda_item.create", {"content_object_id": "topic/1", **fields}).assert_status(400, text)

    def test_content_object_must_exist(self) -> None:
        self.set_models({"topic/7": {"title": "nowhere"}})
        for fqid in ("topic/9", "topic/7"):
            element = {"content_object_id": fqid}
            self.request("agenda_item.create", element, user=self.create_user()).assert_status(400, fqid)

    def test_one_item_each(self) -> None:
        element = {"content_object_id": "topic/1"}
        answer = self.request("agenda_item.create", element, element).assert_status(400, "topic/1")
        assert answer.body["action_data_error_index"] == 1
        self.request("agenda_item.create", element).assert_status(200)
        self.request("agenda_item.create", element).assert_status(400, "topic/1")

    def test_parent_of_other_meeting(self) -> None:
        self.set_models({"agenda_item/7": {"meeting_id": 4, "content_object_id": "topic/7"}})
        self.request("agenda_item.create", {"content_object_id": "topic/1", "parent_id": 7}).assert_status(
            400, "meeting"
        )

    def test_rights(self) -> None:
        self.assert_needs_permission("agenda_item.create", {"content_object_id": "topic/1"}, MANAGE)

    def test_few_calls(self) -> None:
        self.set_models({f"topic/{n}": {"title": "x", "meeting_id": 1} for n in range(10, 60)})
        with self.stack.count_calls() as calls:
            elements = [{"content_object_id": f"topic/{n}", "tag_ids": [1]} for n in range(10, 60)]
            self.request("agenda_item.create", *elements).assert_status(200)
        calls.assert_at_most(reads=3, reserves=1, writes=1)


class TestUpdate(AgendaTest):
    """`agenda_item.update`: 1 > 2 > 3 > 4, and 5 below 1."""

    def setup_method(self) -> None:
        super().setup_method()
        flags = {"is_hidden": False, "is_internal": False, "type": "common"}
        self.create_items(
            {
                1: {**flags, "weight": 1},
                2: {**flags, "parent_id": 1},
                3: {**flags, "parent_id": 2, "type": "internal", "is_internal": True},
                4: {**flags, "parent_id": 3},
                5: {**flags, "parent_id": 1, "type": "hidden", "is_hidden": True},
            }
        )
        self.set_models({"tag/1": {"name": "t", "meeting_id": 1}, "tag/4": {"name": "t", "meeting_id": 4}})

    def test_update(self) -> None:
        fields = {"item_number": "A", "comment": "c", "closed": True, "weight": 9, "tag_ids": [1], "duration": 5}
        answer = self.request("agenda_item.update", {"id": 2, **fields}).assert_status(200)
        assert answer.results == [None]
        self.assert_model_exists("agenda_item/2", {**fields, "parent_id": 1, "type": "common"})
        unset: dict[str, Any] = dict.fromkeys(fields)
        self.request("agenda_item.update", {"id": 2, **unset}).assert_status(200)
        self.assert_model_exists("agenda_item/2", {**unset, "is_hidden": False})

    @pytest.mark.parametrize(
        "fields",
        [{"tag_ids": [4]}, {"duration": -1}, {"type": "x"}, {"type": None}, {"closed": "maybe"}, {"parent_id": None}],
    )
    def test_refused(self, fields: dict[str, Any]) -> None:
        self.request("agenda_item.update", {"id": 2, **fields}).assert_status(400)

    def test_flags_are_handed_down(self) -> None:
        self.request("agenda_item.update", {"id": 1, "type": "hidden"}).assert_status(200)
        assert self.values("is_hidden") == {1: True, 2: True, 3: True, 4: True, 5: True}
        assert self.values("is_internal") == {1: False, 2: False, 3: True, 4: True, 5: False}

    def test_flags_follow_the_parent(self) -> None:
        self.set_models({"agenda_item/1": {"is_internal": True}})
        self.request("agenda_item.update", {"id": 2, "type": "hidden"}).assert_status(200)
        self.assert_model_exists("agenda_item/2", {"is_hidden": True, "is_internal": True})
        self.request("agenda_item.update", {"id": 2, "type": "common"}).assert_status(200)
        self.assert_model_exists("agenda_item/2", {"is_hidden": False, "is_internal": True})
        self.assert_model_exists("agenda_item/4", {"is_hidden": False, "is_internal": True})

    def test_what_is_right_already_is_left_alone(self) -> None:
        # Wrong below an item whose flags don't change: nobody goes there.
        self.set_models({"agenda_item/4": {"is_hidden": True}, "agenda_item/3": {"is_internal": True}})
        self.request("agenda_item.update", {"id": 1, "type": "common"}).assert_status(200)
        self.assert_model_exists("agenda_item/4", {"is_hidden": True})

    def test_absent_flags_are_written(self) -> None:
        self.set_models({"agenda_item/2": {"is_hidden": None, "is_internal": None}})
        self.request("agenda_item.update", {"id": 1, "type": "common"}).assert_status(200)
        self.assert_model_exists("agenda_item/2", {"is_hidden": False, "is_internal": False})
        # Item 3 has the right flags, so nobody looks below it.
        self.assert_model_exists("agenda_item/4", {"is_internal": False})

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_order_of_elements_does_not_matter(self, order: tuple[int, int]) -> None:
        types = {1: "hidden", 2: "internal"}
        self.request("agenda_item.update", *({"id": id_, "type": types[id_]} for id_ in order)).assert_status(200)
        assert self.values("is_hidden") == {1: True, 2: True, 3: True, 4: True, 5: True}
        assert self.values("is_internal") == {1: False, 2: True, 3: True, 4: True, 5: False}

    def test_rights(self) -> None:
        self.assert_needs_permission("agenda_item.update", {"id": 1, "type": "hidden"}, MANAGE)

    def test_few_calls(self) -> None:
        self.create_items({n: {"parent_id": n - 1} for n in range(6, 40)})
        elements = [{"id": n, "type": "hidden"} for n in range(6, 40)]
        with self.stack.count_calls() as calls:
            self.request("agenda_item.update", *elements).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)


class TestDelete(AgendaTest):
    """`agenda_item.delete`."""

    def test_delete(self) -> None:
        self.create_items(
            {
                1: {"projection_ids": [1]},
                2: {"parent_id": 1, "level": 1, "weight": 5, "is_hidden": True},
                3: {"parent_id": 2, "level": 2},
            }
        )
        projection = {"meeting_id": 1, "content_object_id": "agenda_item/1", "history_projector_id": 1}
        self.set_models({"projection/1": projection, "projector/1": {"history_projection_ids": [1]}})
        assert self.request("agenda_item.delete", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_model_deleted("agenda_item/1")
        self.assert_model_deleted("projection/1")
        self.assert_model_exists("motion_block/1", {"agenda_item_id": None})
        child = {"parent_id": None, "level": 1, "weight": 5, "is_hidden": True, "child_ids": [3]}
        self.assert_model_exists("agenda_item/2", child)
        self.assert_model_exists("meeting/1", {"agenda_item_ids": [2, 3]})

    def test_with_topic(self) -> None:
        topic = {"meeting_id": 1, "title": "x"}
        self.request("topic.create", topic, {**topic, "agenda_parent_id": None}).assert_status(200)
        self.request("agenda_item.delete", {"id": 1}, {"id": 2}).assert_status(200)
        for fqid in ("topic/1", "topic/2", "list_of_speakers/1", "list_of_speakers/2", "agenda_item/1"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("meeting/1", {"topic_ids": [], "agenda_item_ids": [], "list_of_speakers_ids": []})

    def test_rights(self) -> None:
        self.create_items({1: {}})
        self.assert_needs_permission("agenda_item.delete", {"id": 1}, MANAGE)

    def test_cost_does_not_grow(self) -> None:
        self.request("topic.create", *[{"meeting_id": 1, "title": "x"}] * 30).assert_status(200)
        counts = []
        for ids in ([1], range(2, 31)):
            with self.stack.count_calls() as calls:
                self.request("agenda_item.delete", *({"id": id_} for id_ in ids)).assert_status(200)
            counts.append(calls.reads)
        assert counts[0] == counts[1]


class TestSort(AgendaTest):
    """`agenda_item.sort`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_items({1: {}, 2: {"parent_id": 1, "is_hidden": True}, 3: {}, 4: {"level": 7}})

    def sort(self, status: int, tree: object, text: str = "") -> None:
        """Sort the items of meeting/1."""
        answer = self.request("agenda_item.sort", {"meeting_id": 1, "tree": tree}).assert_status(status, text)
        if status == 200:
            assert answer.results == [None]

    def test_sort(self) -> None:
        self.sort(200, [{"id": 3, "children": [{"id": 4}, {"id": 1, "children": [{"id": 2}]}]}])
        assert self.values("parent_id") == {1: 3, 2: 1, 3: None, 4: 3}
        assert self.values("weight") == {1: 2, 2: 1, 3: 1, 4: 1}
        assert self.values("level") == {1: 1, 2: 2, 3: 0, 4: 1}
        assert self.values("child_ids") == {1: [2], 2: [], 3: [4, 1], 4: []}
        self.assert_model_exists("agenda_item/2", {"is_hidden": True})

    def test_weights_start_anew_for_each_parent(self) -> None:
        self.sort(200, [{"id": 4}, {"id": 3, "children": [{"id": 2}]}, {"id": 1}])
        assert self.values("weight") == {4: 1, 3: 2, 1: 3, 2: 1}

    @pytest.mark.parametrize(
        "tree",
        [
            [],
            [{"id": 1}, {"id": 2}, {"id": 3}],
            [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 5}],
            [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4, "children": [{"id": 1}]}],
            [{"id": 1}, {"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}],
            [{"id": 1, "children": []}, {"id": 2}, {"id": 3}, {"id": 4}],
            [{"id": 1, "title": "x"}, {"id": 2}, {"id": 3}, {"id": 4}],
            [{"id": 1, "children": [{"id": 2, "x": 1}]}, {"id": 3}, {"id": 4}],
            [{"children": [{"id": 2}]}, {"id": 3}, {"id": 4}],
        ],
    )
    def test_bad_tree(self, tree: object) -> None:
        self.sort(400, tree)

    def test_items_of_other_meetings(self) -> None:
        self.set_models({"agenda_item/5": {"meeting_id": 4, "content_object_id": "topic/1"}})
        self.sort(400, [{"id": id_} for id_ in range(1, 6)], "agenda_item/5")

    def test_singular(self) -> None:
        element = {"meeting_id": 1, "tree": [{"id": id_} for id_ in range(1, 5)]}
        self.request("agenda_item.sort", element, element).assert_status(400)
        self.request_multi([("agenda_item.sort", [element]), ("agenda_item.sort", [element])]).assert_status(400)
        self.request("agenda_item.sort").assert_status(400)

    def test_rights(self) -> None:
        element = {"meeting_id": 1, "tree": [{"id": id_} for id_ in range(1, 5)]}
        self.assert_needs_permission("agenda_item.sort", element, MANAGE)

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.sort(200, [{"id": id_} for id_ in range(1, 5)])
        calls.assert_at_most(reads=1, reserves=0, writes=1)


class TestAssign(AgendaTest):
    """`agenda_item.assign`: 1 > 2 > 3, and 4 and 5."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_items(
            {1: {"weight": 10}, 2: {"parent_id": 1, "weight": 20, "level": 1}, 3: {"parent_id": 2}, 4: {}, 5: {}}
        )

    def assign(self, status: int, parent_id: int | None, ids: list[int], text: str = "") -> None:
        """Move items of meeting/1."""
        element = {"meeting_id": 1, "parent_id": parent_id, "ids": ids}
        answer = self.request("agenda_item.assign", element).assert_status(status, text)
        if status == 200:
            assert answer.results == [None]

    def test_below_another_item(self) -> None:
        self.assign(200, 2, [5, 4])
        self.assert_model_exists("agenda_item/5", {"parent_id": 2, "weight": 21, "level": 2})
        self.assert_model_exists("agenda_item/4", {"parent_id": 2, "weight": 22, "level": 2})
        self.assert_model_exists("agenda_item/2", {"child_ids": [3, 5, 4], "weight": 20})

    def test_below_an_item_without_weight(self) -> None:
        self.assign(200, 4, [2])
        self.assert_model_exists("agenda_item/2", {"parent_id": 4, "weight": 1, "level": 1})
        self.assert_model_exists("agenda_item/1", {"child_ids": []})
        self.assert_model_exists("agenda_item/3", {"parent_id": 2, "level": None})

    def test_to_the_root(self) -> None:
        self.assign(200, None, [3, 2])
        self.assert_model_exists("agenda_item/3", {"parent_id": None, "weight": 10000, "level": 0})
        self.assert_model_exists("agenda_item/2", {"parent_id": None, "weight": 10001, "level": 0, "child_ids": []})

    def test_refused(self) -> None:
        self.assign(400, 9, [], "agenda_item/9")
        self.assign(400, 2, [2], "agenda_item/2")
        self.assign(400, 3, [4, 1], "agenda_item/1")
        self.assign(400, 2, [4, 9], "agenda_item/9")
        self.assign(400, 2, [4, 4])
        for element in ({"meeting_id": 1, "ids": []}, {"meeting_id": 1, "parent_id": 1}, {"parent_id": 1, "ids": []}):
            self.request("agenda_item.assign", element).assert_status(400)

    def test_other_meetings(self) -> None:
        self.set_models({"agenda_item/7": {"meeting_id": 4, "content_object_id": "topic/7"}})
        self.assign(400, 2, [7], "agenda_item/7")
        self.assign(400, 7, [2], "meeting")
        self.assign(200, 7, [])

    def test_rights(self) -> None:
        self.assert_needs_permission("agenda_item.assign", {"meeting_id": 1, "parent_id": 1, "ids": [4]}, MANAGE)

    def test_few_calls(self) -> None:
        self.create_items({n: {} for n in range(10, 40)})
        with self.stack.count_calls() as calls:
            self.assign(200, 1, list(range(10, 40)))
        calls.assert_at_most(reads=3, reserves=0, writes=1)


class TestNumbering(AgendaTest):
    """`agenda_item.numbering`."""

    def number(self) -> dict[int, Any]:
        """The numbers of all items afterwards."""
        assert self.request("agenda_item.numbering", {"meeting_id": 1}).assert_status(200).results == [None]
        return self.values("item_number")

    def test_numbers(self) -> None:
        self.create_items(
            {
                1: {"weight": 7, "type": "common", "item_number": "manual"},
                2: {"weight": 3},
                3: {"parent_id": 1, "weight": 2},
                4: {"parent_id": 1, "weight": 1, "is_hidden": True},
                5: {"parent_id": 4},
                6: {},
                7: {"weight": 7},
            }
        )
        assert self.number() == {6: "1", 2: "2", 1: "3", 4: "3.1", 5: "3.1.1", 3: "3.2", 7: "4"}

    def test_what_is_not_common_has_no_number(self) -> None:
        self.create_items(
            {
                1: {"weight": 1, "type": "internal", "item_number": "old"},
                2: {"parent_id": 1},
                3: {"weight": 2, "type": "hidden"},
                4: {"weight": 3},
                5: {"weight": 1, "parent_id": 4, "type": "hidden"},
                6: {"parent_id": 5},
                7: {"weight": 2, "parent_id": 4},
            }
        )
        assert self.number() == {1: "", 2: "", 3: "", 4: "1", 5: "", 6: "", 7: "1.1"}

    def test_prefix_and_roman_numerals(self) -> None:
        self.set_models({"meeting/1": {"agenda_numeral_system": "roman", "agenda_number_prefix": "P-"}})
        self.create_items({n: {"weight": n} for n in range(1, 15)} | {20: {"parent_id": 14}, 21: {"type": "hidden"}})
        numbers = self.number()
        assert [numbers[n] for n in (1, 4, 9, 14, 20, 21)] == ["P- I", "P- IV", "P- IX", "P- XIV", "P- XIV.1", ""]

    def test_other_meetings(self) -> None:
        self.create_items({1: {}})
        self.set_models({"agenda_item/7": {"meeting_id": 4, "content_object_id": "topic/7", "item_number": "x"}})
        assert self.number() == {1: "1", 7: "x"}

    def test_empty_agenda(self) -> None:
        assert self.number() == {}

    def test_rights(self) -> None:
        self.assert_needs_permission("agenda_item.numbering", {"meeting_id": 1}, MANAGE)

    def test_few_calls(self) -> None:
        self.create_items({n: {} for n in range(1, 30)})
        with self.stack.count_calls() as calls:
            self.number()
        calls.assert_at_most(reads=1, reserves=0, writes=1)
