"""Categories of motions (motion_objects.md); how their motions are numbered has a file of its own."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest


class MotionCategoryTest(RightsTest):
    """Category 5 with child 6; motions 7 and 8 in category 5."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motion_category_ids=[5, 6], motion_ids=[7, 8, 9])
        self.set_models(
            {
                "motion_category/5": {
                    "name": "five",
                    "meeting_id": 1,
                    "sequential_number": 1,
                    "weight": 2,
                    "level": 0,
                    "child_ids": [6],
                    "motion_ids": [7, 8],
                },
                "motion_category/6": {
                    "name": "six",
                    "meeting_id": 1,
                    "sequential_number": 2,
                    "weight": 8,
                    "level": 1,
                    "parent_id": 5,
                },
                "motion/7": {"title": "m7", "meeting_id": 1, "category_id": 5, "category_weight": 70},
                "motion/8": {"title": "m8", "meeting_id": 1, "category_id": 5},
                "motion/9": {"title": "m9", "meeting_id": 1},
            }
        )


class TestCreate(MotionCategoryTest):
    """`motion_category.create`."""

    def test_create(self) -> None:
        first = {"name": "a", "meeting_id": 1, "prefix": "A", "parent_id": 6}
        answer = self.request("motion_category.create", first, {"name": "b", "meeting_id": 1, "prefix": "A"})
        answer.assert_status(200)
        one, two = answer.results[0]
        assert (one["sequential_number"], two["sequential_number"]) == (3, 4)
        fields = {"name": "a", "prefix": "A", "parent_id": 6, "weight": 9, "level": None, "sequential_number": 3}
        self.assert_model_exists(f"motion_category/{one['id']}", fields)
        self.assert_model_exists(f"motion_category/{two['id']}", {"prefix": "A", "parent_id": None, "weight": 10})
        self.assert_model_exists("motion_category/6", {"child_ids": [one["id"]]})

    def test_first_category_of_a_meeting(self) -> None:
        self.create_meeting(4)
        element = {"name": "a", "meeting_id": 4, "prefix": None, "parent_id": None}
        answer = self.request("motion_category.create", element).assert_status(200)
        assert answer.result["sequential_number"] == 1
        self.assert_model_exists(f"motion_category/{answer.id}", {"weight": 1, "prefix": None})

    def test_parent_of_another_meeting(self) -> None:
        self.create_meeting(4)
        self.request("motion_category.create", {"name": "a", "meeting_id": 4, "parent_id": 5}).assert_status(400)

    @pytest.mark.parametrize(
        "given", [{"name": ""}, {"name": None}, {"prefix": "x" * 257}, {"weight": 1}, {"level": 1}]
    )
    def test_bad_payload(self, given: dict[str, Any]) -> None:
        self.request("motion_category.create", {"name": "a", "meeting_id": 1, **given}).assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_category.create", {"name": "a", "meeting_id": 1}, "motion.can_manage")

    @pytest.mark.parametrize("amount", [1, 50])
    def test_budget(self, amount: int) -> None:
        with self.stack.count_calls() as calls:
            self.request("motion_category.create", *[{"name": "a", "meeting_id": 1}] * amount).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)


class TestUpdate(MotionCategoryTest):
    """`motion_category.update`."""

    def test_update(self) -> None:
        element = {"id": 5, "name": "new", "prefix": "P", "motion_ids": [9, 7]}
        assert self.request("motion_category.update", element).assert_status(200).results == [[None]]
        self.assert_model_exists("motion_category/5", {"name": "new", "prefix": "P", "motion_ids": [9, 7]})
        self.assert_model_exists("motion/7", {"category_id": 5, "category_weight": 70})
        self.assert_model_exists("motion/8", {"category_id": None})
        self.assert_model_exists("motion/9", {"category_id": 5, "category_weight": None})

    def test_refused(self) -> None:
        self.create_meeting(4)
        self.set_models({"motion/10": {"title": "m10", "meeting_id": 4}})
        for given in ({"motion_ids": [10]}, {"motion_ids": [99]}, {"name": ""}, {"parent_id": None}):
            self.request("motion_category.update", {"id": 5, **given}).assert_status(400)
        self.request("motion_category.update", {"id": 99, "name": "x"}).assert_status(400, "motion_category/99")

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_category.update", {"id": 5, "name": "x"}, "motion.can_manage")


