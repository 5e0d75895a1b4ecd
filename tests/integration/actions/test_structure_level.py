"""Structure levels, their times, and categories of points of order (structure_level.md)."""

from typing import Any

import pytest

from tests.integration.actions.speaking import LIST, SpeakingTest

TIMES = "structure_level_list_of_speakers"
CAN_MANAGE = "list_of_speakers.can_manage"


class TestStructureLevel(SpeakingTest):
    def test_create(self) -> None:
        fields = {"meeting_id": 1, "name": "west", "color": "#00ff00", "default_time": 0}
        answer = self.request("structure_level.create", fields).assert_status(200)
        self.assert_model_exists(f"structure_level/{answer.id}", fields)
        self.assert_model_exists("meeting/1", {"structure_level_ids": [1, 2, answer.id]})

    @pytest.mark.parametrize(
        "fields", [{"name": ""}, {"name": None}, {"color": "#00FF00"}, {"default_time": -1}, {"name": "x" * 257}]
    )
    def test_values(self, fields: dict[str, Any]) -> None:
        self.request("structure_level.create", {"meeting_id": 1, "name": "x", **fields}).assert_status(400)
        self.request("structure_level.update", {"id": 1, **fields}).assert_status(400)

    def test_names_are_unique(self) -> None:
        self.create_meeting(7)
        self.request("structure_level.create", {"meeting_id": 7, "name": "north"}).assert_status(200)
        new = {"meeting_id": 1, "name": "new"}
        answer = self.request("structure_level.create", new, new).assert_status(400, "name")
        assert answer.body["action_data_error_index"] == 1
        self.request("structure_level.update", {"id": 1, "name": "south"}).assert_status(400, "name")
        self.request("structure_level.update", {"id": 1, "name": "x"}, {"id": 2, "name": "x"}).assert_status(400)
        self.request("structure_level.update", {"id": 1, "name": "north"}).assert_status(200)

    def test_names_are_checked_before_the_permission(self) -> None:
        user_id, _ = self.participant()
        self.request("structure_level.create", {"meeting_id": 1, "name": "north"}, user=user_id).assert_status(400)
        self.request("structure_level.update", {"id": 2, "name": "north"}, user=user_id).assert_status(400)

    def test_update_without_name(self) -> None:
        self.request("structure_level.update", {"id": 1, "default_time": 9, "color": None}).assert_status(200)
        self.assert_model_exists("structure_level/1", {"default_time": 9, "name": "north"})

    def test_calls(self) -> None:
        elements = [{"meeting_id": 1, "name": f"level {number}"} for number in range(30)]
        with self.stack.count_calls() as calls:
            answer = self.request("structure_level.create", *elements).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)
        with self.stack.count_calls() as calls:
            updates = [{"id": result["id"], "name": f"new {result['id']}"} for result in answer.results[0]]
            self.request("structure_level.update", *updates).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)

    def test_delete(self) -> None:
        _, member = self.participant()
        self.set_models({f"meeting_user/{member}": {"structure_level_ids": [1]}})
        self.add_to_lists({"structure_level/1": {"meeting_user_ids": [member]}})
        self.level_time(8, level=2)
        assert self.request("structure_level.delete", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_model_deleted("structure_level/1")
        self.assert_model_exists(f"meeting_user/{member}", {"structure_level_ids": []})
        self.request("structure_level.delete", {"id": 2}).assert_status(400, TIMES)

    @pytest.mark.parametrize(
        ("action", "element"),
        [("create", {"meeting_id": 1, "name": "x"}), ("update", {"id": 1, "name": "x"}), ("delete", {"id": 1})],
    )
    def test_permission(self, action: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(f"structure_level.{action}", element, "user.can_manage")


class TestTimes(SpeakingTest):
    ELEMENT = {"structure_level_id": 1, "list_of_speakers_id": LIST}

    def setup_method(self) -> None:
        super().setup_method()
        self.settings(default_structure_level_time=300)

    @pytest.mark.parametrize(("given", "time"), [({}, 300), ({"initial_time": 20}, 20)])
    def test_create(self, given: dict[str, int], time: int) -> None:
        answer = self.request(f"{TIMES}.create", {**self.ELEMENT, **given}).assert_status(200)
        stored = {**self.ELEMENT, "meeting_id": 1, "initial_time": time, "remaining_time": time}
        self.assert_model_exists(f"{TIMES}/{answer.id}", stored)
        for fqid in ("structure_level/1", f"list_of_speakers/{LIST}", "meeting/1"):
            self.assert_model_exists(fqid, {f"{TIMES}_ids": [answer.id]})

    @pytest.mark.parametrize("fields", [{"initial_time": 0}, {"initial_time": None}, {"structure_level_id": 99}])
    def test_create_refused(self, fields: dict[str, Any]) -> None:
        self.request(f"{TIMES}.create", {**self.ELEMENT, **fields}).assert_status(400)

    @pytest.mark.parametrize("time", [None, 0])
    def test_disabled(self, time: int | None) -> None:
        self.settings(default_structure_level_time=time)
        self.level_time(8, remaining_time=-5)
        self.request(f"{TIMES}.create", {**self.ELEMENT, "structure_level_id": 2, "initial_time": 9}).assert_status(400)
        self.request(f"{TIMES}.add_time", {"id": 8}).assert_status(400)

    def test_create_twice(self) -> None:
        self.request(f"{TIMES}.create", self.ELEMENT, self.ELEMENT).assert_status(400)
        self.request(f"{TIMES}.create", self.ELEMENT).assert_status(200)
        self.request(f"{TIMES}.create", self.ELEMENT).assert_status(400)

    def test_create_in_another_meeting(self) -> None:
        self.create_meeting(7)
        self.set_models({"structure_level/3": {"name": "x", "meeting_id": 7}})
        self.request(f"{TIMES}.create", {**self.ELEMENT, "structure_level_id": 3}).assert_status(400)

    @pytest.mark.parametrize(
        ("fields", "stored"),
        [
            ({"initial_time": 70}, {"initial_time": 70, "remaining_time": 70, "additional_time": 4}),
            ({"remaining_time": -1.5}, {"initial_time": 600, "remaining_time": -1.5}),
            ({}, {"remaining_time": 500}),
        ],
    )
    def test_update(self, fields: dict[str, Any], stored: dict[str, Any]) -> None:
        self.level_time(8, additional_time=4)
        self.request(f"{TIMES}.update", {"id": 8, **fields}).assert_status(200)
        self.assert_model_exists(f"{TIMES}/8", stored)

    @pytest.mark.parametrize(
        ("fields", "internal", "status"),
        [
            ({"current_start_time": 5}, False, 400),
            ({"additional_time": 5}, False, 400),
            ({"spoken_time": 5}, False, 400),
            ({"initial_time": 5, "remaining_time": 5}, False, 400),
            ({"initial_time": 5, "spoken_time": 5}, True, 400),
            ({"initial_time": 5, "current_start_time": None}, True, 400),
            ({"remaining_time": 5, "spoken_time": 5}, True, 400),
            ({"spoken_time": -5}, True, 400),
            ({"spoken_time": 5, "current_start_time": 7, "additional_time": 1.5}, True, 200),
        ],
    )
    def test_update_with_inner_fields(self, fields: dict[str, Any], status: int, *, internal: bool) -> None:
        self.level_time(8)
        self.request(f"{TIMES}.update", {"id": 8, **fields}, internal=internal).assert_status(status)
        if status == 200:
            stored = {"remaining_time": 495, "current_start_time": 7, "additional_time": 1.5}
            self.assert_model_exists(f"{TIMES}/8", stored)
            assert "spoken_time" not in self.get_model(f"{TIMES}/8")

    def test_add_time(self) -> None:
        self.other_list(6)
        self.level_time(8, remaining_time=-30, additional_time=5)
        self.level_time(9, level=2, remaining_time=12.5, current_start_time=1)
        self.level_time(10, list_id=6)
        assert self.request(f"{TIMES}.add_time", {"id": 8}).assert_status(200).results == [None]
        self.assert_model_exists(f"{TIMES}/8", {"remaining_time": 0, "additional_time": 35})
        self.assert_model_exists(f"{TIMES}/9", {"remaining_time": 42.5, "additional_time": 30, "current_start_time": 1})
        self.assert_model_exists(f"{TIMES}/10", {"remaining_time": 500, "additional_time": None})

    @pytest.mark.parametrize("fields", [{"current_start_time": 1}, {"remaining_time": 0}, {"remaining_time": 5}])
    def test_add_time_refused(self, fields: dict[str, Any]) -> None:
        self.level_time(8, **{"remaining_time": -30, **fields})
        self.request(f"{TIMES}.add_time", {"id": 8}).assert_status(400)

    def test_add_time_is_singular(self) -> None:
        self.level_time(8, remaining_time=-30)
        self.request(f"{TIMES}.add_time", {"id": 8}, {"id": 8}).assert_status(400)

    def test_delete(self) -> None:
        self.level_time(8, speaker_ids=[1])
        self.speaker(1, **{f"{TIMES}_id": 8})
        self.request(f"{TIMES}.delete", {"id": 8}).assert_status(400, "no action")
        self.request(f"{TIMES}.delete", {"id": 8}, internal=True).assert_status(200)
        self.assert_model_exists("speaker/1", {f"{TIMES}_id": None})

    @pytest.mark.parametrize(
        ("action", "element"),
        [("create", {**ELEMENT, "structure_level_id": 2}), ("update", {"id": 8}), ("add_time", {"id": 8})],
    )
    def test_permission(self, action: str, element: dict[str, Any]) -> None:
        self.level_time(8, remaining_time=-30)
        self.assert_needs_permission(f"{TIMES}.{action}", element, CAN_MANAGE)


class TestPointOfOrderCategory(SpeakingTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.set_models({"point_of_order_category/1": {"text": "t", "rank": 3, "meeting_id": 1, "speaker_ids": [1]}})
        self.speaker(1, point_of_order=True, point_of_order_category_id=1, weight=9)

    def test_create(self) -> None:
        fields = {"meeting_id": 1, "text": "t", "rank": -3}
        answer = self.request("point_of_order_category.create", fields, fields).assert_status(200)
        self.assert_model_exists(f"point_of_order_category/{answer.id}", fields)

    @pytest.mark.parametrize("fields", [{"text": ""}, {"text": None}, {"rank": None}, {"rank": "1"}])
    def test_values(self, fields: dict[str, Any]) -> None:
        self.request("point_of_order_category.update", {"id": 1, **fields}).assert_status(400)
        element = {"meeting_id": 1, "text": "t", "rank": 1, **fields}
        self.request("point_of_order_category.create", element).assert_status(400)

    def test_update_and_delete(self) -> None:
        self.request("point_of_order_category.update", {"id": 1, "text": "u", "rank": 0}).assert_status(200)
        self.assert_model_exists("point_of_order_category/1", {"text": "u", "rank": 0})
        self.request("point_of_order_category.delete", {"id": 1}).assert_status(200)
        stored = {"point_of_order": True, "point_of_order_category_id": None, "weight": 9}
        self.assert_model_exists("speaker/1", stored)

    @pytest.mark.parametrize(
        ("action", "element"),
        [
            ("create", {"meeting_id": 1, "text": "t", "rank": 1}),
            ("update", {"id": 1, "rank": 1}),
            ("delete", {"id": 1}),
        ],
    )
    def test_permission(self, action: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(f"point_of_order_category.{action}", element, "meeting.can_manage_settings")
