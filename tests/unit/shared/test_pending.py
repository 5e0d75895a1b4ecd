"""Calls under way."""

import pytest

from openslides_backend.shared.pending import GivenUp, Pending


class Call:
    """A call that counts how often it is waited for and given up."""

    def __init__(self, error: Exception | None = None) -> None:
        self.waits = 0
        self.ends = 0
        self._error = error

    def pending(self) -> Pending[int]:
        return Pending(self._wait, self._end)

    def _wait(self) -> int:
        self.waits += 1
        if self._error is not None:
            raise self._error
        return self.waits

    def _end(self) -> None:
        self.ends += 1


def test_who_asks_twice_gets_the_same() -> None:
    call = Call()
    pending = call.pending()
    doubled = pending.then(lambda value: [value])
    assert doubled.result() is doubled.result()
    assert (pending.result(), call.waits) == (1, 1)


def test_an_error_is_told_again() -> None:
    call = Call(ValueError("no"))
    pending = call.pending()
    converted = pending.then(str)
    for asked in (pending, pending, converted, converted):
        with pytest.raises(ValueError, match="no"):
            asked.result()
    assert call.waits == 1


def test_what_nobody_asks_for_is_given_up_once() -> None:
    call = Call()
    with call.pending() as pending, pending.then(str) as converted:
        pass
    assert (call.waits, call.ends) == (0, 1)
    for asked in (pending, converted):
        with pytest.raises(GivenUp):
            asked.result()


def test_a_known_outcome_stays_when_it_is_given_up() -> None:
    call = Call()
    with call.pending() as pending:
        pending.result()
    assert (pending.result(), call.ends) == (1, 0)
