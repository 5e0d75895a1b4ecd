"""Questions in lock step, and what of them reaches the reader."""

import pytest

from openslides_backend.permissions.answers import MERGED_FILTERS, Answers
from openslides_backend.permissions.evaluation import (
    FIRST_SLICE,
    SLICE,
    Question,
    Steps,
    ask,
    question,
    together,
    until,
)
from openslides_backend.permissions.questions import existing, has_permission, model
from openslides_backend.services.datastore import Aggregate, DeletedModels, FilterModels, GetAll, GetMany
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import equals
from openslides_backend.shared.record import UndeclaredField
from openslides_backend.shared.typing import Fields
from tests.unit.permissions.stored_data import POSITION, StoredData

CHAIN: dict[str, Fields] = {
    f"topic/{id_}": {"title": f"t{id_}", "next_id": id_ + 1, "text": "x"} for id_ in range(1, 10)
}


@question
def follow(id_: int, steps: int) -> Steps[int]:
    """The id that is `steps` topics further."""
    for _ in range(steps):
        id_ = (yield from existing("topic", id_, "next_id"))["next_id"]
    return id_


@question
def at_once(value: int) -> Steps[int]:
    yield from ()
    return value


@question
def failing(message: str) -> Steps[int]:
    yield from ()
    raise BadRequest(message)


def test_questions_in_lock_step_take_as_many_reads_as_the_longest() -> None:
    stored = StoredData(CHAIN)
    assert ask(Answers(stored), together([follow(1, 1), follow(4, 3), at_once(0), follow(2, 2)])) == [2, 7, 0, 4]
    # topic/6 is the only one that isn't known in the last round
    assert [query.ids for queries in stored.rounds for query in queries if isinstance(query, GetMany)] == [
        (1, 2, 4),
        (3, 5),
        (6,),
    ]


def test_nothing_is_read_for_what_is_known() -> None:
    stored = StoredData(CHAIN)
    answers = Answers(stored)
    ask(answers, together([model("topic", 1, "title", "text"), model("topic", 99, "title")]))
    assert ask(answers, model("topic", 1, "text")) == {"text": "x"}
    assert ask(answers, model("topic", 99, "title")) is None
    assert stored.reads == answers.reads == 1
    assert ask(answers, model("topic", 1, "next_id")) == {"next_id": 2}
    assert stored.reads == 2


@pytest.mark.parametrize("asked", [model("topic", 1, "title"), existing("topic", 1, "title")])
def test_fields_that_nobody_asked_for(asked: Question[Fields]) -> None:
    """Neither those that another question has asked for, nor by `get`, nor of models that a filter finds."""
    answers = Answers(StoredData(CHAIN))
    ask(answers, model("topic", 1, "title", "text"))
    topic = ask(answers, asked)
    assert topic["title"] == "t1"
    for look in (lambda: topic["text"], lambda: topic.get("text"), lambda: "text" in topic):
        with pytest.raises(UndeclaredField):
            look()
    wanted = [FilterModels("topic", equals(title=title), (name,)) for title, name in (("t1", "title"), ("t2", "text"))]
    found = answers.answer(wanted)[0].models[1]
    assert found["title"] == "t1"
    with pytest.raises(UndeclaredField):
        found.get("text")


def test_fields_that_a_rule_can_not_do_without() -> None:
    topic = ask(Answers(StoredData(CHAIN)), existing("topic", 1, "title", "agenda_item_id"))
    assert topic.get("agenda_item_id") is None
    assert "agenda_item_id" not in topic
    with pytest.raises(BadRequest, match="agenda_item_id"):
        topic["agenda_item_id"]


def test_all_fields_include_every_field() -> None:
    stored = StoredData(CHAIN)
    answers = Answers(stored)
    assert answers.answer([GetMany("topic", (1,)), GetMany("topic", (2,), ("title",))])[0] == {1: CHAIN["topic/1"]}
    assert stored.rounds == [[GetMany("topic", (1, 2), ())]]
    answers.answer([GetMany("topic", (2,), ("text",))])
    assert stored.reads == 1


def test_some_fields_do_not_include_all_fields() -> None:
    stored = StoredData(CHAIN)
    answers = Answers(stored)
    answers.answer([GetMany("topic", (1,), ("title",))])
    assert answers.answer([GetMany("topic", (1,))]) == [{1: CHAIN["topic/1"]}]
    assert stored.reads == 2


