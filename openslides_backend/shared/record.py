"""Models as they are read: with the fields that were asked for, and no others."""

from collections.abc import Mapping, Sequence
from typing import Any


class UndeclaredField(LookupError):
    """A program error: somebody looks at a field that nobody asked the datastore for."""


class Record(dict[str, Any]):
    """Fields of a model. `record["field"]` is None for what was asked for and isn't set.

    `asked` names the fields that were asked for; nothing named means all of them. Looking at another one raises
    UndeclaredField instead of pretending that it isn't set, unless it has been put in.
    """

    __slots__ = ("_asked",)

    def __init__(self, fields: Mapping[str, Any] = {}, asked: Sequence[str] = ()) -> None:
        super().__init__(fields)
        self._asked = asked

    def __missing__(self, name: str) -> None:
        if self._asked and name not in self._asked:
            raise UndeclaredField(f"'{name}' is not among the fields that were read: {', '.join(self._asked)}.")

    def __contains__(self, name: object) -> bool:
        """Whether the field is set."""
        if super().__contains__(name):
            return True
        Record.__missing__(self, str(name))
        return False

    def get(self, name: str, default: Any = None) -> Any:
        """The value of the field, or the default if it isn't set."""
        return super().get(name, default) if name in self else default
