"""Change recommendations of motions (motion_objects.md)."""

import time
from typing import Any

import pytest

from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest
from tests.integration.base import Answer

CREATED, UPDATED, DELETED = (f"Motion change recommendation {done}" for done in ("created", "updated", "deleted"))


class ChangeRecommendationTest(RightsTest):
    """Motion 7 with recommendations 1 (lines 3 to 5) and 2 (lines 8 to 9), and motion 8 without any."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_ids=[7, 8])
        self.set_models(
            {
                "motion/7": {"title": "m7", "meeting_id": 1, "change_recommendation_ids": [1, 2]},
                "motion/8": {"title": "m8", "meeting_id": 1},
            }
        )
        self.store(1, 3, 5)
        self.store(2, 8, 9)

    def store(self, id_: int, line_from: int | None, line_to: int | None, motion_id: int = 7) -> None:
        """A recommendation, without entry in the lists of motion and meeting."""
        lines = {"line_from": line_from, "line_to": line_to}
        given = {name: line for name, line in lines.items() if line is not None}
        place = {"meeting_id": 1, "motion_id": motion_id}
        self.set_models({f"motion_change_recommendation/{id_}": {"text": "old", **place, **given}})


class TestCreate(ChangeRecommendationTest):
    """`motion_change_recommendation.create`."""

    name = "motion_change_recommendation.create"

    def create(self, line_from: Any, line_to: Any, motion_id: int = 7, **more: Any) -> Answer:
        """Create one recommendation."""
        return self.request(self.name, self.element(line_from, line_to, motion_id, **more))

    @staticmethod
    def element(line_from: Any, line_to: Any, motion_id: int = 7, **more: Any) -> Fields:
        """A minimal payload."""
        return {"line_from": line_from, "line_to": line_to, "motion_id": motion_id, "text": "<p>x</p>", **more}

    def test_create(self) -> None:
        before = int(time.time())
        answer = self.create(6, 7, text="<p>x<script>y</script></p>").assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        model = self.assert_model_exists(
            f"motion_change_recommendation/{answer.id}",
            {
                "line_from": 6,
                "line_to": 7,
                "text": "<p>x</p>",
                "type": "replacement",
                "rejected": False,
                "internal": False,
                "meeting_id": 1,
                "motion_id": 7,
            },
        )
        assert before <= model["creation_time"] <= time.time()
        self.assert_model_exists("motion/7", {"change_recommendation_ids": [1, 2, answer.id]})
        assert self.history_of("motion/7") == [[CREATED]]

    def test_all_fields(self) -> None:
        fields: Fields = {"rejected": True, "internal": True, "type": "other", "other_description": "d"}
        answer = self.create(6, 7, text=None, **fields).assert_status(200)
        self.assert_model_exists(f"motion_change_recommendation/{answer.id}", {**fields, "text": None})
        answer = self.create(0, 0, rejected=None, type=None).assert_status(200)
        self.assert_model_exists(f"motion_change_recommendation/{answer.id}", {"rejected": None, "type": None})

    @pytest.mark.parametrize(("line_from", "line_to"), [(1, 2), (6, 6), (6, 7), (10, 99), (0, 0)])
    def test_free_lines(self, line_from: int, line_to: int) -> None:
        self.create(line_from, line_to).assert_status(200)

    @pytest.mark.parametrize(("line_from", "line_to"), [(1, 3), (5, 6), (4, 4), (3, 5), (1, 99), (9, 10)])
    def test_collisions(self, line_from: int, line_to: int) -> None:
        self.create(line_from, line_to).assert_status(400, "collide")
        self.create(line_from, line_to, motion_id=8).assert_status(200)

    def test_lines_of_the_title_collide_too(self) -> None:
        self.create(0, 0).assert_status(200)
        self.create(0, 0).assert_status(400, "collide")

    def test_recommendations_without_lines_do_not_collide(self) -> None:
        self.store(1, None, 5)
        self.set_models({"motion_change_recommendation/1": {"line_from": None}})
        self.create(3, 5).assert_status(200)

    def test_earlier_elements_count(self) -> None:
        answer = self.request(self.name, self.element(20, 22), self.element(22, 23)).assert_status(400, "collide")
        assert answer.body["action_data_error_index"] == 1
        self.request_multi([(self.name, [self.element(20, 22)]), (self.name, [self.element(21, 21)])]).assert_status(
            400
        )
        self.request(self.name, self.element(20, 22), self.element(23, 23)).assert_status(200)
        assert self.history_of("motion/7") == [[CREATED]]

    @pytest.mark.parametrize(
        "given",
        [
            {"line_from": None},
            {"line_to": None},
            {"line_from": -1},
            {"line_from": 8},
            {"type": "x"},
            {"motion_id": None},
            {"other_description": "x" * 257},
            {"meeting_id": 1},
            {"creation_time": 1},
        ],
    )
    def test_bad_payload(self, given: dict[str, Any]) -> None:
        self.request(self.name, {**self.element(6, 7), **given}).assert_status(400)

    def test_missing_keys(self) -> None:
        for name in ("line_from", "line_to", "motion_id", "text"):
            element = {key: value for key, value in self.element(6, 7).items() if key != name}
            self.request(self.name, element).assert_status(400, name)

    def test_unknown_motion(self) -> None:
        self.create(6, 7, motion_id=99).assert_status(400, "motion/99")

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, self.element(6, 7), "motion.can_manage")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        elements = [self.element(20 + n, 20 + n) for n in range(amount)]
        with self.stack.count_calls() as calls:
            self.request(self.name, *elements).assert_status(200)
        calls.assert_at_most(reads=3, reserves=2, writes=1)


class TestUpdate(ChangeRecommendationTest):
    """`motion_change_recommendation.update`."""

    name = "motion_change_recommendation.update"

    def test_update(self) -> None:
        fields = {"text": None, "rejected": True, "internal": True, "type": "deletion", "other_description": "d"}
        answer = self.request(self.name, {"id": 1, **fields, "line_from": 4, "line_to": 7}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("motion_change_recommendation/1", {**fields, "line_from": 4, "line_to": 7})
        assert self.history_of("motion/7") == [[UPDATED]]

    def test_update_of_nothing_is_told(self) -> None:
        self.request(self.name, {"id": 1}, {"id": 2}).assert_status(200)
        assert self.history_of("motion/7") == [[UPDATED]]

    @pytest.mark.parametrize("given", [{"line_to": 7}, {"line_from": 0}, {"line_from": 10, "line_to": 12}])
    def test_free_lines(self, given: dict[str, int]) -> None:
        self.request(self.name, {"id": 1, **given}).assert_status(200)

    @pytest.mark.parametrize(
        "given", [{"line_to": 8}, {"line_to": 99}, {"line_from": 8, "line_to": 8}, {"line_from": 9, "line_to": 12}]
    )
    def test_collisions(self, given: dict[str, int]) -> None:
        self.request(self.name, {"id": 1, **given}).assert_status(400, "collide")

    @pytest.mark.parametrize("given", [{"line_from": 6}, {"line_to": 2}, {"line_from": 7, "line_to": 6}])
    def test_lines_the_wrong_way_round(self, given: dict[str, int]) -> None:
        answer = self.request(self.name, {"id": 2}, {"id": 1, **given}).assert_status(400, "line_from")
        assert answer.body["action_data_error_index"] == 1

    def test_two_change_places(self) -> None:
        moves = [{"id": 1, "line_from": 8, "line_to": 9}, {"id": 2, "line_from": 3, "line_to": 5}]
        self.request(self.name, *moves).assert_status(200)
        self.assert_model_exists("motion_change_recommendation/1", {"line_from": 8, "line_to": 9})
        moves = [{"id": 1, "line_from": 3}, {"id": 2, "line_to": 3}]
        answer = self.request(self.name, *moves).assert_status(400, "collide")
        assert answer.body["action_data_error_index"] == 1

    def test_stored_collisions_matter_where_something_is_moved(self) -> None:
        self.store(3, 5, 5)
        self.request(self.name, {"id": 2, "text": "x"}).assert_status(200)
        self.request(self.name, {"id": 2, "line_to": 10}).assert_status(400, "collide")
        self.store(4, 1, 1, motion_id=8)
        self.request(self.name, {"id": 4, "line_to": 10}).assert_status(200)

    def test_collision_with_one_that_is_not_the_next(self) -> None:
        self.store(3, 20, 21)
        self.request(self.name, {"id": 1, "line_to": 20}).assert_status(400, "collide")
        self.set_models({"motion_change_recommendation/2": {"line_from": None}})
        self.request(self.name, {"id": 1, "line_to": 20}).assert_status(400, "collide")
        self.request(self.name, {"id": 1, "line_to": 19}).assert_status(200)

    def test_recommendations_without_lines_are_left_out(self) -> None:
        self.store(3, None, None)
        self.request(self.name, {"id": 3, "line_from": 4}).assert_status(200)
        self.request(self.name, {"id": 3, "line_to": 4}).assert_status(400, "collide")

    @pytest.mark.parametrize("given", [{"line_from": None}, {"line_to": None}, {"motion_id": 8}, {"creation_time": 1}])
    def test_bad_payload(self, given: dict[str, Any]) -> None:
        self.request(self.name, {"id": 1, **given}).assert_status(400)

    def test_unknown(self) -> None:
        self.request(self.name, {"id": 99, "line_to": 1}).assert_status(400, "motion_change_recommendation/99")

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"id": 1, "text": "x"}, "motion.can_manage")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        for n in range(amount):
            self.store(100 + n, 100 + n, 100 + n, motion_id=8)
        with self.stack.count_calls() as calls:
            moves = [{"id": 100 + n, "line_from": 50 + n, "line_to": 50 + n} for n in range(amount)]
            self.request(self.name, *moves).assert_status(200)
        calls.assert_at_most(reads=5, reserves=1, writes=1)


class TestDelete(ChangeRecommendationTest):
    """`motion_change_recommendation.delete`."""

    name = "motion_change_recommendation.delete"

    def test_delete(self) -> None:
        assert self.request(self.name, {"id": 1}).assert_status(200).results == [[None]]
        self.assert_model_deleted("motion_change_recommendation/1")
        self.assert_model_exists("motion/7", {"change_recommendation_ids": [2]})
        assert self.history_of("motion/7") == [[DELETED]]

    def test_unknown(self) -> None:
        self.request(self.name, {"id": 99}).assert_status(400, "motion_change_recommendation/99")

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"id": 1}, "motion.can_manage")
