"""Finding models by the values that rows name them with (imports.md, "Vocabulary")."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from enum import Enum

from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.shared.filters import And, Filter, any_of
from openslides_backend.shared.typing import Fields


class Outcome(Enum):
    """What a lookup came to, the other rows included."""

    FOUND = "found"
    NOT_FOUND = "not found"
    AMBIGUOUS = "ambiguous"


class Lookup:
    """Live models of a collection by the exact value of a field, or by a tuple of values of several fields.

    `values` are those of all rows: a value that stands there twice is ambiguous, unless the column only refers to
    something (`refers`). `scope` narrows the models down. Unset or empty values are in `values` only if they count.
    `also` are values that other columns refer to.
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
        self._counts = Counter(values)
        self._counts.update(dict.fromkeys(also, 0))
        self._refers = refers
        self._scope = scope
        self._ids: dict[Hashable, list[int]] = {}

    @property
    def filter(self) -> Filter | None:
        """The filter that passes all models in question, and maybe others; None if nothing is looked for."""
        if not self._counts:
            return None
        keys = [value if isinstance(value, tuple) else (value,) for value in self._counts]
        parts = [any_of(name, list(dict.fromkeys(key[i] for key in keys))) for i, name in enumerate(self.fields)]
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
        return values[0] if self._is_single else values

    def ids(self, value: Hashable) -> list[int]:
        """All stored models with the value, in ascending order."""
        return self._ids.get(value, [])

    def id(self, value: Hashable) -> int | None:
        """The only stored model with the value; None if there is none, or several."""
        ids = self.ids(value)
        return ids[0] if len(ids) == 1 else None

    def outcome(self, value: Hashable) -> Outcome:
        """What the value leads to."""
        stored = len(self.ids(value))
        if stored > 1 or (not self._refers and self._counts[value] > 1):
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