def test_deleted_models_are_told_apart_from_live_ones() -> None:
    stored = StoredData(CHAIN)
    queries = [GetMany("topic", (1,), ("title",)), GetMany("topic", (2,), ("title",), DeletedModels.ALL)]
    assert Answers(stored).answer(queries) == [{1: {"title": "t1"}}, {2: {"title": "t2"}}]
    assert stored.rounds == [queries]


def test_filters_on_one_collection_are_one_query_and_their_answers_told_apart() -> None:
    stored = StoredData(
        {f"tag/{id_}": {"name": f"n{id_}", "meeting_id": id_ % 3, "color": "red"} for id_ in range(1, 10)}
    )
    answers = Answers(stored)
    queries = [FilterModels("tag", equals(meeting_id=number), ("name",)) for number in (1, 2, 1)]
    found = answers.answer(queries)
    assert [sorted(answer.models) for answer in found] == [[1, 4, 7], [2, 5, 8], [1, 4, 7]]
    assert {answer.position for answer in found} == {POSITION}
    ((merged,),) = stored.rounds
    assert isinstance(merged, FilterModels)
    assert merged.fields == ("meeting_id", "name")
    answers.answer(queries)
    assert stored.reads == 1


def test_very_many_filters_are_several_queries_of_one_read() -> None:
    stored = StoredData({f"tag/{id_}": {"meeting_id": id_} for id_ in range(1, 251)})
    queries = [FilterModels("tag", equals(meeting_id=id_), ("meeting_id",)) for id_ in range(1, 251)]
    found = Answers(stored).answer(queries)
    assert [list(answer.models) for answer in found] == [[id_] for id_ in range(1, 251)]
    assert [len(queries) for queries in stored.rounds] == [-(-250 // MERGED_FILTERS)]


def test_other_queries_are_sent_once() -> None:
    stored = StoredData(CHAIN)
    exists, every = Aggregate("exists", "topic", equals(title="t3")), GetAll("topic", ("title",))
    answers = Answers(stored)
    found, models, again = answers.answer([exists, every, exists])
    assert found.value is True
    assert len(models) == 9
    assert again == found
    assert stored.rounds == [[exists, every]]


def test_together_raises_the_error_of_the_first_question_that_has_one() -> None:
    with pytest.raises(BadRequest, match="'topic/50'"):
        ask(Answers(StoredData(CHAIN)), together([follow(1, 2), follow(50, 1), failing("later")]))


def test_until_stops_at_the_first_result_in_order_that_decides() -> None:
    def decides(value: int) -> bool:
        return value >= 5

    stored = StoredData(CHAIN)
    assert ask(Answers(stored), until(decides, [at_once(1), follow(3, 2), at_once(9), failing("too late")])) == [1, 5]
    assert stored.reads == 2
    assert ask(Answers(stored), until(decides, [at_once(1), at_once(2)])) == [1, 2]
    assert ask(Answers(stored), until(decides, [at_once(7), follow(50, 1)])) == [7]
    assert ask(Answers(stored), until(decides, [])) == []
    assert stored.reads == 2


def test_until_raises_an_error_that_comes_before_the_deciding_result() -> None:
    with pytest.raises(ModelDoesNotExist, match="topic/50"):
        ask(Answers(StoredData(CHAIN)), until(bool, [follow(50, 1), at_once(1)]))


def test_a_question_has_no_truth_value() -> None:
    asked: Question[bool] = has_permission(1, 1, "tag.can_manage")
    with pytest.raises(TypeError, match="yield from"):
        assert asked


@pytest.mark.parametrize("number", [FIRST_SLICE, FIRST_SLICE + 1, FIRST_SLICE + 2 * SLICE + 1])
def test_many_questions_are_answered_in_order(number: int) -> None:
    results = list(range(number))
    assert ask(Answers(StoredData({})), together(map(at_once, results))) == results
    assert ask(Answers(StoredData({})), until(lambda _result: False, map(at_once, results))) == results
    assert ask(Answers(StoredData({})), until(lambda result: result == number - 1, map(at_once, results))) == results


def test_what_is_refused_early_costs_little() -> None:
    begun = 0

    @question
    def refused() -> Steps[bool]:
        nonlocal begun
        begun += 1
        yield [GetMany("topic", (1,), ("title",))]
        return True

    assert ask(Answers(StoredData(CHAIN)), until(bool, (refused() for _ in range(100_000)))) == [True]
    assert begun == FIRST_SLICE


def test_what_fails_early_costs_little() -> None:
    asked = (model("topic", 1, "title") if number else failing("at once") for number in range(100_000))
    with pytest.raises(BadRequest, match="at once"):
        ask(Answers(StoredData(CHAIN)), together(asked))
    assert next(asked, None) is not None, "most of them were never asked"
