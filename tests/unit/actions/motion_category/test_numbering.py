"""Numbering of the motions in a category tree."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.actions.motion_category.numbering import CategoryTree, Number, Style
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models

MEETING = 1
STYLES = st.builds(
    Style,
    min_digits=st.integers(min_value=0, max_value=3),
    blank=st.sampled_from(["", " "]),
    amendment_prefix=st.sampled_from(["-A", "X"]),
)
WEIGHTS = st.none() | st.integers(min_value=1, max_value=3) | st.just(10000)


def category(parent_id: int | None = None, **fields: Any) -> Fields:
    """A category whose lists `data` fills."""
    given = {"parent_id": parent_id, **fields}
    return {"child_ids": [], "motion_ids": [], **{name: value for name, value in given.items() if value is not None}}


def motion(category_id: int | None = None, lead_motion_id: int | None = None, **fields: Any) -> Fields:
    """A motion of the meeting."""
    given = {"category_id": category_id, "lead_motion_id": lead_motion_id, "meeting_id": MEETING, **fields}
    return {name: value for name, value in given.items() if value is not None}


def tree(main_id: int, categories: Models, motions: Models) -> CategoryTree:
    """The tree below a category, after the lists of all categories are filled."""
    for id_, model in categories.items():
        if "parent_id" in model:
            categories[model["parent_id"]]["child_ids"].append(id_)
    for id_, model in motions.items():
        if "category_id" in model:
            categories[model["category_id"]]["motion_ids"].append(id_)
    return CategoryTree(main_id, categories, motions)


def texts(numbers: dict[int, Number]) -> dict[int, str]:
    """The texts alone."""
    return {id_: number.text for id_, number in numbers.items()}


class TestExamples:
    """What the page of the action says."""

    @staticmethod
    def example(main_id: int, **of_ten: Any) -> CategoryTree:
        categories = {
            10: category(prefix="F", **of_ten),
            11: category(10, weight=1),
            12: category(10, weight=2, prefix="T"),
            13: category(11),
        }
        return tree(main_id, categories, {1: motion(10), 2: motion(11), 3: motion(12), 4: motion(13), 5: motion(12, 4)})

    def test_whole_tree(self) -> None:
        numbers = self.example(10).numbers(Style(2, " ", "-A"), MEETING)
        assert texts(numbers) == {1: "F 01", 2: "F 02", 3: "T 03", 5: "F 04 -A 01", 4: "F 04"}
        assert {id_: number.value for id_, number in numbers.items()} == {1: 1, 2: 2, 3: 3, 5: 1, 4: 4}

    def test_prefixes_above_the_main_category_are_not_used(self) -> None:
        assert texts(self.example(11).numbers(Style(2, " ", "-A"), MEETING)) == {2: " 01", 4: " 02"}

    def test_lead_motion_outside_of_the_tree(self) -> None:
        with pytest.raises(BadRequest, match="motion/5 amends motion/4"):
            self.example(12).numbers(Style(), MEETING)

    def test_plain_style(self) -> None:
        assert texts(self.example(10).numbers(Style(), MEETING)) == {1: "F1", 2: "F2", 3: "T3", 5: "F41", 4: "F4"}

    def test_style_of_a_meeting(self) -> None:
        assert Style.of_meeting({}) == Style(0, "", "")
        settings = {
            "motions_number_min_digits": 3,
            "motions_number_with_blank": True,
            "motions_amendments_prefix": "X",
        }
        assert Style.of_meeting(settings) == Style(3, " ", "X")

    def test_unset_weights_count_as_the_default(self) -> None:
        categories = {1: category(), 2: category(1), 3: category(1, weight=9999), 4: category(1, weight=10001)}
        motions = {
            1: motion(4),
            2: motion(2, category_weight=10001),
            3: motion(2),
            4: motion(2, category_weight=9999),
            5: motion(3),
        }
        numbers = tree(1, categories, motions).numbers(Style(), MEETING)
        assert texts(numbers) == {5: "1", 4: "2", 3: "3", 2: "4", 1: "5"}

    def test_levels_come_one_after_the_other(self) -> None:
        categories = {1: category(), 2: category(1, weight=2), 3: category(1, weight=1), 4: category(3), 5: category(2)}
        motions = {1: motion(5), 2: motion(4), 3: motion(2), 4: motion(3), 5: motion(1)}
        assert list(tree(1, categories, motions).numbers(Style(), MEETING)) == [5, 4, 3, 2, 1]


class TestClashes:
    """Numbers that wouldn't be unique."""

    def test_number_of_another_category(self) -> None:
        motions = {1: motion(1), 2: motion(1), 3: motion(None, number="A2")}
        with pytest.raises(BadRequest, match="motion/2 would get the number 'A2' of motion/3"):
            tree(1, {1: category(prefix="A")}, motions).numbers(Style(), MEETING)

    def test_old_numbers_of_affected_motions_do_not_matter(self) -> None:
        motions = {1: motion(1, number="A2"), 2: motion(1, number="A1")}
        assert texts(tree(1, {1: category(prefix="A")}, motions).numbers(Style(), MEETING)) == {1: "A1", 2: "A2"}

    def test_motions_of_other_meetings_do_not_matter(self) -> None:
        motions = {1: motion(1), 2: {"meeting_id": 2, "number": "1"}, 3: {"number": "1"}}
        assert texts(tree(1, {1: category()}, motions).numbers(Style(), MEETING)) == {1: "1"}

    def test_numbers_of_the_same_tree(self) -> None:
        categories = {1: category(prefix="A1"), 2: category(1, prefix="A")}
        motions = {1: motion(1), **{id_: motion(2) for id_ in range(2, 12)}}
        with pytest.raises(BadRequest, match="motion/11 would get the number 'A11' of motion/1"):
            tree(1, categories, motions).numbers(Style(), MEETING)


