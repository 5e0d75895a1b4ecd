"""Where a new speaker joins those who wait (speaker.md, "speaker.create", effects)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from openslides_backend.actions.speaker.states import (
    INTERPOSED_QUESTION,
    INTERVENTION,
    is_answerable,
    is_interposed_question,
    is_started,
)
from openslides_backend.shared.typing import Models, ReadOnlyFields

Passes = Callable[[ReadOnlyFields], bool]
"""Whether the new speaker stays behind a waiting one."""


@dataclass(frozen=True, slots=True)
class Place:
    """The new speaker's weight, and the new weights of waiting ones that have to move, by id."""

    weight: int
    others: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queue:
    """Those who wait in a list of speakers, by id.

    `ranks` holds the rank of each category of points of order; None where the meeting doesn't use categories.
    """

    waiting: Models
    ranks: Mapping[int, int] | None = None

    def place(self, new: ReadOnlyFields, answered: ReadOnlyFields | None = None) -> Place:
        """The place of a new speaker, who answers the speaker `answered` if that is given."""
        ids = self._in_order()
        if all(self._weight(id_) is None for id_ in ids):
            return Place(1)
        if new.get("point_of_order") and self.ranks is not None and answered is None:
            return self._behind_last(ids, new)
        passes = _who_passes(new, answered)
        return self._at_end() if passes is None else self._before_first(ids, passes)

    def _in_order(self) -> list[int]:
        def key(id_: int) -> tuple[bool, int, int]:
            weight = self._weight(id_)
            return weight is None, weight or 0, id_

        return sorted(self.waiting, key=key)

    def _weight(self, id_: int) -> int | None:
        weight: int | None = self.waiting[id_].get("weight")
        return weight

    def _at_end(self) -> Place:
        return Place(1 + max(weight for id_ in self.waiting if (weight := self._weight(id_)) is not None))

    def _before_first(self, ids: Sequence[int], passes: Passes) -> Place:
        """Before the first one that doesn't pass, and before all of the same weight."""
        first = next((id_ for id_ in ids if not passes(self.waiting[id_])), None)
        if first is None:
            return self._at_end()
        weight = self._weight(first)
        if weight is not None:
            first = next(id_ for id_ in ids if self._weight(id_) == weight)
        return self._insert(ids, ids.index(first))

    def _behind_last(self, ids: Sequence[int], new: ReadOnlyFields) -> Place:
        """Directly behind the last one that must precede a point of order of this category."""
        preceding = [index for index, id_ in enumerate(ids) if self._precedes(self.waiting[id_], new)]
        return self._insert(ids, preceding[-1] + 1 if preceding else 0)

    def _precedes(self, other: ReadOnlyFields, new: ReadOnlyFields) -> bool:
        if is_answerable(other):
            return True
        rank, new_rank = self._rank(other), self._rank(new)
        return rank is not None and new_rank is not None and rank <= new_rank

    def _rank(self, speaker: ReadOnlyFields) -> int | None:
        category = speaker.get("point_of_order_category_id") if speaker.get("point_of_order") else None
        return None if category is None or self.ranks is None else self.ranks.get(category)

    def _insert(self, ids: Sequence[int], index: int) -> Place:
        """Number all of them anew, with the new one at the index."""
        moved = {
            id_: weight
            for position, id_ in enumerate(ids)
            if (weight := position + 1 if position < index else position + 2) != self._weight(id_)
        }
        return Place(index + 1, moved)


def _who_passes(new: ReadOnlyFields, answered: ReadOnlyFields | None) -> Passes | None:
    """Whom the new speaker stays behind; None: everybody."""
    if answered is not None:
        return lambda other: not _follows(other, answered) or _same_answer(other, new)
    if new.get("speech_state") == INTERPOSED_QUESTION:
        return is_interposed_question
    if new.get("speech_state") == INTERVENTION:
        return is_answerable
    if new.get("point_of_order"):
        return lambda other: is_answerable(other) or bool(other.get("point_of_order"))
    return None


def _follows(other: ReadOnlyFields, answered: ReadOnlyFields) -> bool:
    """Whether somebody who waits comes after the one that is answered."""
    weight, limit = other.get("weight"), 0 if is_started(answered) else answered.get("weight")
    return weight is not None and limit is not None and weight > limit


def _same_answer(other: ReadOnlyFields, new: ReadOnlyFields) -> bool:
    return bool(other.get("answer")) and other.get("speech_state") == new.get("speech_state")
