"""Types of stored values, as lenient as the data checker is about them (checker.md, "Each model")."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from openslides_backend.models.fields import (
    COLOR_PATTERN,
    DECIMAL_PATTERN,
    BooleanField,
    ColorField,
    DecimalField,
    Field,
    FloatField,
    GenericRelationField,
    GenericRelationListField,
    HTMLPermissiveField,
    HTMLStrictField,
    JSONField,
    NumberField,
    NumberListField,
    RelationField,
    RelationListField,
    StringField,
    StringListField,
    TextField,
    TextListField,
    TimestampField,
)

_DECIMAL = re.compile(DECIMAL_PATTERN.strip("^$"))
_COLOR = re.compile(COLOR_PATTERN.strip("^$"))


def fits_type(field: Field, value: Any) -> bool:
    """Whether a value that isn't null has the type of a field; constraints aren't looked at."""
    return _TYPES[type(field)](value)


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_decimal(value: Any) -> bool:
    return isinstance(value, str) and _DECIMAL.fullmatch(value) is not None


def _is_color(value: Any) -> bool:
    return isinstance(value, str) and _COLOR.fullmatch(value) is not None


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(item is None or isinstance(item, str) for item in value)


def _are_integers(value: Any) -> bool:
    return isinstance(value, list) and all(item is None or isinstance(item, int) for item in value)


def _is_json(value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict | list):
            pending += item.values() if isinstance(item, dict) else item
        elif item is not None and not isinstance(item, str | int):
            return False
    return True


_TYPES: Mapping[type[Field], Callable[[Any], bool]] = {
    **dict.fromkeys((StringField, TextField, HTMLStrictField, HTMLPermissiveField, GenericRelationField), _is_string),
    **dict.fromkeys((NumberField, TimestampField, RelationField), _is_integer),
    **dict.fromkeys((StringListField, TextListField, GenericRelationListField), _are_strings),
    **dict.fromkeys((NumberListField, RelationListField), _are_integers),
    FloatField: _is_number,
    BooleanField: _is_boolean,
    DecimalField: _is_decimal,
    ColorField: _is_color,
    JSONField: _is_json,
}
