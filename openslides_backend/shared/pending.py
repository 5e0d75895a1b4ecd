"""Calls to other services that are under way while something else is done."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """What is going to come of a call; a context manager that gives up on it where nobody asks for the result.

    `wait` waits for the outcome and makes the value of it, or raises; `give_up` frees what the call holds.
    """

    def __init__(self, wait: Callable[[], T], give_up: Callable[[], None] = lambda: None) -> None:
        self._wait = wait
        self._give_up = give_up

    @classmethod
    def known(cls, value: T) -> "Pending[T]":
        """The outcome of a call that needn't be made."""
        return cls(lambda: value)

    def then(self, convert: Callable[[T], Any]) -> "Pending[Any]":
        """The outcome turned into something else once it is there; what `convert` raises is raised."""
        return Pending(lambda: convert(self._wait()), self._give_up)

    def result(self) -> T:
        """Wait for the outcome; to be asked for once.

        Raises what the call is documented to raise.
        """
        return self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._give_up()
