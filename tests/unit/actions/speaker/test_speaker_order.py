"""Where a new speaker joins those who wait (speaker.md, table of "speaker.create")."""

import pytest

from openslides_backend.actions.speaker.order import Place, Queue
from openslides_backend.shared.typing import Fields, Models

PLAIN: Fields = {}
CONTRIBUTION: Fields = {"speech_state": "contribution"}
QUESTION: Fields = {"speech_state": "interposed_question"}
INTERVENTION: Fields = {"speech_state": "intervention"}
ORDER: Fields = {"point_of_order": True}
STARTED: Fields = {"begin_time": 1}


def answer_to(speaker: Fields) -> Fields:
    return {**speaker, "answer": True}


def order(category: int | None) -> Fields:
    return ORDER if category is None else {**ORDER, "point_of_order_category_id": category}


def queue(*speakers: Fields) -> Models:
    """Ids 1, 2, 3, ... with the weights 1, 2, 3, ... unless they have others."""
    return {id_: {"weight": id_, **speaker} for id_, speaker in enumerate(speakers, start=1)}


def positions(waiting: Models, place: Place) -> list[int]:
    """Ids in their new order, 0 for the new speaker."""
    weights = {id_: place.others.get(id_, speaker.get("weight")) for id_, speaker in waiting.items()}
    weights[0] = place.weight
    assert len(set(weights.values())) == len(weights)
    return sorted(weights, key=lambda id_: weights[id_] or 0)


@pytest.mark.parametrize("new", [PLAIN, CONTRIBUTION, QUESTION, INTERVENTION, ORDER, answer_to(QUESTION)])
@pytest.mark.parametrize("waiting", [{}, {1: {}, 2: {"point_of_order": True}}])
def test_first_weight(new: Fields, waiting: Models) -> None:
    assert Queue(waiting, {1: 1}).place(new) == Place(1)


@pytest.mark.parametrize("new", [PLAIN, CONTRIBUTION, {"speech_state": "pro"}, {"point_of_order": False}])
def test_others_come_last(new: Fields) -> None:
    waiting = queue({"weight": 7}, {"weight": 3}, {"weight": None}, {"weight": -2})
    assert Queue(waiting, None).place(new) == Place(8)


@pytest.mark.parametrize(
    ("new", "waiting", "expected"),
    [
        (QUESTION, [QUESTION, PLAIN], [1, 0, 2]),
        (QUESTION, [QUESTION, INTERVENTION, PLAIN], [1, 0, 2, 3]),
        (QUESTION, [PLAIN, QUESTION], [0, 1, 2]),
        (QUESTION, [QUESTION, answer_to(QUESTION)], [1, 2, 0]),
        (INTERVENTION, [QUESTION, INTERVENTION, ORDER, PLAIN], [1, 2, 0, 3, 4]),
        (INTERVENTION, [INTERVENTION, QUESTION], [1, 2, 0]),
        (ORDER, [QUESTION, ORDER, INTERVENTION, PLAIN, ORDER], [1, 2, 3, 0, 4, 5]),
        (ORDER, [CONTRIBUTION], [0, 1]),
        (ORDER, [ORDER, ORDER], [1, 2, 0]),
    ],
)
def test_before_the_first_that_is_less_urgent(new: Fields, waiting: list[Fields], expected: list[int]) -> None:
    models = queue(*waiting)
    assert positions(models, Queue(models, None).place(new)) == expected


def test_end_of_the_list_moves_nobody() -> None:
    assert Queue(queue({**ORDER, "weight": 5}, {**ORDER, "weight": 9}), None).place(ORDER) == Place(10)


def test_insertion_numbers_all_anew() -> None:
    waiting = queue({**ORDER, "weight": 1}, {"weight": 20}, {"weight": 30}, {"weight": None})
    assert Queue(waiting, None).place(ORDER) == Place(2, {2: 3, 3: 4, 4: 5})


