"""Data while they are being migrated.

They come from outside or from long ago, so every value is doubted: what is read of a model is what was asked for, or
the migration ends with a message that names model and field.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from openslides_backend.shared.fqid import MAX_ID, is_fqid, make_fqid, split_fqid
from openslides_backend.shared.typing import Fields

_LONGEST_MESSAGE = 500
"""In characters: names of fields come from outside as well."""

Collections = dict[str, dict[str, Fields]]
"""Models by collection and by their ids as text, as in exports."""


class MigrationFailed(Exception):
    """The data can't be migrated; the message names the model and its field."""

    def __init__(self, message: str) -> None:
        super().__init__(message[:_LONGEST_MESSAGE])


class Model:
    """A model of the data. Fields that are null count as not set."""

    __slots__ = ("collection", "fields", "id")

    def __init__(self, collection: str, id_: int, fields: Fields) -> None:
        self.collection = collection
        self.id = id_
        self.fields = fields

    @property
    def fqid(self) -> str:
        """Collection and id."""
        return make_fqid(self.collection, self.id)

    def failure(self, name: str, problem: str) -> MigrationFailed:
        """The error that names this model and the field."""
        return MigrationFailed(f"{self.fqid}/{name}: {problem}")

    def get(self, name: str) -> Any:
        """The value, whatever it is, None if it isn't set."""
        return self.fields.get(name)

    def id_of(self, name: str) -> int | None:
        """The id that the field holds."""
        value = self.fields.get(name)
        if value is None or is_id(value):
            return value
        raise self.failure(name, "must be an id")

    def ids(self, name: str) -> list[int]:
        """The ids that the field holds, a copy; none if it isn't set."""
        values = self._list(name)
        if all(map(is_id, values)):
            return values
        raise self.failure(name, "must be a list of ids")

    def integer(self, name: str) -> int | None:
        """The integer that the field holds."""
        value = self.fields.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self.failure(name, "must be an integer")

    def text(self, name: str) -> str:
        """The text that the field holds, empty if it isn't set."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        raise self.failure(name, "must be a string")

    def texts(self, name: str) -> list[str]:
        """The texts that the field holds, a copy; none if it isn't set."""
        values = self._list(name)
        if all(isinstance(value, str) for value in values):
            return values
        raise self.failure(name, "must be a list of strings")

    def target(self, name: str) -> tuple[str, int] | None:
        """Collection and id of the fqid that the field holds."""
        value = self.fields.get(name)
        if value is None:
            return None
        if is_fqid(value):
            return split_fqid(value)
        raise self.failure(name, "must be an fqid")

    def set(self, **values: object) -> None:
        """Set fields."""
        self.fields.update(values)

    def put_list(self, name: str, values: list[Any]) -> None:
        """Set a list; if it is empty only where there was one before."""
        if values or name in self.fields:
            self.fields[name] = values

    def default(self, name: str, value: object) -> None:
        """Set a field that isn't set."""
        if self.fields.get(name) is None:
            self.fields[name] = value

    def append(self, name: str, value: int) -> None:
        """Append an id to a list of ids."""
        values = self.fields.get(name)
        if values is None:
            self.fields[name] = [value]
        elif isinstance(values, list):
            values.append(value)
        else:
            raise self.failure(name, "must be a list of ids")

    def pop(self, *names: str) -> None:
        """Unset fields."""
        for name in names:
            self.fields.pop(name, None)

    def rename(self, old: str, new: str) -> None:
        """Give a field another name, if it is there."""
        if old in self.fields:
            self.fields[new] = self.fields.pop(old)

    def _list(self, name: str) -> list[Any]:
        value = self.fields.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return list(value)
        raise self.failure(name, "must be a list")


class Data:
    """The models of all collections.

    New ids follow the highest of the collection, or what `last_id` tells of it.
    """

    def __init__(self, collections: Collections, last_id: Callable[[str], int] | None = None) -> None:
        self._collections = collections
        self._last_id = last_id or (lambda collection: max(map(int, collections[collection]), default=0))
        self._last_ids: dict[str, int] = {}

    def models(self, collection: str) -> list[Model]:
        """All models of a collection, in their order; it may be changed meanwhile."""
        return [Model(collection, int(key), fields) for key, fields in self._collections.get(collection, {}).items()]

    def find(self, collection: str, id_: int | None) -> Model | None:
        """A model, None if the data don't have it."""
        fields = self._collections.get(collection, {}).get(str(id_))
        return None if fields is None or id_ is None else Model(collection, id_, fields)

    def create(self, collection: str, **fields: object) -> Model:
        """A new model, with the next id that nothing of the collection has."""
        self._collections.setdefault(collection, {})
        if collection not in self._last_ids:
            self._last_ids[collection] = self._last_id(collection)
        id_ = self._last_ids[collection] = self._last_ids[collection] + 1
        return self.put(collection, id_, **fields)

    def put(self, collection: str, id_: int, **fields: object) -> Model:
        """A model with the id, in the place of what has it now."""
        model = {"id": id_, **fields}
        self._collections.setdefault(collection, {})[str(id_)] = model
        return Model(collection, id_, model)

    def remove(self, collection: str, ids: Iterable[int]) -> None:
        """Remove models, not what refers to them (`relations.remove` does both)."""
        models = self._collections.get(collection, {})
        for id_ in ids:
            models.pop(str(id_), None)

    def drop(self, collection: str) -> None:
        """Remove a collection."""
        self._collections.pop(collection, None)

    def remove_fields(self, collection: str, *names: str) -> None:
        """Unset fields of all models of a collection."""
        for model in self.models(collection):
            model.pop(*names)

    def rename_field(self, collection: str, old: str, new: str) -> None:
        """Give a field of all models of a collection another name."""
        for model in self.models(collection):
            model.rename(old, new)


def is_id(value: object) -> TypeGuard[int]:
    """Whether the value is an id that fits the datastore."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_ID
