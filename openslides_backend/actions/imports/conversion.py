"""Texts as they stand in a CSV file, converted by the type of their column (imports.md, "Step 1")."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

ColumnType = Literal["string", "boolean", "integer", "decimal", "date"]

_DECIMALS = 6
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"(-?[0-9]+)(?:\.([0-9]+))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRUE, _FALSE = ("1", "true", "yes", "y", "t"), ("0", "false", "no", "n", "f")
_ITEM = re.compile(r'(?:"((?:[^"]|"")*+)(?:"([^,]*)|\Z)|([^,]*))(,|\Z)')


class ConversionError(ValueError):
    """A value can't be converted to the type of its column."""


def convert(value: object, type_: ColumnType, *, is_list: bool = False) -> object:
    """The value in the type of its column; texts that aren't to be split, and what isn't a text there, stay as is.

    Dates become Unix seconds of 00:00 UTC, decimals texts with at least six decimals, texts of lists are split.

    Raises ConversionError.
    """
    if is_list:
        return split_items(value) if isinstance(value, str) else value
    return _CONVERSIONS[type_](value)


def split_items(text: str) -> list[str]:
    """The items of a text, separated by commas and trimmed; an empty text has none.

    An item may be enclosed in double quotes if the quote stands directly behind the comma.
    """
    items: list[str] = []
    position, more = 0, bool(text)
    while more:
        match = _ITEM.match(text, position)
        if match is None:
            raise ConversionError("is no list of items")
        quoted, behind, plain, comma = match.groups()
        items.append((plain if quoted is None else quoted.replace('""', '"') + (behind or "")).strip())
        position, more = match.end(), bool(comma)
    return items


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE:
        return True
    if isinstance(value, str) and value.lower() in _FALSE:
        return False
    raise ConversionError("is no boolean")


def _integer(value: object) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float | Decimal) and _is_finite(value) and value == int(value):
        return int(value)
    raise ConversionError("is no integer")


def _decimal(value: object) -> str:
    text = value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and _is_finite(value):
        text = format(Decimal(str(value)), "f")
    match = _DECIMAL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ConversionError("is no decimal")
    return f"{match[1]}.{(match[2] or '').ljust(_DECIMALS, '0')}"


def _is_finite(value: float | Decimal) -> bool:
    return Decimal(value).is_finite()


def _date(value: object) -> int:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp())
        except ValueError as error:
            raise ConversionError("is no day of the calendar") from error
    raise ConversionError("is no date in the form YYYY-MM-DD")


def _as_is(value: object) -> object:
    return value


_CONVERSIONS: dict[ColumnType, Callable[[Any], object]] = {
    "string": _as_is,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
}
