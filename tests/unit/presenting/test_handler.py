"""Batches of questions, with presenters of the tests' own."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from openslides_backend.permissions.rules import everybody
from openslides_backend.presenting.handler import MAX_QUESTIONS, PresenterHandler
from openslides_backend.presenting.presenter import ID, Presenter, takes
from openslides_backend.services.datastore import Query
from openslides_backend.shared.context import Confirmation, RequestContext
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest, PermissionDenied
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields


class Plain(Presenter):
    """Takes no data."""

    permission = everybody

    def present(self, data: Fields) -> object:
        return {"user": self.context.user_id, "data": data}


class Strict(Presenter):
    """Takes data without unknown keys."""

    permission = everybody
    data = takes({"id": ID, "more": {"type": "string"}}, required=["id"])

    def present(self, data: Fields) -> object:
        if data["id"] == 404:
            raise BadRequest("There is no such thing.")
        return data["id"]


class Open(Presenter):
    """Takes data with unknown keys."""

    permission = everybody
    data = takes({"id": ID}, additional=True)

    def present(self, data: Fields) -> object:
        return data


REGISTRY: Mapping[str, type[Presenter]] = {"plain": Plain, "strict": Strict, "open": Open}
for _name, _presenter in REGISTRY.items():
    _presenter.name = _name
CONTEXT = RequestContext(3)


class NoDatastore:
    """These presenters read nothing."""

    def read(self, queries: Sequence[Query]) -> list[Any]:
        raise AssertionError(queries)


class Judge:
    """A permission service that refuses user 9 and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, Sequence[Mapping[str, object]]]] = []

    def begin_check(self, name: str, user_id: int, data: Sequence[Mapping[str, object]]) -> Pending[None]:
        self.asked.append((name, user_id, data))
        return Pending(lambda: self._judge(user_id))

    @staticmethod
    def _judge(user_id: int) -> None:
        if user_id == 9:
            raise PermissionDenied("no", action_data_error_index=0)


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def handler(judge: Judge) -> PresenterHandler:
    return PresenterHandler(REGISTRY, NoDatastore(), judge)


def answers(handler: PresenterHandler, *payload: object) -> list[object]:
    return handler.handle(handler.parse(list(payload)), CONTEXT)


def test_answers_in_order(handler: PresenterHandler, judge: Judge) -> None:
    payload = [
        {"presenter": "strict", "data": {"id": 2}},
        {"presenter": "plain"},
        {"presenter": "strict", "data": {"id": 1, "more": "x"}},
        {"presenter": "open", "data": {"id": 1, "any": 5}},
    ]
    assert answers(handler, *payload) == [2, {"user": 3, "data": {}}, 1, {"id": 1, "any": 5}]
    assert judge.asked == [
        ("strict", 3, [{"id": 2}]),
        ("plain", 3, []),
        ("strict", 3, [{"id": 1, "more": "x"}]),
        ("open", 3, [{"id": 1, "any": 5}]),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        {},
        [],
        "plain",
        [None],
        ["plain"],
        [{}],
        [{"data": {}}],
        [{"presenter": "plain", "more": 1}],
        [{"presenter": None}],
        [{"presenter": ["plain"]}],
        [{"presenter": "unknown"}],
        [{"presenter": "plain\ud800"}],
        [{"presenter": "plain"}, {"presenter": "unknown"}],
        [{"presenter": "strict", "data": None}],
        [{"presenter": "strict", "data": [{"id": 1}]}],
        [{"presenter": "plain"}, {"presenter": "plain"}],
        [{"presenter": "open", "data": {"id": 1, "x": 2}}, {"data": {"x": 2, "id": 1}, "presenter": "open"}],
    ],
)
def test_malformed_batch(handler: PresenterHandler, payload: object) -> None:
    with pytest.raises(BadRequest):
        handler.parse(payload)


@pytest.mark.parametrize(
    "element",
    [
        {"presenter": "plain", "data": {}},
        {"presenter": "strict"},
        {"presenter": "strict", "data": {}},
        {"presenter": "strict", "data": {"id": 0}},
        {"presenter": "strict", "data": {"id": True}},
        {"presenter": "strict", "data": {"id": 2**31}},
        {"presenter": "strict", "data": {"id": 1, "unknown": 1}},
        {"presenter": "open", "data": {"unknown": 1}},
    ],
)
def test_data_that_do_not_fit(handler: PresenterHandler, judge: Judge, element: object) -> None:
    questions = handler.parse([element])
    with pytest.raises(BadRequest):
        handler.handle(questions, CONTEXT)
    assert not judge.asked, "the schema comes before the permission"


def test_too_many_questions(handler: PresenterHandler) -> None:
    elements = [{"presenter": "strict", "data": {"id": id_}} for id_ in range(1, MAX_QUESTIONS + 2)]
    assert len(handler.parse(elements[1:])) == MAX_QUESTIONS
    with pytest.raises(BadRequest, match="At most 20"):
        handler.parse(elements)


def test_unknown_keys_do_not_make_a_long_message(handler: PresenterHandler) -> None:
    with pytest.raises(BadRequest) as info:
        answers(handler, {"presenter": "strict", "data": {"id": 1, **{f"key{n}": n for n in range(10_000)}}})
    assert len(info.value.message) < 1000


def test_refused(handler: PresenterHandler) -> None:
    with pytest.raises(PermissionDenied) as info:
        handler.handle(handler.parse([{"presenter": "plain"}]), RequestContext(9))
    assert info.value.action_data_error_index is None
    assert info.value.presenter_error_index == 0


@pytest.mark.parametrize(
    "second",
    [
        "strict",
        {"presenter": "unknown"},
        {"presenter": "plain"},
        {"presenter": "strict"},
        {"presenter": "strict", "data": {}},
        {"presenter": "strict", "data": {"id": 404}},
    ],
)
def test_the_question_that_failed_is_named(handler: PresenterHandler, second: object) -> None:
    with pytest.raises(BadRequest) as info:
        handler.handle(handler.parse([{"presenter": "plain"}, second]), CONTEXT)
    assert info.value.presenter_error_index == 1


def test_no_question_is_to_blame_for_bad_credentials(handler: PresenterHandler) -> None:
    def refuse() -> None:
        raise AuthenticationFailed("The session has ended.")

    context = RequestContext(3, confirmation=Confirmation(Pending(refuse)))
    with pytest.raises(AuthenticationFailed) as info:
        handler.handle(handler.parse([{"presenter": "plain"}]), context)
    assert info.value.presenter_error_index is None


def test_any_failure_fails_all(handler: PresenterHandler) -> None:
    with pytest.raises(BadRequest, match="no such thing"):
        answers(handler, {"presenter": "plain"}, {"presenter": "strict", "data": {"id": 404}})


def test_names_are_unique() -> None:
    class First(Presenter):
        name = "test_names_are_unique"

        def present(self, data: Fields) -> object:
            return None

    assert Presenter.registry.pop("test_names_are_unique") is First
    Presenter.registry["test_names_are_unique"] = First
    try:
        with pytest.raises(TypeError):
            type("Second", (First,), {"name": "test_names_are_unique"})
    finally:
        del Presenter.registry["test_names_are_unique"]
