"""Filters of the datastore contract (datastore.md, "Filters"), as objects that also judge models in memory."""

import json
import math
import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
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


_TEXTS: dict[str, Callable[[Any], str]] = {"=": text_form, "~=": lambda value: text_form(value).lower()}


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """Compares one field; `None` is possible with `=` (unset) and `!=` (set) only."""

    field: str
    operator: Operator
    value: Any

    @property
    def text(self) -> str | None:
        """What the field must be as a text (`~=`: in lower case); None if the filter asks for something else."""
        if self.value is None or self.operator not in _TEXTS:
            return None
        return _TEXTS[self.operator](self.value)

    def cost(self, *, exactly: bool = False) -> int:
        """How many comparisons it takes at most to find out whether a model passes, or `exactly` what `judge` says."""
        return 1

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

    def cost(self, *, exactly: bool = False) -> int:
        """See FieldFilter."""
        return sum(part.cost(exactly=exactly) for part in self.filters)

    def fields(self) -> Iterator[str]:
        for part in self.filters:
            yield from part.fields()

    def judge(self, model: ReadOnlyFields) -> bool | None:
        results = [part.judge(model) for part in self.filters]
        return False if False in results else None if None in results else True

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return all(part.matches(model) for part in self.filters)


@dataclass(frozen=True, init=False)
class Or:
    """Any of the filters.

    What it takes to judge models, and the hash, are found out when first asked for: one may hold thousands of filters,
    and a batch asks the datastore with it again and again, but mostly judges nothing by it.
    """

    filters: tuple["Filter", ...]

    def __init__(self, *filters: "Filter") -> None:
        object.__setattr__(self, "filters", filters)

    @cached_property
    def _fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for part in self.filters for name in part.fields()))

    @cached_property
    def _alternatives(self) -> "_Alternatives":
        return _alternatives(self.filters)

    @cached_property
    def _hash(self) -> int:
        return hash(self.filters)

    def __hash__(self) -> int:
        return self._hash

    def to_json(self) -> dict[str, Any]:
        return {"or_filter": [part.to_json() for part in self.filters]}

    def cost(self, *, exactly: bool = False) -> int:
        """See FieldFilter."""
        return self._alternatives.cost(exactly)

    def fields(self) -> Iterator[str]:
        """Each once, however many of its filters look at it."""
        yield from self._fields

    def judge(self, model: ReadOnlyFields) -> bool | None:
        return self._alternatives.judge(model)

    def matches(self, model: ReadOnlyFields) -> bool:
        """Whether the model passes."""
        return self._alternatives.matches(model)


_Key = tuple[tuple[str, str], ...]
"""Fields with operators that compare texts."""
_Texts = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class _Alternatives:
    """What an Or asks for: texts that some fields may have together, and all that can't be put that way.

    Thousands of models are judged by filters that list thousands of ids, or of pairs of a meeting and a name: looking
    the texts of a model up takes as long for many as for one.
    """

    texts: dict[_Key, frozenset[_Texts]]
    others: "tuple[Filter, ...]"

    def cost(self, exactly: bool) -> int:
        looked_up = (len(known) if exactly and len(key) > 1 else 1 for key, known in self.texts.items())
        return sum(looked_up) + sum(part.cost(exactly=exactly) for part in self.others)

    def matches(self, model: ReadOnlyFields) -> bool:
        for key, known in self.texts.items():
            if _texts_of(model, key) in known:
                return True
        return any(part.matches(model) for part in self.others) if self.others else False

    def judge(self, model: ReadOnlyFields) -> bool | None:
        results = [part.judge(model) for part in self.others]
        for key, known in self.texts.items():
            texts = _texts_of(model, key)
            unknown = None in texts and any(_may_be(texts, wanted) for wanted in known)
            results.append(None if unknown else texts in known)
        return True if True in results else None if None in results else False


def _alternatives(filters: "tuple[Filter, ...]") -> _Alternatives:
    texts: dict[_Key, set[_Texts]] = {}
    others: list[Filter] = []
    for part in filters:
        wanted = _wanted_texts(part)
        if wanted is None:
            others.append(part)
        else:
            texts.setdefault(tuple(wanted), set()).add(tuple(wanted.values()))
    return _Alternatives({key: frozenset(known) for key, known in texts.items()}, tuple(others))


def _wanted_texts(filter_: "Filter") -> dict[tuple[str, str], str] | None:
    """The texts that the filter wants of fields, sorted by these; None if it asks for something else."""
    parts = filter_.filters if isinstance(filter_, And) else (filter_,)
    wanted = {}
    for part in parts:
        if not isinstance(part, FieldFilter) or (text := part.text) is None:
            return None
        wanted[part.field, part.operator] = text
    return dict(sorted(wanted.items())) if len(wanted) == len(parts) else None


def _texts_of(model: ReadOnlyFields, key: _Key) -> _Texts:
    """The texts of these fields, None for those that are unset."""
    texts: list[str | None] = []
    for name, operator in key:
        value = model.get(name)
        texts.append(None if value is None else _TEXTS[operator](value))
    return tuple(texts)


def _may_be(texts: _Texts, wanted: _Texts) -> bool:
    """Whether the texts are the wanted ones as far as they are set."""
    return all(text is None or text == other for text, other in zip(texts, wanted, strict=True))


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a filter; what the filter can't tell (an unset field) doesn't pass either."""

    filter: "Filter"

    def to_json(self) -> dict[str, Any]:
        return {"not_filter": self.filter.to_json()}

    def cost(self, *, exactly: bool = False) -> int:
        """See FieldFilter."""
        return self.filter.cost(exactly=True)

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


def any_of(field: str, values: "Set[Any] | list[Any] | tuple[Any, ...]") -> Filter:
    """A filter that passes models whose field has one of the values; at least one value is needed."""
    ordered = sorted(values, key=text_form) if isinstance(values, Set) else list(values)
    parts = [FieldFilter(field, "=", value) for value in ordered]
    return parts[0] if len(parts) == 1 else Or(*parts)
