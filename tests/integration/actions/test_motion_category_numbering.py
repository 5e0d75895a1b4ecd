"""`motion_category.number_motions` (motion_objects.md) on the whole stack."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest
from tests.integration.base import Answer


class NumberMotionsTest(RightsTest):
    """The tree that the page of the action shows: 11 and 12 below 10, 13 below 11."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motions_number_with_blank=True, motions_number_min_digits=2, motions_amendments_prefix="-A")
        self.store_categories({10: None, 11: 10, 12: 10, 13: 11})
        self.set_models(
            {
                "motion_category/10": {"prefix": "F"},
                "motion_category/11": {"weight": 1},
                "motion_category/12": {"weight": 2, "prefix": "T"},
            }
        )
        self.store_motions({1: {"category_id": 10}, 2: {"category_id": 11}, 3: {"category_id": 12}})
        self.store_motions({4: {"category_id": 13}, 5: {"category_id": 12, "lead_motion_id": 4}})

    def store_categories(self, parents: dict[int, int | None]) -> None:
        """Categories with the given parents, of meeting 1."""
        self.set_models(
            {
                f"motion_category/{id_}": {
                    "name": f"category {id_}",
                    "meeting_id": 1,
                    "sequential_number": id_,
                    "child_ids": [child for child, above in parents.items() if above == id_],
                    **({} if parent is None else {"parent_id": parent}),
                }
                for id_, parent in parents.items()
            }
        )

    def store_motions(self, motions: dict[int, Fields]) -> None:
        """Motions of meeting 1; they are entered in their categories, too."""
        defaults = {"meeting_id": 1, "sequential_number": 1}
        self.set_models({f"motion/{id_}": {"title": "m", **defaults, **fields} for id_, fields in motions.items()})
        lists: dict[int, list[int]] = {}
        for id_, fields in motions.items():
            if fields.get("category_id") is not None:
                lists.setdefault(fields["category_id"], []).append(id_)
        if lists:
            self.add_to_lists({f"motion_category/{id_}": {"motion_ids": ids} for id_, ids in lists.items()})

    def number(self, *category_ids: int) -> Answer:
        """Number the motions of these categories."""
        return self.request("motion_category.number_motions", *({"id": id_} for id_ in category_ids))

    def numbers(self) -> dict[int, tuple[str, int]]:
        """All numbers in the meeting, with their values."""
        models = self.find_models("motion", meeting_id=1)
        return {id_: (m["number"], m["number_value"]) for id_, m in models.items() if "number_value" in m}


class TestNumberMotions(NumberMotionsTest):
    """The rules."""

    def test_example(self) -> None:
        before = time.time()
        assert self.number(10).assert_status(200).results == [None]
        assert self.numbers() == {
            1: ("F 01", 1),
            2: ("F 02", 2),
            3: ("T 03", 3),
            4: ("F 04", 4),
            5: ("F 04 -A 01", 1),
        }
        for id_ in range(1, 6):
            assert before - 1 <= self.get_model(f"motion/{id_}")["last_modified"] <= time.time() + 1
            assert self.history_of(f"motion/{id_}") == [["Motion number set"]]

    def test_lower_category(self) -> None:
        self.number(11).assert_status(200)
        assert self.numbers() == {2: (" 01", 1), 4: (" 02", 2)}
        self.assert_model_exists("motion/1", {"last_modified": None})
        assert self.history_of("motion/1") == []

    def test_lead_motion_that_is_not_affected(self) -> None:
        self.number(12).assert_status(400, "motion/4")
        assert self.numbers() == {}

    def test_number_in_use(self) -> None:
        self.store_motions({6: {"number": "T 03"}})
        self.number(10).assert_status(400, "motion/6")
        self.delete_models("motion/6")
        self.number(10).assert_status(200)

    def test_number_in_use_in_another_meeting(self) -> None:
        self.create_meeting(4)
        self.store_motions({6: {"number": "T 03", "meeting_id": 4}})
        self.number(10).assert_status(200)

    def test_several_elements_are_judged_by_what_is_stored(self) -> None:
        self.number(10, 11).assert_status(200)
        assert self.numbers()[1] == ("F 01", 1)
        assert self.numbers()[2] == (" 01", 1)
        self.store_categories({14: None})
        self.store_motions({7: {"category_id": 14}})
        answer = self.number(11, 14).assert_status(400, "motion/2")
        assert answer.body["action_data_error_index"] == 1

    def test_changes_of_the_batch_count(self) -> None:
        tree = [{"id": 10, "children": [{"id": 12, "children": [{"id": 11, "children": [{"id": 13}]}]}]}]
        sort = ("motion_category.sort", [{"meeting_id": 1, "tree": tree}])
        rename = ("motion_category.update", [{"id": 13, "prefix": "N", "motion_ids": [4, 1]}])
        self.request_multi([sort, rename, ("motion_category.number_motions", [{"id": 10}])]).assert_status(200)
        found = {id_: number for id_, (number, _) in self.numbers().items()}
        assert found == {3: "T 01", 2: "T 02", 1: "N 03", 4: "N 04", 5: "N 04 -A 01"}

    def test_unset_settings(self) -> None:
        unset = ("motions_number_with_blank", "motions_number_min_digits", "motions_amendments_prefix")
        self.set_models({"meeting/1": dict.fromkeys(unset)})
        self.number(10).assert_status(200)
        assert self.numbers()[5] == ("F41", 1)

    def test_models_that_do_not_name_the_meeting(self) -> None:
        self.set_models({"motion_category/11": {"meeting_id": None}, "motion/4": {"meeting_id": None}})
        self.set_models({"motion_category/10": {"child_ids": [11, 12, 99]}})
        self.number(10).assert_status(200)
        self.assert_model_exists("motion/4", {"number": "F 04"})
        assert self.numbers()[5] == ("F 04 -A 01", 1)

    def test_category_without_motions(self) -> None:
        self.store_categories({14: None})
        self.number(14).assert_status(200)
        assert self.numbers() == {}
        assert self.find_models("history_position") == {}

    def test_unknown_category(self) -> None:
        self.number(99).assert_status(400, "motion_category/99")
        self.request("motion_category.number_motions", {"id": 99}, internal=True).assert_status(400)

    def test_category_without_meeting(self) -> None:
        self.set_models({"motion_category/13": {"meeting_id": None}})
        self.number(13).assert_status(400)
        self.request("motion_category.number_motions", {"id": 13}, internal=True).assert_status(400, "meeting_id")

    @pytest.mark.parametrize("element", [{}, {"id": None}, {"id": 10, "name": "x"}])
    def test_bad_payload(self, element: Fields) -> None:
        self.request("motion_category.number_motions", element).assert_status(400)

    def test_permission(self) -> None:
        self.assert_needs_permission("motion_category.number_motions", {"id": 10}, "motion.can_manage")


