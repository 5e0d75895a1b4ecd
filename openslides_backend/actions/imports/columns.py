"""The columns of an import: payload, conversion and headers of its first step (imports.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from openslides_backend.actions.imports.conversion import ColumnType, ConversionError, convert
from openslides_backend.engine.payload import ID, Payload, Schema
from openslides_backend.models.fields import DECIMAL_PATTERN
from openslides_backend.models.models import ImportPreview
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.typing import Fields

MAX_ITEMS: Final = 1_000_000
"""How many commas the texts of an upload may have that are split: as many values as JSON may hold (http.md)."""

_TYPES: dict[ColumnType, Schema] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": DECIMAL_PATTERN},
    "date": {"type": "integer"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    `limits` is JSON schema that the converted value (of a list: each of its items) must fit besides its type.
    `is_object` tells the client that the rows of the answer hold value objects there. `blank_is_absent`: null and an
    empty text are as if the row hadn't the column. `trimmed`: blanks around the text don't count, as it is stored
    without them.
    """

    name: str
    type: ColumnType = "string"
    is_object: bool = False
    is_list: bool = False
    required: bool = False
    nullable: bool = False
    blank_is_absent: bool = False
    trimmed: bool = False
    limits: Schema = field(default_factory=dict)

    @property
    def header(self) -> Fields:
        """How the column is described to the client."""
        flags = {"is_object": self.is_object, "is_list": self.is_list}
        return {"property": self.name, "type": self.type, **{name: True for name, is_set in flags.items() if is_set}}

    @property
    def schema(self) -> Schema:
        """JSON schema of a converted value."""
        if self.is_list:
            items = {**_TYPES[self.type], "minLength": 1, **self.limits}
            return {"type": "array", "items": items, "uniqueItems": True}
        schema = {**_TYPES[self.type], **self.limits}
        return {**schema, "type": [schema["type"], "null"]} if self.nullable else schema

    def ignores(self, value: object) -> bool:
        """Whether a row with this value counts as one without the column."""
        blank = value.strip() if self.trimmed and isinstance(value, str) else value
        return self.blank_is_absent and (blank is None or blank == "")

    def convert(self, value: object) -> object:
        """The value in the type of the column.

        Raises PayloadError naming the column.
        """
        try:
            converted = convert(value, self.type, is_list=self.is_list)
        except ConversionError as error:
            raise PayloadError(f"{self.name}: {str(value)[:100]!r} {error}.", field=self.name) from error
        if self.type == "string" and not _is_storable(converted):
            raise PayloadError(f"{self.name} must not contain NUL characters or unpaired surrogates.", field=self.name)
        return converted.strip() if self.trimmed and isinstance(converted, str) else converted


def _is_storable(value: object) -> bool:
    """Whether the database takes a text, or all texts of a list; of anything else it doesn't matter here."""
    if isinstance(value, list):
        return all(map(_is_storable, value))
    if not isinstance(value, str) or (value.isascii() and "\0" not in value):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


class UploadPayload(Payload):
    """The element of a first step: `data` with rows of these columns, and `meeting_id` where there is a meeting.

    Columns that the import doesn't know are dropped, the other values converted, before the schema is looked at.
    """

    def __init__(self, columns: Sequence[Column], *, with_meeting: bool = False) -> None:
        self.columns = tuple(columns)
        self.with_meeting = with_meeting
        self._by_name = {column.name: column for column in columns}
        row: Schema = {
            "type": "object",
            "properties": {column.name: column.schema for column in columns},
            "required": [column.name for column in columns if column.required],
            "additionalProperties": False,
        }
        data: Schema = {"type": "array", "items": row, "minItems": 1}
        super().__init__(ImportPreview, extra_required={"data": data, **({"meeting_id": ID} if with_meeting else {})})

    @property
    def headers(self) -> list[Fields]:
        """All columns, in their order."""
        return [column.header for column in self.columns]

    def clean(self, element: Any) -> Fields:
        """See Payload; the rows are converted."""
        if isinstance(element, dict) and isinstance(element.get("data"), list):
            self._check_amount(element["data"])
            element = {**element, "data": [self._convert(*pair) for pair in enumerate(element["data"])]}
        return super().clean(element)

    def _check_amount(self, rows: Sequence[object]) -> None:
        """Raises PayloadError if the texts that are going to be lists would have too many items together."""
        names = [column.name for column in self.columns if column.is_list]
        cells = [(name, row.get(name)) for row in rows if isinstance(row, dict) for name in names]
        left = MAX_ITEMS
        for name, value in cells:
            left -= value.count(",") if isinstance(value, str) else 0
            if left < 0:
                raise PayloadError(f"{name}: all lists together have more than {MAX_ITEMS} items.", field=name)

    def _convert(self, index: int, row: object) -> object:
        if not isinstance(row, dict):
            return row
        try:
            return {
                name: column.convert(value)
                for name, value in row.items()
                if (column := self._by_name.get(name)) is not None and not column.ignores(value)
            }
        except PayloadError as error:
            raise PayloadError(f"data[{index}].{error}", field=error.field) from error
