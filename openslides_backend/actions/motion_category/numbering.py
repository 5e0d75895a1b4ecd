"""How the motions of a category tree are numbered (motion_objects.md, "motion_category.number_motions")."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_DEFAULT_WEIGHT = 10000
_NOTHING: Fields = {}

Stored = Mapping[int, ReadOnlyFields]
"""Models of one collection by their ids; it may grow while a tree is read."""


@dataclass(frozen=True, slots=True)
class Style:
    """How numbers look: the least number of digits, what stands between the parts, and the mark of amendments."""

    min_digits: int = 0
    blank: str = ""
    amendment_prefix: str = ""

    @classmethod
    def of_meeting(cls, meeting: ReadOnlyFields) -> "Style":
        """The style that the meeting's settings ask for."""
        return cls(
            min_digits=meeting.get("motions_number_min_digits") or 0,
            blank=" " if meeting.get("motions_number_with_blank") else "",
            amendment_prefix=meeting.get("motions_amendments_prefix") or "",
        )


@dataclass(frozen=True, slots=True)
class Number:
    """What a motion gets: its place in the count, and the text made of it."""

    value: int
    text: str


@dataclass(slots=True)
class CategoryTree:
    """A category with all that are below it, among the categories and motions that have been read.

    Needed are of a category `child_ids`, `motion_ids`, `parent_id`, `prefix` and `weight`, of a motion `category_id`,
    `category_weight`, `lead_motion_id`, `meeting_id` and `number`.
    """

    main_id: int
    categories: Stored
    motions: Stored
    _prefixes: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    def category_ids(self) -> list[int]:
        """The affected categories, level by level, those of one parent by weight."""
        found: dict[int, None] = {}
        pending = deque([self.main_id])
        while pending:
            id_ = pending.popleft()
            if id_ not in found and id_ in self.categories:
                found[id_] = None
                pending += _by_weight(self._children(id_), self.categories, "weight")
        return list(found)

    def motion_ids(self) -> list[int]:
        """The affected motions, in the order in which they are counted."""
        found: dict[int, None] = {}
        for category_id in self.category_ids():
            ids = self.categories[category_id].get("motion_ids") or ()
            found.update(dict.fromkeys(_by_weight(ids, self.motions, "category_weight")))
        return [id_ for id_ in found if id_ in self.motions]

    def missing_categories(self) -> set[int]:
        """Categories that the tree names which haven't been read, or aren't there."""
        affected = self.category_ids()
        named = {child for id_ in affected for child in self._children(id_)}
        own = {self.motions[id_].get("category_id") for id_ in self.motion_ids()}
        named.update(id_ for start in own if start is not None for id_ in self._upwards(start))
        return named - self.categories.keys()

    def missing_motions(self) -> set[int]:
        """Motions of the affected categories which haven't been read, or aren't there."""
        named = (self.categories[id_].get("motion_ids") or () for id_ in self.category_ids())
        return {motion_id for ids in named for motion_id in ids} - self.motions.keys()

    def numbers(self, style: Style, meeting_id: int) -> dict[int, Number]:
        """The new numbers of the affected motions, in the order in which they are counted.

        Raises BadRequest for amendments whose lead motion isn't affected, and if a number wouldn't be unique in the
        meeting.
        """
        values = self._values()
        texts: dict[int, str] = {}
        for start in values:
            for id_ in self._leading_down_to(start, texts):
                texts[id_] = self._text(id_, values[id_], texts, style)
        self._check_unique({id_: texts[id_] for id_ in values}, meeting_id)
        return {id_: Number(value, texts[id_]) for id_, value in values.items()}

    def _values(self) -> dict[int, int]:
        ids = dict.fromkeys(self.motion_ids())
        last: Counter[int | None] = Counter()
        values = {}
        for id_ in ids:
            lead_id = self.motions[id_].get("lead_motion_id")
            if lead_id is not None and lead_id not in ids:
                raise BadRequest(f"motion/{id_} amends motion/{lead_id}, which is in none of the numbered categories.")
            last[lead_id] += 1
            values[id_] = last[lead_id]
        return values

    def _leading_down_to(self, motion_id: int, done: Mapping[int, str]) -> list[int]:
        """The motion and those it amends, as far as they have no text yet, the outermost first."""
        chain: dict[int, None] = {}
        current: int | None = motion_id
        while current is not None and current not in done:
            if current in chain:
                raise BadRequest(f"motion/{current} is an amendment to itself.")
            chain[current] = None
            current = self.motions[current].get("lead_motion_id")
        return list(reversed(chain))

    def _text(self, id_: int, value: int, texts: Mapping[int, str], style: Style) -> str:
        motion = self.motions[id_]
        digits = str(value).zfill(style.min_digits)
        lead_id = motion.get("lead_motion_id")
        if lead_id is None:
            return f"{self._prefix(motion.get('category_id'))}{style.blank}{digits}"
        return f"{texts[lead_id]}{style.blank}{style.amendment_prefix}{style.blank}{digits}"

    def _prefix(self, category_id: int | None) -> str:
        if category_id is None:
            return ""
        if category_id not in self._prefixes:
            found = (self.categories.get(id_, _NOTHING).get("prefix") for id_ in self._upwards(category_id))
            self._prefixes[category_id] = next((prefix for prefix in found if prefix), "")
        return self._prefixes[category_id]

    def _upwards(self, category_id: int) -> Iterator[int]:
        """The category and those above it, up to the main category or to the root."""
        seen: set[int] = set()
        current: int | None = category_id
        while current is not None and current not in seen:
            seen.add(current)
            yield current
            current = None if current == self.main_id else self.categories.get(current, _NOTHING).get("parent_id")

    def _children(self, category_id: int) -> list[int]:
        return self.categories[category_id].get("child_ids") or []

    def _check_unique(self, texts: Mapping[int, str], meeting_id: int) -> None:
        holders = {
            motion["number"]: id_
            for id_, motion in self.motions.items()
            if id_ not in texts and motion.get("meeting_id") == meeting_id and motion.get("number")
        }
        for id_, text in texts.items():
            if text in holders:
                raise BadRequest(f"motion/{id_} would get the number '{text}' of motion/{holders[text]}.")
            holders[text] = id_


def _by_weight(ids: list[int] | tuple[int, ...], models: Stored, name: str) -> list[int]:
    def order(id_: int) -> tuple[int, int]:
        weight = models.get(id_, _NOTHING).get(name)
        return (_DEFAULT_WEIGHT if weight is None else weight), id_

    return sorted(ids, key=order)