class TestManyMotions(NumberMotionsTest):
    """That the cost doesn't grow with the number of motions, apart from the amount of data."""

    def store(self, amount: int) -> None:
        """Seven categories on three levels, and motions in all of them, every tenth of which is an amendment."""
        self.store_categories({20: None, 21: 20, 22: 20, 23: 21, 24: 21, 25: 22, 26: 22})
        lead = {id_: {"lead_motion_id": id_ - 1} for id_ in range(1000, 1000 + amount) if id_ % 10 == 9}
        motions: dict[int, Fields] = {
            id_: {"category_id": 20 + id_ % 7, "category_weight": id_ * 7 % 13, **lead.get(id_, {})}
            for id_ in range(1000, 1000 + amount)
        }
        self.store_motions(motions)

    @pytest.mark.parametrize("amount", [1, 2000])
    def test_budget(self, amount: int) -> None:
        self.store(amount)
        with self.stack.count_calls() as calls:
            self.number(20).assert_status(200)
        calls.assert_at_most(reads=4, reserves=1, writes=1)
        numbers = self.numbers()
        assert len(numbers) == amount
        assert len(set(numbers.values())) == amount

    def test_budget_of_many_categories(self) -> None:
        self.store(20)
        with self.stack.count_calls() as calls:
            self.number(*range(21, 27), 20).assert_status(400, "amends")
        calls.assert_at_most(reads=3, reserves=0, writes=0)


class TestProperties(NumberMotionsTest):
    """What holds for every tree, whatever is stored."""

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(st.data())
    def test_numbers_are_unique_and_stay(self, data: st.DataObject) -> None:
        self.setup_method()
        self.store_random(data)
        self.number(30).assert_status(200)
        numbers = self.numbers()
        texts = [text for text, _ in numbers.values()]
        assert len(texts) == len(set(texts))
        self.number(30).assert_status(200)
        assert self.numbers() == numbers

    def store_random(self, data: Any) -> None:
        """Some categories below 30, motions in them with all kinds of weights, and amendments to these."""
        amount = data.draw(st.integers(min_value=1, max_value=5))
        self.store_categories(
            {30: None, **{id_: data.draw(st.integers(30, id_ - 1)) for id_ in range(31, 30 + amount)}}
        )
        weight = st.none() | st.integers(min_value=1, max_value=3)
        prefix = st.sampled_from([None, "P", "Q"])
        ids = range(30, 30 + amount)
        fields = {f"motion_category/{id_}": {"weight": data.draw(weight), "prefix": data.draw(prefix)} for id_ in ids}
        self.set_models(fields)
        motions: dict[int, Fields] = {}
        for id_ in range(100, 100 + data.draw(st.integers(min_value=0, max_value=8))):
            lead_id = data.draw(st.none() | st.sampled_from(sorted(motions))) if motions else None
            category_id = data.draw(st.sampled_from(ids))
            motions[id_] = {"category_id": category_id, "category_weight": data.draw(weight), "lead_motion_id": lead_id}
        self.store_motions(motions)
