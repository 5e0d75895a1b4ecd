"""One element of the data that a rule judges."""

from typing import Any

from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.fqid import MAX_ID, split_fqid


class Element(dict[str, Any]):
    """An entry of `data`, which the caller has checked against the schema of the action.

    A rule that finds it otherwise all the same can't be judged: the accessors, and `element["field"]` for a missing
    field, raise PayloadError (400) then.
    """

    def __missing__(self, field: str) -> Any:
        raise PayloadError(f"The data must contain '{field}'.", field=field)

    def id(self, field: str) -> int:
        """The id in a field that must be there."""
        return _checked(field, self[field])

    def optional_id(self, field: str) -> int | None:
        """The id in a field; None if it is null or left out."""
        value = self.get(field)
        return None if value is None else _checked(field, value)

    def ids(self, field: str) -> tuple[int, ...]:
        """The ids in a list; empty if it is null or left out."""
        values = self.get(field)
        if values is None:
            return ()
        if not isinstance(values, list):
            raise PayloadError(f"'{field}' must be a list of ids.", field=field)
        return tuple(_checked(field, value) for value in values)

    def fqid(self, field: str) -> tuple[str, int]:
        """Collection and id of the fqid in a field that must be there."""
        value = self[field]
        if not isinstance(value, str):
            raise PayloadError(f"'{field}' must be an fqid.", field=field)
        return split_fqid(value)

    def has(self, *fields: str) -> bool:
        """Whether at least one of the fields is given, whatever its value."""
        return any(field in self for field in fields)


def _checked(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_ID:
        raise PayloadError(f"'{field}' must be an id.", field=field)
    return value
