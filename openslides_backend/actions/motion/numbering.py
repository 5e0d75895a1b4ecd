"""Which numbers motions get (motion.md, "R4")."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from openslides_backend.actions.motion_category.numbering import Number, Style
from openslides_backend.shared.filters import Filter

Texts = dict[int, dict[str, None]]
"""Numbers by the meetings that they are for, in order."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A motion that is to get a number in its meeting.

    `scope` are the motions that it is counted with. The number begins with that of the lead motion, if there is one,
    otherwise with the `prefix` of the category. `value` is the place in the count, if the motion has one already; `id`
    that of the motion, once it is known. A motion with an `original` number gets that, whatever the count, and where it
    is taken the first of `ORIGINAL-1`, `ORIGINAL-2` ... that is free (motion_forwarding.md, "F5").
    """

    meeting_id: int
    scope: Filter
    style: Style
    prefix: str = ""
    lead_id: int | None = None
    lead_number: str = ""
    value: int | None = None
    id: int | None = None
    original: str = ""


class Register:
    """Gives out numbers, as far as it is known which ones are taken.

    `highest` finds the highest place in a count that has been given out before.
    """

    def __init__(self, highest: Callable[[Filter], int | None]) -> None:
        self._highest = highest
        self._last: dict[Filter, int] = {}
        self._is_taken: dict[tuple[int, str], bool] = {}
        self._given: dict[int, str] = {}

    def learn(self, meeting_id: int, texts: Iterable[str], taken: Iterable[str]) -> None:
        """These numbers of a meeting have been looked up; some of them are taken."""
        self._is_taken.update({(meeting_id, text): False for text in texts})
        self._is_taken.update({(meeting_id, text): True for text in taken})

    def unknown(self, wishes: Iterable[Wish]) -> Texts:
        """The numbers that have to be looked up before the wishes can be fulfilled, as far as that can be told.

        To be asked again once they are known, until there are none. Where numbers were found to be taken, as many of
        those behind them are named, so that few rounds do for any number of them.
        """
        trial, unknown = self._copy(), Texts()
        for wish in wishes:
            trial._take(wish, unknown)
        return unknown

    def take(self, wish: Wish) -> Number | None:
        """Give out the first number that isn't known to be taken; None if the motion has got one before."""
        return self._take(wish, {})

    def _take(self, wish: Wish, unknown: Texts) -> Number | None:
        if wish.id in self._given:
            return None
        prefix = self._prefix(wish)
        value = first = 0 if wish.original else wish.value or self._last_of(wish.scope) + 1
        while self._is_taken.get((wish.meeting_id, text := self._text(wish, prefix, value))):
            value += 1
        asked = [text, *(self._text(wish, prefix, value + n) for n in range(1, value - first + 1))]
        unknown_here = [number for number in asked if (wish.meeting_id, number) not in self._is_taken]
        if text in unknown_here:
            unknown.setdefault(wish.meeting_id, {}).update(dict.fromkeys(unknown_here))
        self._is_taken[wish.meeting_id, text] = True
        if not wish.original:
            self._last[wish.scope] = max(value, self._last_of(wish.scope))
        if wish.id is not None:
            self._given[wish.id] = text
        return Number(value, text)

    def _prefix(self, wish: Wish) -> str:
        if wish.lead_id is None:
            return wish.prefix and f"{wish.prefix}{wish.style.blank}"
        lead_number = self._given.get(wish.lead_id, wish.lead_number)
        return f"{lead_number}{wish.style.blank}{wish.style.amendment_prefix}"

    @staticmethod
    def _text(wish: Wish, prefix: str, value: int) -> str:
        if wish.original:
            return f"{wish.original}-{value}" if value else wish.original
        return f"{prefix}{str(value).zfill(wish.style.min_digits)}"

    def _last_of(self, scope: Filter) -> int:
        if scope not in self._last:
            self._last[scope] = self._highest(scope) or 0
        return self._last[scope]

    def _copy(self) -> "Register":
        trial = Register(self._highest)
        trial._last, trial._is_taken, trial._given = dict(self._last), dict(self._is_taken), dict(self._given)
        return trial
