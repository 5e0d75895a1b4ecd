"""Filters of the datastore contract (datastore.md, "Filters"), as objects that also judge models in memory."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from openslides_backend.shared.typing import ReadOnlyFields

Operator = Literal["=", "!=", "<", ">", "<=", ">=", "~=", "%="]


def text_form(value: object) -> str:
    """The text that `=` compares: strings as they are, everything else as in JSON."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value)


@lru_cache(maxsize=256)
def _like_parts(pattern: str) -> tuple[re.Pattern[str], ...]:
    """What stands between the `%` of a pattern."""
    parts = ("".join("." if char == "_" else re.escape(char) for char in part) for part in pattern.split("%"))
    return tuple(re.compile(part, re.IGNORECASE | re.DOTALL) for part in parts)


def _is_like(text: str, pattern: str) -> bool:
    """SQL's LIKE, part by part: one expression for all would try every way to share out the text among the `%`."""
    first, *others = _like_parts(pattern)
    if not others:
        return first.fullmatch(text) is not None
    found = first.match(text)
    for part in others[:-1]:
        found = part.search(text, found.end()) if found else None
    end = len(text) - len(pattern.rpartition("%")[2])
    return found is not None and end >= found.end() and others[-1].fullmatch(text, end) is not None


def _number(value: object) -> float:
    """The number that order operators compare; what is none is neither larger nor smaller than anything."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda stored, value: text_form(stored) == text_form(value),
    "!=": lambda stored, value: text_form(stored) != text_form(value),
    "<": lambda stored, value: _number(stored) < _number(value),
    ">": lambda stored, value: _number(stored) > _number(value),
    "<=": lambda stored, value: _number(stored) <= _number(value),
    ">=": lambda stored, value: _number(stored) >= _number(value),
    "~=": lambda stored, value: text_form(stored).lower() == text_form(value).lower(),
    "%=": lambda stored, value: _is_like(text_form(stored), str(value)),
}


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """Compares one field; `None` is possible with `=` (unset) and `!=` (set) only."""

    field: str
    operator: Operator
    value: Any

    @property
    def text(self) -> str | None:
        """The text that the field must have; None if the filter asks for something else."""
        return text_form(self.value) if self.operator == "=" and self.value is not None else None

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "operator": self.operator, "value": self.value}

    def fields(self) -> Iterator[str]:
        yield self.field

    def judge(self, model: ReadOnlyFields) -> bool | None:
        """Three-valued as in SQL: None where the field is unset."""
        stored = model.get(self.field)
        if self.value is None:
            return (stored is None) == (self.operator == "=")
        return None if stored is None else _COMPARE[self.operator](stored, self.value)

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return self.judge(model) is True


@dataclass(frozen=True, slots=True, init=False)
class And:
    """All of the filters."""

    filters: tuple["Filter", ...]

    def __init__(self, *filters: "Filter") -> None:
        object.__setattr__(self, "filters", filters)

    def to_json(self) -> dict[str, Any]:
        return {"and_filter": [part.to_json() for part in self.filters]}

    def fields(self) -> Iterator[str]:
        for part in self.filters:
            yield from part.fields()

    def judge(self, model: ReadOnlyFields) -> bool | None:
        results = [part.judge(model) for part in self.filters]
        return False if False in results else None if None in results else True

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return all(part.matches(model) for part in self.filters)


@dataclass(frozen=True, slots=True, init=False)
class Or:
    """Any of the filters."""

    filters: tuple["Filter", ...]
    _one_of: tuple[str, frozenset[str]] | None = field(compare=False, repr=False)

    def __init__(self, *filters: "Filter") -> None:
        object.__setattr__(self, "filters", filters)
        object.__setattr__(self, "_one_of", _one_of(filters))

    def to_json(self) -> dict[str, Any]:
        return {"or_filter": [part.to_json() for part in self.filters]}

    def fields(self) -> Iterator[str]:
        for part in self.filters:
            yield from part.fields()

    def judge(self, model: ReadOnlyFields) -> bool | None:
        if self._one_of is not None:
            name, texts = self._one_of
            stored = model.get(name)
            return None if stored is None else text_form(stored) in texts
        results = [part.judge(model) for part in self.filters]
        return True if True in results else None if None in results else False

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return self.judge(model) is True


def _one_of(filters: tuple["Filter", ...]) -> tuple[str, frozenset[str]] | None:
    """A field and the texts that it may have, where that is all that the filters say; None otherwise.

    A batch judges thousands of models by filters that list thousands of ids.
    """
    texts = [part.text for part in filters if isinstance(part, FieldFilter) and part.text is not None]
    names = {part.field for part in filters if isinstance(part, FieldFilter)}
    return (names.pop(), frozenset(texts)) if len(texts) == len(filters) and len(names) == 1 else None


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a filter; what the filter can't tell (an unset field) doesn't pass either."""

    filter: "Filter"

    def to_json(self) -> dict[str, Any]:
        return {"not_filter": self.filter.to_json()}

    def fields(self) -> Iterator[str]:
        yield from self.filter.fields()

    def judge(self, model: ReadOnlyFields) -> bool | None:
        result = self.filter.judge(model)
        return None if result is None else not result

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return self.judge(model) is True


Filter = FieldFilter | And | Or | Not


def equals(**fields: Any) -> Filter:
    """A filter on exact values of one or several fields: `equals(meeting_id=1, name="x")`; None means unset."""
    parts = [FieldFilter(field, "=", value) for field, value in fields.items()]
    return parts[0] if len(parts) == 1 else And(*parts)


def any_of(field: str, values: "set[Any] | list[Any] | tuple[Any, ...]") -> Filter:
    """A filter that passes models whose field has one of the values; at least one value is needed."""
    ordered = sorted(values, key=text_form) if isinstance(values, set) else list(values)
    parts = [FieldFilter(field, "=", value) for value in ordered]
    return parts[0] if len(parts) == 1 else Or(*parts)
