"""What a client is told about a value that doesn't fit its JSON schema."""

import json
from collections.abc import Iterable
from typing import Any

from fastjsonschema import JsonSchemaValueException

from openslides_backend.shared.exceptions import PayloadError

_MAX_MESSAGE = 500
_MAX_NAMES = 10
_MAX_NAME = 100


def payload_error(error: JsonSchemaValueException) -> PayloadError:
    """The error that names the key to blame, in words of JSON and without quoting the value.

    `field` is the key of the element itself, also where something deep inside its value is wrong.
    """
    message, blamed = _described(error)
    path = error.path[1:]
    return PayloadError(message[:_MAX_MESSAGE], field=path[0] if path else blamed)


def _described(error: JsonSchemaValueException) -> tuple[str, str | None]:
    """A message, and the key that is too many or missing where that is what is wrong.

    The library's own texts for these rules hold lists and sets as Python writes them.
    """
    match error.rule:
        case "required":
            missing = [name for name in error.rule_definition if name not in (error.value or {})]
            return f"{error.name} must contain {_listed(missing)}.", missing[0] if missing else None
        case "additionalProperties":
            known = (error.definition or {}).get("properties", {})
            unknown = sorted(name for name in (error.value or {}) if name not in known)
            return f"{error.name} must not contain {_listed(unknown)}.", unknown[0][:_MAX_NAME] if unknown else None
        case "enum":
            return f"{error.name} must be one of {_listed(map(_as_json, error.rule_definition))}.", None
        case "const":
            return f"{error.name} must be {_as_json(error.rule_definition)}.", None
        case _:
            return f"{error.message}.", None


def _listed(names: Iterable[Any]) -> str:
    names = [str(name)[:_MAX_NAME] for name in names]
    shown = ", ".join(names[:_MAX_NAMES])
    return shown if len(names) <= _MAX_NAMES else f"{shown} and {len(names) - _MAX_NAMES} more"


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