class TestDelete(MotionCategoryTest):
    """`motion_category.delete`."""

    def test_delete(self) -> None:
        assert self.request("motion_category.delete", {"id": 5}).assert_status(200).results == [[None]]
        self.assert_model_deleted("motion_category/5")
        self.assert_model_exists("motion_category/6", {"parent_id": None, "level": 1, "weight": 8})
        self.assert_model_exists("motion/7", {"category_id": None, "category_weight": 70})
        self.assert_model_exists("meeting/1", {"motion_category_ids": [6]})

    def test_unknown_category(self) -> None:
        self.request("motion_category.delete", {"id": 99}).assert_status(400, "motion_category/99")

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_category.delete", {"id": 5}, "motion.can_manage")


class TestSort(MotionCategoryTest):
    """`motion_category.sort`."""

    def test_sort(self) -> None:
        self.set_models({"motion_category/4": {"name": "four", "meeting_id": 1, "weight": 3}})
        tree = [{"id": 6, "children": [{"id": 5}, {"id": 4}]}]
        answer = self.request("motion_category.sort", {"meeting_id": 1, "tree": tree}).assert_status(200)
        assert answer.results == [None]
        root = {"parent_id": None, "child_ids": [5, 4], "weight": 1, "level": 0}
        self.assert_model_exists("motion_category/6", root)
        self.assert_model_exists("motion_category/5", {"parent_id": 6, "child_ids": [], "weight": 1, "level": 1})
        self.assert_model_exists("motion_category/4", {"parent_id": 6, "child_ids": [], "weight": 2, "level": 1})

    @pytest.mark.parametrize(
        "tree",
        [
            [],
            [{"id": 5}],
            [{"id": 5}, {"id": 5}, {"id": 6}],
            [{"id": 5, "children": [{"id": 6, "children": [{"id": 5}]}]}],
            [{"id": 5}, {"id": 6}, {"id": 99}],
            [{"id": 5, "children": []}, {"id": 6}],
            [{"id": 5, "weight": 1}, {"id": 6}],
            [{"children": [{"id": 5}]}, {"id": 6}],
        ],
    )
    def test_bad_trees(self, tree: list[Any]) -> None:
        self.request("motion_category.sort", {"meeting_id": 1, "tree": tree}).assert_status(400)

    def test_one_element_only(self) -> None:
        element = {"meeting_id": 1, "tree": [{"id": 5}, {"id": 6}]}
        self.request("motion_category.sort", element, element).assert_status(400)
        self.request("motion_category.sort").assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission(
            "motion_category.sort", {"meeting_id": 1, "tree": [{"id": 5}, {"id": 6}]}, "motion.can_manage"
        )


class TestSortMotions(MotionCategoryTest):
    """`motion_category.sort_motions_in_category`."""

    name = "motion_category.sort_motions_in_category"

    def test_sort(self) -> None:
        answer = self.request(self.name, {"id": 5, "motion_ids": [8, 7]}).assert_status(200)
        assert answer.results == [None]
        self.assert_model_exists("motion/8", {"category_weight": 1})
        self.assert_model_exists("motion/7", {"category_weight": 2})
        self.request(self.name, {"id": 6, "motion_ids": []}).assert_status(200)

    @pytest.mark.parametrize("motion_ids", [[7], [], [7, 8, 9], [7, 7, 8], [7, 8, 99]])
    def test_bad_lists(self, motion_ids: list[int]) -> None:
        self.request(self.name, {"id": 5, "motion_ids": motion_ids}).assert_status(400)

    def test_motions_of_other_meetings_are_not_sorted(self) -> None:
        self.set_models({"motion/10": {"title": "m10", "meeting_id": 4, "category_id": 5}})
        self.request(self.name, {"id": 5, "motion_ids": [8, 7, 10]}).assert_status(400, "motion/10")
        self.request(self.name, {"id": 5, "motion_ids": [8, 7]}).assert_status(200)

    def test_unknown_category(self) -> None:
        self.request(self.name, {"id": 99, "motion_ids": []}).assert_status(400, "motion_category/99")
        self.request(self.name, {"id": 99, "motion_ids": []}, internal=True).assert_status(400, "motion_category/99")

    def test_one_element_only(self) -> None:
        element = {"id": 5, "motion_ids": [7, 8]}
        self.request(self.name, element, element).assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission(self.name, {"id": 5, "motion_ids": [7, 8]}, "motion.can_manage")