class TestIncompleteData:
    """Data that contradict themselves."""

    def test_missing_models_are_passed_over(self) -> None:
        categories: Models = {1: {"child_ids": [2, 3], "motion_ids": [1, 2]}, 3: category(1, prefix="C")}
        incomplete = CategoryTree(1, categories, {2: motion(1)})
        assert incomplete.missing_categories() == {2}
        assert incomplete.missing_motions() == {1}
        assert texts(incomplete.numbers(Style(), MEETING)) == {2: "1"}

    def test_prefix_is_that_of_the_motions_own_category(self) -> None:
        categories: Models = {1: {"motion_ids": [1, 2]}, 2: {"parent_id": 3}, 3: {"prefix": "C"}}
        motions = {1: motion(2), 2: motion(None)}
        assert texts(CategoryTree(1, categories, motions).numbers(Style(), MEETING)) == {1: "C1", 2: "2"}
        assert CategoryTree(1, {1: categories[1]}, motions).missing_categories() == {2}
        assert CategoryTree(1, {1: categories[1], 2: categories[2]}, motions).missing_categories() == {3}

    def test_circles_of_categories(self) -> None:
        categories = {1: category(2), 2: category(1)}
        assert texts(tree(1, categories, {1: motion(1), 2: motion(2)}).numbers(Style(), MEETING)) == {1: "1", 2: "2"}
        loop: Models = {1: {"motion_ids": [1]}, 2: {"parent_id": 3}, 3: {"parent_id": 2}}
        assert texts(CategoryTree(1, loop, {1: motion(2)}).numbers(Style(), MEETING)) == {1: "1"}

    def test_circles_of_amendments(self) -> None:
        with pytest.raises(BadRequest, match="itself"):
            tree(1, {1: category()}, {1: motion(1, 2), 2: motion(1, 1)}).numbers(Style(), MEETING)

    def test_motion_in_two_categories_is_counted_once(self) -> None:
        categories: Models = {1: {"child_ids": [2], "motion_ids": [1]}, 2: {"motion_ids": [2, 1], "parent_id": 1}}
        numbers = CategoryTree(1, categories, {1: motion(1), 2: motion(2)}).numbers(Style(), MEETING)
        assert texts(numbers) == {1: "1", 2: "2"}

    def test_very_long_chain_of_amendments(self) -> None:
        motions = {id_: motion(1, id_ - 1 or None) for id_ in range(1, 3001)}
        numbers = tree(1, {1: category()}, motions).numbers(Style(amendment_prefix="-"), MEETING)
        assert numbers[3000].text == "1" + "-1" * 2999


@st.composite
def trees(draw: st.DrawFn, prefixes: st.SearchStrategy[str | None], numbers: st.SearchStrategy[str | None]) -> Any:
    """The main category 1 of a random tree, which needn't be its root, and some motions in and beside it."""
    categories: Models = {}
    amount = draw(st.integers(min_value=1, max_value=8))
    for id_ in draw(st.permutations(range(1, amount + 1))):
        parents = st.sampled_from(sorted(categories)) if categories else st.none()
        categories[id_] = category(draw(st.none() | parents), prefix=draw(prefixes), weight=draw(WEIGHTS))
    motions: Models = {}
    for id_ in draw(st.permutations(range(1, draw(st.integers(min_value=1, max_value=15)) + 1))):
        lead_id = draw(st.none() | st.sampled_from(sorted(motions))) if motions else None
        # An amendment in the category of its lead motion is affected together with it, wherever the tree begins.
        own = motions[lead_id].get("category_id") if lead_id else draw(st.none() | st.sampled_from(sorted(categories)))
        motions[id_] = motion(own, lead_id, category_weight=draw(WEIGHTS), number=draw(numbers))
    return tree(1, categories, motions)


