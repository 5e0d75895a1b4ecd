"""Finding models by the values that rows name them with (imports.md, "Vocabulary")."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from copy import copy
from enum import Enum
from typing import Literal, Self
from unicodedata import normalize

from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.shared.filters import And, Filter, any_of
from openslides_backend.shared.typing import Fields

_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
"""A letter with an accent is one character or two, depending on who has written it; nobody sees a difference."""


def same_text(value: Hashable) -> Hashable:
    """What is equal for values that are the same text: for texts, and for those in a tuple, the composed form."""
    if isinstance(value, tuple):
        return tuple(same_text(part) for part in value)
    return normalize(_FORMS[0], value) if isinstance(value, str) else value


def _spellings(value: Hashable) -> list[Hashable]:
    """The forms in which a value may be stored."""
    if not isinstance(value, str) or value.isascii():
        return [value]
    return list(dict.fromkeys([value, *(normalize(form, value) for form in _FORMS)]))


class Outcome(Enum):
    """What a lookup came to, the other rows included."""

    FOUND = "found"
    NOT_FOUND = "not found"
    AMBIGUOUS = "ambiguous"


class Lookup:
    """Live models of a collection by the exact value of a field, or by a tuple of values of several fields.

    Exact but for the two forms of letters with accents (`same_text`): whoever compares the texts with his eyes takes
    them for the same. `values` are those of all rows: a value that stands there twice is ambiguous, unless the column
    only refers to something (`refers`). `scope` narrows the models down. Unset or empty values are in `values` only if
    they count. `also` are values that other columns refer to.
    """

    def __init__(
        self,
        collection: str,
        fields: str | Sequence[str],
        values: Iterable[Hashable],
        *,
        scope: Filter | None = None,
        refers: bool = False,
        also: Iterable[Hashable] = (),
    ) -> None:
        self.collection = collection
        self._is_single = isinstance(fields, str)
        self.fields: tuple[str, ...] = (fields,) if isinstance(fields, str) else tuple(fields)
        counted = list(values)
        self._values = tuple(dict.fromkeys([*counted, *also]))
        self._counts = Counter(map(same_text, counted))
        self._refers = refers
        self._scope = scope
        self._ids: dict[Hashable, list[int]] = {}

    @property
    def filter(self) -> Filter | None:
        """The filter that passes all models in question, and maybe others; None if nothing is looked for."""
        if not self._values:
            return None
        keys = [value if isinstance(value, tuple) else (value,) for value in self._values]
        parts = [
            any_of(name, list(dict.fromkeys(form for key in keys for form in _spellings(key[i]))))
            for i, name in enumerate(self.fields)
        ]
        parts += [self._scope] if self._scope else []
        return parts[0] if len(parts) == 1 else And(*parts)

    def read(self, uow: UnitOfWork) -> None:
        """Find the models."""
        filter_ = self.filter
        if filter_ is not None:
            for id_, model in uow.filter(self.collection, filter_, *self.fields).items():
                self._ids.setdefault(self._key(model), []).append(id_)

    def _key(self, model: Fields) -> Hashable:
        values = tuple(model.get(name) for name in self.fields)
        return same_text(values[0] if self._is_single else values)

    def among(self, values: Iterable[Hashable]) -> Self:
        """The same models, looked up by some of the rows only: they have these values."""
        others = copy(self)
        others._counts = Counter(map(same_text, values))
        return others

    def mention(self, value: Hashable, id_: int) -> None:
        """One more row has this value, of which it is known already that it is this model's."""
        key = same_text(value)
        self._counts[key] += 1
        self._ids[key] = sorted({*self._ids.get(key, ()), id_})

    def all_ids(self) -> list[int]:
        """All stored models that have one of the values."""
        return [id_ for ids in self._ids.values() for id_ in ids]

    def ids(self, value: Hashable) -> list[int]:
        """All stored models with the value, in ascending order."""
        return self._ids.get(same_text(value), [])

    def id(self, value: Hashable) -> int | None:
        """The only stored model with the value; None if there is none, or several."""
        ids = self.ids(value)
        return ids[0] if len(ids) == 1 else None

    def outcome(self, value: Hashable) -> Outcome:
        """What the value leads to."""
        stored = len(self.ids(value))
        if stored > 1 or (not self._refers and self._counts[same_text(value)] > 1):
            return Outcome.AMBIGUOUS
        return Outcome.FOUND if stored else Outcome.NOT_FOUND


def read_lookups(uow: UnitOfWork, *lookups: Lookup) -> None:
    """Find the models of several lookups in one round trip."""
    uow.prefetch(
        filter_query(lookup.collection, filter_, *lookup.fields)
        for lookup in lookups
        if (filter_ := lookup.filter) is not None
    )
    for lookup in lookups:
        lookup.read(uow)
