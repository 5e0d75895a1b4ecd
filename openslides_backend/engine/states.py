"""What the actions of a batch have in common, each kind with an owner of its own."""

from typing import Any, TypeVar

T = TypeVar("T")


class States:
    """One object of each class that is asked for; made without arguments on first use."""

    def __init__(self) -> None:
        self._objects: dict[type[Any], Any] = {}

    def of(self, kind: type[T]) -> T:
        """The one object of this class."""
        found: T = self._objects.get(kind) or self._objects.setdefault(kind, kind())
        return found
