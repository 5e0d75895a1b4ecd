"""What is related within a meeting is related on both sides, and really in the same meeting."""

from collections.abc import Mapping, Set
from typing import Final

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.relations import Relation, relations, targets

_EQUAL: Final = ("meeting_id",)
_AMONG_THEMSELVES: Final[Mapping[str, tuple[str, ...]]] = {
    "mediafile": ("owner_id",),
    "motion_state": ("meeting_id", "workflow_id"),
}
"""What is equal in relations within a collection, where it isn't just the meeting."""


def migrate(data: Data) -> None:
    judge = _Judge(data)
    for collection, fields in relations().items():
        equal = [(name, relation) for name, relation in fields.items() if relation.is_equal]
        for model in data.models(collection):
            for name, relation in equal:
                if model.get(name):
                    judge.check(model, name, relation)
    judge.drop()


class _Judge:
    """Judges relations; nothing is changed before all are judged, as they are judged by fields that may be dropped."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._lists: dict[tuple[str, int, str], Set[object]] = {}
        self._one_sided: list[tuple[Model, str, list[int]]] = []

    def check(self, model: Model, name: str, relation: Relation) -> None:
        """Find what doesn't point back.

        Raises MigrationFailed if what does belongs elsewhere.
        """
        kept = []
        named = targets(model, name, relation)
        for place, (collection, id_) in enumerate(named):
            other = self._data.find(collection, id_)
            if other is not None and self._points_back(other, relation.reverse.get(collection), model):
                _check_equal(model, name, other)
                kept.append(place)
        if len(kept) < len(named):
            self._one_sided.append((model, name, kept))

    def drop(self) -> None:
        """Take out what doesn't point back."""
        for model, name, kept in self._one_sided:
            value = model.get(name)
            if isinstance(value, list):
                model.put_list(name, [value[place] for place in kept])
            else:
                model.pop(name)

    def _points_back(self, other: Model, name: str | None, model: Model) -> bool:
        if name is None:
            return False
        key = (other.collection, other.id, name)
        if key not in self._lists:
            value = other.get(name)
            items = value if isinstance(value, list) else [value]
            self._lists[key] = frozenset(item for item in items if isinstance(item, str | int))
        return model.id in self._lists[key] or model.fqid in self._lists[key]


def _check_equal(model: Model, name: str, other: Model) -> None:
    if "user" in (model.collection, other.collection):
        return
    fields = _AMONG_THEMSELVES.get(model.collection, _EQUAL) if model.collection == other.collection else _EQUAL
    for field in fields:
        if _value(model, field) != _value(other, field):
            raise model.failure(name, f"{other.fqid} has another {field}")


def _value(model: Model, field: str) -> object:
    return model.id if model.collection == "meeting" else model.get(field)
