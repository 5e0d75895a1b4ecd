"""Filters as they come over the wire."""

from collections.abc import Mapping
from typing import Any

from openslides_backend.embedded.datastore.errors import InvalidRequest
from openslides_backend.embedded.datastore.names import check_field
from openslides_backend.shared.filters import And, FieldFilter, Filter, Not, Or

OPERATORS = frozenset({"=", "!=", "<", ">", "<=", ">=", "~=", "%="})
MAX_DEPTH = 50
"""Filters nested deeper are refused."""

MAX_PARTS = 50_000
"""Lists of more conditions are refused."""
MAX_CONDITIONS = 200_000
"""Filters with more conditions in all are refused."""


def parse_filter(value: object) -> Filter:
    """The filter that a JSON value describes; raises InvalidRequest or InvalidFormat if it is none."""
    filter_ = _parse(value, 0)
    if _conditions(filter_) > MAX_CONDITIONS:
        raise InvalidRequest(f"the filter has more than {MAX_CONDITIONS} conditions")
    return filter_


def _conditions(filter_: Filter) -> int:
    if isinstance(filter_, FieldFilter):
        return 1
    return _conditions(filter_.filter) if isinstance(filter_, Not) else sum(map(_conditions, filter_.filters))


def _parse(value: object, depth: int) -> Filter:
    if not isinstance(value, dict):
        raise InvalidRequest("a filter must be an object")
    if depth > MAX_DEPTH:
        raise InvalidRequest("the filter is nested too deeply")
    if "and_filter" in value:
        return And(*_parts(value, "and_filter", depth))
    if "or_filter" in value:
        return Or(*_parts(value, "or_filter", depth))
    if "not_filter" in value:
        _only(value, "not_filter")
        return Not(_parse(value["not_filter"], depth + 1))
    return _field_filter(value)


def _only(value: Mapping[str, Any], key: str) -> None:
    if len(value) != 1:
        raise InvalidRequest(f"a filter with {key} can't have other keys")


def _parts(value: Mapping[str, Any], key: str, depth: int) -> list[Filter]:
    _only(value, key)
    parts = value[key]
    if not isinstance(parts, list) or not parts:
        raise InvalidRequest(f"{key} must be a list of filters")
    if len(parts) > MAX_PARTS:
        raise InvalidRequest(f"{key} has more than {MAX_PARTS} filters")
    return [_parse(part, depth + 1) for part in parts]


def _field_filter(value: Mapping[str, Any]) -> Filter:
    if value.keys() != {"field", "operator", "value"}:
        raise InvalidRequest("a filter needs field, operator and value")
    operator, compared = value["operator"], value["value"]
    if operator not in OPERATORS:
        raise InvalidRequest("unknown operator of a filter")
    if compared is None and operator not in ("=", "!="):
        raise InvalidRequest(f"null can't be compared with {operator}")
    if operator in ("<", ">", "<=", ">=") and (isinstance(compared, bool) or not isinstance(compared, int | float)):
        raise InvalidRequest(f"{operator} compares numbers")
    return FieldFilter(check_field(value["field"]), operator, compared)