LETTERS = trees(st.sampled_from([None, "", "A", "B", "T"]), st.none() | st.sampled_from(["Z", "Z1"]))
"""No text of one motion can be that of another by chance."""
DIGITS = trees(st.sampled_from([None, "", "1", "A"]), st.none() | st.sampled_from(["1", "A2", "11"]))


def expected_categories(numbered: CategoryTree) -> list[int]:
    """The affected categories, by the words of the specification: one level after the other."""
    found: list[int] = []
    level = [numbered.main_id]
    while level:
        found += level
        level = [
            child for id_ in level for child in in_order(numbered.categories[id_]["child_ids"], numbered, "weight")
        ]
    return found


def in_order(ids: list[int], numbered: CategoryTree, weight: str) -> list[int]:
    """The ids by weight, then by id."""
    models = numbered.categories if weight == "weight" else numbered.motions
    return sorted(ids, key=lambda id_: (models[id_].get(weight, 10000), id_))


def expected_prefix(numbered: CategoryTree, category_id: int) -> str:
    """The prefix of a category, by the words of the specification."""
    own = numbered.categories[category_id]
    if own.get("prefix"):
        return str(own["prefix"])
    if category_id == numbered.main_id or "parent_id" not in own:
        return ""
    return expected_prefix(numbered, own["parent_id"])


def with_numbers(numbered: CategoryTree, numbers: dict[int, Number]) -> CategoryTree:
    """The same tree after the numbers were written."""
    written = {id_: {"number": number.text, "number_value": number.value} for id_, number in numbers.items()}
    motions = {id_: {**model, **written.get(id_, {})} for id_, model in numbered.motions.items()}
    return CategoryTree(numbered.main_id, numbered.categories, motions)


class TestProperties:
    """What holds for every tree."""

    @given(LETTERS, STYLES)
    def test_order_is_that_of_levels_and_weights(self, numbered: CategoryTree, style: Style) -> None:
        numbers = numbered.numbers(style, MEETING)
        categories = expected_categories(numbered)
        own = [in_order(numbered.categories[id_]["motion_ids"], numbered, "category_weight") for id_ in categories]
        assert list(numbers) == [id_ for ids in own for id_ in ids]
        counted: dict[int | None, list[int]] = defaultdict(list)
        for id_, number in numbers.items():
            counted[numbered.motions[id_].get("lead_motion_id")].append(number.value)
        assert all(values == list(range(1, len(values) + 1)) for values in counted.values())

    @given(LETTERS, STYLES)
    def test_texts_are_composed(self, numbered: CategoryTree, style: Style) -> None:
        numbers = numbered.numbers(style, MEETING)
        for id_, number in numbers.items():
            model = numbered.motions[id_]
            digits = f"{number.value:0{style.min_digits}d}"
            assert len(digits) >= style.min_digits
            if "lead_motion_id" in model:
                lead = numbers[model["lead_motion_id"]].text
                assert number.text == lead + style.blank + style.amendment_prefix + style.blank + digits
            else:
                assert number.text == expected_prefix(numbered, model["category_id"]) + style.blank + digits

    @given(LETTERS, STYLES)
    def test_numbers_are_unique(self, numbered: CategoryTree, style: Style) -> None:
        numbers = numbered.numbers(style, MEETING)
        assert len(set(texts(numbers).values())) == len(numbers)

    @given(DIGITS, STYLES)
    def test_numbers_are_unique_in_the_meeting_or_refused(self, numbered: CategoryTree, style: Style) -> None:
        affected = set(numbered.motion_ids())
        others = [m["number"] for id_, m in numbered.motions.items() if id_ not in affected and m.get("number")]
        try:
            found = list(texts(numbered.numbers(style, MEETING)).values())
        except BadRequest:
            return
        assert len(set(found)) == len(found)
        assert not set(found).intersection(others)

    @given(LETTERS, STYLES)
    def test_a_second_time_changes_nothing(self, numbered: CategoryTree, style: Style) -> None:
        numbers = numbered.numbers(style, MEETING)
        assert with_numbers(numbered, numbers).numbers(style, MEETING) == numbers
