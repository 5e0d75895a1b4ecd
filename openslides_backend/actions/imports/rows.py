"""Rows of a preview, their value objects and what is counted of them (imports.md, "Vocabulary")."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

RowState = Literal["new", "done", "error"]
PreviewState = Literal["done", "warning", "error"]
Info = Literal["done", "new", "generated", "warning", "error", "remove"]

_NESTED = (dict, list)
STATES: tuple[PreviewState, ...] = ("done", "warning", "error")


def value_object(value: object, info: Info, id_: int | None = None) -> Fields:
    """A value with what became of it; `id_` is that of the model which it names."""
    return {"value": value, "info": info, **({} if id_ is None else {"id": id_})}


def is_value_object(value: object) -> TypeGuard[Fields]:
    """Whether it is one; in a stored preview it may lack its `info`."""
    return isinstance(value, dict) and "value" in value


@dataclass(slots=True)
class Row:
    """A row: `new` will create, `done` will update the model `data["id"]`, `error` prevents the import."""

    data: Fields
    state: RowState = "new"
    messages: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, stored: Any) -> "Row":
        """A row as it is stored in a preview, as an object of its own.

        Raises BadRequest if it isn't one.
        """
        if not isinstance(stored, dict) or not isinstance(stored.get("data"), dict):
            raise BadRequest("The preview holds something that is no row.")
        copy = _copied(stored)
        return cls(copy["data"], copy.get("state", "error"), copy.get("messages", []))

    def to_json(self) -> Fields:
        """The form in which rows are answered and stored."""
        return {"state": self.state, "messages": self.messages, "data": self.data}

    def value(self, column: str) -> Any:
        """The plain value of a column, out of its value object if it has one; None if the row hasn't the column."""
        found = self.data.get(column)
        return found["value"] if is_value_object(found) else found

    def objects(self, column: str) -> list[Fields]:
        """The value objects of a column: those of its list, or its only one."""
        found = self.data.get(column)
        if isinstance(found, list):
            return [entry for entry in found if is_value_object(entry)]
        return [found] if is_value_object(found) else []

    def fail(self, message: str, column: str | None = None) -> None:
        """The row becomes an error, because of the value of the column if one is named."""
        self.state = "error"
        self.messages.append(message)
        if column is not None:
            for entry in self.objects(column):
                entry["info"] = "error"

    @property
    def has_warning(self) -> bool:
        """Whether one of its values is going to be left out or replaced."""
        return any(entry.get("info") == "warning" for column in self.data for entry in self.objects(column))

    def handed(self, columns: Iterable[str]) -> Fields:
        """Those of the columns that the row has, in the form that actions are called with."""
        return {name: _handed(self.data[name]) for name in columns if name in self.data}


def _copied(value: Any) -> Any:
    """A copy of JSON; `deepcopy`, which expects anything, takes four times as long for thousands of rows."""
    if isinstance(value, dict):
        return {name: _copied(part) if isinstance(part, _NESTED) else part for name, part in value.items()}
    return [_copied(part) for part in value] if isinstance(value, list) else value


def _handed(value: Any) -> Any:
    if isinstance(value, list):
        return [entry.get("id", entry["value"]) if is_value_object(entry) else entry for entry in value]
    return value["value"] if is_value_object(value) else value


def statistics(rows: Sequence[Row]) -> Iterator[tuple[str, int]]:
    """What is counted in every import, in its order."""
    states = [row.state for row in rows]
    yield "total", len(rows)
    yield "created", states.count("new")
    yield "updated", states.count("done")
    yield "error", states.count("error")
    yield "warning", sum(row.has_warning for row in rows)


def preview_state(rows: Iterable[Row]) -> PreviewState:
    """The state of the whole preview."""
    rows = list(rows)
    if any(row.state == "error" for row in rows):
        return "error"
    return "warning" if any(row.has_warning for row in rows) else "done"
