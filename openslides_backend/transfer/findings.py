"""What checks of complete data find, within bounds."""

from collections.abc import Iterable, Sequence
from typing import Final, NoReturn

MOST_KEPT: Final = 1_000
"""Errors that are kept in words; of further ones only the number. Data of some megabytes can have millions of them."""
LONGEST_KEPT: Final = 1_000
"""Characters of an error that are kept: names and values of the data come from outside, too."""
_MOST_TOLD, _LONGEST_TOLD = 50, 300


class CheckFailed(Exception):
    """The data are inconsistent; `errors` has one line each, and `more` is how many there are besides.

    The text has all lines, indented by a tab.
    """

    def __init__(self, errors: Sequence[str], more: int = 0) -> None:
        super().__init__(_lines(errors, more))
        self.errors = tuple(errors)
        self.more = more

    def summary(self) -> str:
        """A shorter text: the first errors, each with its beginning, and how many more there are."""
        told = [_clipped(error, _LONGEST_TOLD) for error in self.errors[:_MOST_TOLD]]
        return _lines(told, len(self.errors) - len(told) + self.more)


class Findings:
    """Collects errors; `count` is how many there are."""

    def __init__(self, errors: Iterable[str] = ()) -> None:
        self.count = 0
        self._kept: list[str] = []
        self.extend(errors)

    def add(self, error: str) -> None:
        """One more error, as one line."""
        self.count += 1
        if len(self._kept) < MOST_KEPT:
            self._kept.append(_clipped(error, LONGEST_KEPT))

    def extend(self, errors: Iterable[str]) -> None:
        """More errors."""
        for error in errors:
            self.add(error)

    def end(self, error: str) -> NoReturn:
        """Raises CheckFailed, with an error as its first that ends the check here."""
        raise CheckFailed([error, *self._kept], self.count - len(self._kept))

    def fail(self) -> None:
        """Raises CheckFailed if there are any."""
        if self.count:
            raise CheckFailed(self._kept, self.count - len(self._kept))


def _clipped(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."


def _lines(errors: Sequence[str], more: int) -> str:
    return "\n".join(f"\t{line}" for line in [*errors, *([f"and {more} more errors"] if more else [])])