def test_before_all_of_the_same_weight() -> None:
    waiting = queue({**ORDER, "weight": 4}, {"weight": 4}, {"weight": 3, **ORDER}, {"weight": 5})
    assert positions(waiting, Queue(waiting, None).place(ORDER)) == [3, 0, 1, 2, 4]


def test_unset_weights_are_no_equal_weights() -> None:
    waiting = queue({**ORDER, "weight": 4}, {**ORDER, "weight": None}, {"weight": None})
    assert positions(waiting, Queue(waiting, None).place(ORDER)) == [1, 2, 0, 3]


class TestAnswers:
    """Answers follow what they answer."""

    @pytest.mark.parametrize(
        ("waiting", "answered", "expected"),
        [
            ([QUESTION, QUESTION, PLAIN], 1, [1, 0, 2, 3]),
            ([QUESTION, QUESTION, PLAIN], 2, [1, 2, 0, 3]),
            ([QUESTION, answer_to(QUESTION), QUESTION], 1, [1, 2, 0, 3]),
            ([QUESTION, answer_to(INTERVENTION), QUESTION], 1, [1, 0, 2, 3]),
            ([QUESTION], 1, [1, 0]),
        ],
    )
    def test_answer_to_who_waits(self, waiting: list[Fields], answered: int, expected: list[int]) -> None:
        models = queue(*waiting)
        place = Queue(models, None).place(answer_to(QUESTION), models[answered])
        assert positions(models, place) == expected

    def test_answer_to_who_has_begun(self) -> None:
        waiting = queue({"weight": 0}, {"weight": 1, **answer_to(QUESTION)}, {"weight": 2})
        place = Queue(waiting, None).place(answer_to(QUESTION), {**QUESTION, **STARTED, "weight": 50})
        assert positions(waiting, place) == [1, 2, 0, 3]

    def test_answer_to_who_has_no_weight(self) -> None:
        waiting = queue({**QUESTION, "weight": None}, {"weight": 2})
        assert Queue(waiting, None).place(answer_to(QUESTION), waiting[1]) == Place(3)


class TestCategories:
    """Points of order are placed by the ranks of their categories: 1 has rank 10, 2 rank 5, 3 rank 10."""

    RANKS = {1: 10, 2: 5, 3: 10}

    @pytest.mark.parametrize(
        ("new", "waiting", "expected"),
        [
            (order(1), [order(2), order(3), PLAIN], [1, 2, 0, 3]),
            (order(2), [order(1), PLAIN], [0, 1, 2]),
            (order(2), [order(2), order(1), PLAIN], [1, 0, 2, 3]),
            (order(2), [order(1), order(2), PLAIN], [1, 2, 0, 3]),
            (order(1), [PLAIN, order(2), PLAIN], [1, 2, 0, 3]),
            (order(1), [order(None), PLAIN], [0, 1, 2]),
            (order(2), [order(1), INTERVENTION, PLAIN], [1, 2, 0, 3]),
            (order(2), [order(1), QUESTION, PLAIN], [1, 2, 0, 3]),
            (order(1), [order(2), order(1)], [1, 2, 0]),
        ],
    )
    def test_place(self, new: Fields, waiting: list[Fields], expected: list[int]) -> None:
        models = queue(*waiting)
        assert positions(models, Queue(models, self.RANKS).place(new)) == expected

    def test_all_are_numbered_anew_even_at_the_end(self) -> None:
        waiting = queue({**order(2), "weight": 4}, {**order(2), "weight": 8})
        assert Queue(waiting, self.RANKS).place(order(1)) == Place(3, {1: 1, 2: 2})

    def test_an_answer_is_placed_as_an_answer(self) -> None:
        waiting = queue(QUESTION, order(2), PLAIN)
        place = Queue(waiting, self.RANKS).place({**answer_to(QUESTION), **order(1)}, waiting[1])
        assert positions(waiting, place) == [1, 0, 2, 3]
