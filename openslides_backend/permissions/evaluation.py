"""Questions about stored data, and how many of them are answered together in few reads.

A question is written as a generator function with the decorator `question`: it yields a list of datastore queries, is
sent the list of their answers, and so on; what it returns is its result. Questions ask other questions with
`yield from`. Because a question says what it needs instead of fetching it, any number of them can run in lock step:
`together` joins the queries that all of them wait for into one round, and one round is one read. So a rule takes a
fixed number of reads for each thousand elements that it is judged for.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import wraps
from itertools import islice
from typing import Any, Generic, NoReturn, ParamSpec, Protocol, TypeVar

from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BackendError

FIRST_SLICE = 100
SLICE = 1000
"""How many questions are asked in lock step: anybody may send an action with hundreds of thousands of elements, each of
which takes ten kilobytes and more while it is judged, and be refused because of the first one.
"""

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")

Steps = Generator[Sequence[Query], list[Any], T]
"""A question at work: yields queries, receives their answers (see the query classes for their types), returns a T.

Models in answers are `Record`s: looking at a field that the query didn't ask for raises UndeclaredField.
"""


class Question(Generic[T]):
    """Something to be found out, to be used as `result = yield from some_question(...)`, or with `ask`.

    It has no truth value: `if has_permission(...)` would allow everything because of two forgotten words.
    """

    __slots__ = ("_start",)

    def __init__(self, start: Callable[[], Steps[T]]) -> None:
        self._start = start

    def __iter__(self) -> Steps[T]:
        return self._start()

    def __bool__(self) -> NoReturn:
        raise TypeError("A question must be asked with `yield from` (or by a Checker) before its answer is looked at.")


def question(function: Callable[P, Steps[T]]) -> Callable[P, Question[T]]:
    """Makes questions of a generator function."""

    @wraps(function)
    def make(*args: P.args, **kwargs: P.kwargs) -> Question[T]:
        return Question(lambda: function(*args, **kwargs))

    return make


class AnswersQueries(Protocol):
    """What questions are put to."""

    def answer(self, queries: Sequence[Query]) -> list[Any]:
        """The answers, in order."""


def ask(source: AnswersQueries, asked: Question[T]) -> T:
    """The result of a question, asked round by round.

    Raises what the question raises (a `BackendError` where the data refer to something that doesn't exist) and what
    the source raises.
    """
    run = _Run(asked)
    while not run.done:
        run.go_on(source.answer(run.queries))
    return run.result()


@question
def together(questions: Iterable[Question[T]]) -> Steps[list[T]]:
    """The results of all questions, in order, asked in lock step.

    Raises the error of the first question that has one.
    """
    results: list[T] = []
    for runs in _slices(questions):
        yield from _lock_step(runs, lambda: False)
        results += [run.result() for run in runs]
    return results


@question
def both(first: Question[T], second: Question[U]) -> Steps[tuple[T, U]]:
    """The results of two questions of different kinds, asked in lock step.

    Raises the error of the first one that has one.
    """
    firsts: list[T] = []
    seconds: list[U] = []
    yield from together([_collected(first, firsts), _collected(second, seconds)])
    return firsts[0], seconds[0]


@question
def _collected(asked: Question[T], results: list[T]) -> Steps[None]:
    results.append((yield from asked))


@question
def until(decides: Callable[[T], bool], questions: Iterable[Question[T]]) -> Steps[list[T]]:
    """As `together`, but only up to the first result, in order, that `decides`: it is the last one of the list.

    The outcome is that of asking one question after the other, errors included; only the reads are shared.
    """
    results: list[T] = []
    for runs in _slices(questions):
        if (yield from _up_to_decision(decides, runs, results)):
            break
    return results


def _up_to_decision(decides: Callable[[T], bool], runs: "list[_Run[T]]", results: list[T]) -> Steps[bool]:
    """Add results up to the first one that decides; whether there is one."""
    waiting = iter(runs)
    following = next(waiting, None)
    has_decided = False

    def decided() -> bool:
        nonlocal following, has_decided
        while not has_decided and following is not None and following.done:
            results.append(following.result())
            has_decided = decides(results[-1])
            following = next(waiting, None)
        return has_decided

    yield from _lock_step(runs, decided)
    return has_decided


def _slices(questions: Iterable[Question[T]]) -> "Iterator[list[_Run[T]]]":
    """The questions begun, as many of them as are asked in lock step: an early refusal must not cost what all would."""
    left = iter(questions)
    size = FIRST_SLICE
    while runs := [_Run(asked) for asked in islice(left, size)]:
        yield runs
        size = SLICE


def _lock_step(runs: "list[_Run[T]]", decided: Callable[[], bool]) -> Steps[None]:
    while not decided() and (waiting := [run for run in runs if not run.done]):
        answers = yield [query for run in waiting for query in run.queries]
        start = 0
        for run in waiting:
            end = start + len(run.queries)
            run.go_on(answers[start:end])
            start = end


class _Run(Generic[T]):
    """One question on its way: waits for the answers to `queries`, or is done."""

    __slots__ = ("_error", "_steps", "_values", "done", "queries")

    def __init__(self, asked: Question[T]) -> None:
        self._steps = iter(asked)
        self._values: list[T] = []
        self._error: BackendError | None = None
        self.queries: Sequence[Query] = ()
        self.done = False
        self._advance(lambda: next(self._steps))

    def go_on(self, answers: list[Any]) -> None:
        """Hand over the answers to the queries; an error of the domain is kept until the result is asked for."""
        self._advance(lambda: self._steps.send(answers))

    def _advance(self, step: Callable[[], Sequence[Query]]) -> None:
        try:
            self.queries = step()
        except StopIteration as stop:
            self._values.append(stop.value)
            self.done = True
        except BackendError as error:
            self._error = error
            self.done = True

    def result(self) -> T:
        """What the finished question returned, or its error raised."""
        if self._error is not None:
            raise self._error
        return self._values[0]
