"""Calls to other services that are under way while something else is done."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


class GivenUp(RuntimeError):
    """A result is asked for that nobody was going to wait for: an error of the program."""


class Pending(Generic[T]):
    """What is going to come of a call; a context manager that gives up on it where nobody asks for the result.

    `wait` waits for the outcome and makes the value of it, or raises; it is called once at most. `give_up` frees what
    the call holds. To be used by one thread at a time.
    """

    def __init__(self, wait: Callable[[], T], give_up: Callable[[], None] = lambda: None) -> None:
        self._wait: Callable[[], T] | None = wait
        self._give_up = give_up
        self._value: T
        self._error: BaseException | None = None

    @classmethod
    def known(cls, value: T) -> "Pending[T]":
        """The outcome of a call that needn't be made."""
        return cls(lambda: value)

    def then(self, convert: Callable[[T], Any]) -> "Pending[Any]":
        """The outcome turned into something else once it is there; what `convert` raises is raised."""
        return Pending(lambda: convert(self.result()), self.give_up)

    def result(self) -> T:
        """Wait for the outcome; whoever asks again gets the same one.

        Raises what the call is documented to raise, and GivenUp after `give_up`.
        """
        wait, self._wait = self._wait, None
        if wait is not None:
            try:
                self._value = wait()
            except BaseException as error:
                self._error = error
                raise
        if self._error is not None:
            raise self._error
        return self._value

    def give_up(self) -> None:
        """Nobody is going to ask any more; no change if the outcome is known already."""
        if self._wait is not None:
            self._wait = None
            self._error = GivenUp("nobody was going to ask for this")
            self._give_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.give_up()
