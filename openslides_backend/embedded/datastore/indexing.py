"""What is found without looking at every model: the declared indexes, their entries and the plan of a filter.

An index has an entry for each model of any collection that has its field. What no index can tell is judged model by
model; an index narrows down which ones, so it changes how long an answer takes, never the answer.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeGuard

from openslides_backend.shared.filters import And, FieldFilter, Filter, Or, text_form

INDEXED_FIELDS = frozenset(
    {
        "email",
        "external_id",
        "is_active",
        "is_physical_person",
        "member_number",
        "name",
        "number",
        "organization_management_level",
        "original_model_id",
        "saml_id",
        "state",
        "text_hash",
        "timestamp",
        "title",
        "token",
        "user_token",
        "username",
    }
)
"""Fields that are looked for by their value, besides all whose name ends with `_id`."""

UNSELECTIVE_FIELDS = frozenset(
    {"meeting_id", "organization_id", "committee_id", "is_active", "is_physical_person", "state", "owner_id"}
)
"""Indexed fields that many models have in common: others are preferred."""


@dataclass(frozen=True, slots=True)
class OrderedIndex:
    """Finds the smallest and largest `field` among the models with the same values (or none) in `scope`."""

    field: str
    scope: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.field}<{','.join(self.scope)}"


ORDERED_INDEXES = (
    OrderedIndex("sequential_number", ("meeting_id",)),
    OrderedIndex("weight", ("meeting_id",)),
    OrderedIndex("weight", ("meeting_id", "parent_id")),
    OrderedIndex("weight", ("assignment_id",)),
    OrderedIndex("weight", ("list_of_speakers_id",)),
    OrderedIndex("weight", ("motion_id",)),
    OrderedIndex("weight", ("poll_id",)),
    OrderedIndex("weight", ("content_object_id",)),
    OrderedIndex("number_value", ("meeting_id", "lead_motion_id")),
    OrderedIndex("number_value", ("meeting_id", "category_id")),
    OrderedIndex("number_value", ("lead_motion_id",)),
)

_ORDERED_FIELDS = frozenset(field for index in ORDERED_INDEXES for field in (index.field, *index.scope))

Entry = tuple[str, str, float]
"""Name of the index, key, number."""

ENTRIES_VERSION = 1
"""To be raised when entries are made in another way."""

_LONGEST_KEY = 200
_UNSELECTIVE_COST = 1000


def fingerprint() -> str:
    """A text that changes whenever stored entries have to be made anew."""
    declared = [sorted(INDEXED_FIELDS), [index.name for index in ORDERED_INDEXES], ENTRIES_VERSION]
    return hashlib.sha256(json.dumps(declared).encode()).hexdigest()


def is_indexed(field: str) -> bool:
    """Whether models are found by this field's value."""
    return field.endswith("_id") or field in INDEXED_FIELDS


def concerns_entries(field: str) -> bool:
    """Whether a change of this field may change a model's entries."""
    return is_indexed(field) or field in _ORDERED_FIELDS


def make_key(text: str) -> str:
    """A key for a text form that both databases can store and index, different for different texts."""
    if len(text) > _LONGEST_KEY:
        return "#" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if text.isascii() and "\0" not in text and text[:1] not in ("#", '"'):
        return text
    return json.dumps(text)


def _scope_key(values: list[Any]) -> str:
    return make_key(json.dumps([None if value is None else text_form(value) for value in values]))


def entries_of(fields: Mapping[str, Any]) -> set[Entry]:
    """All entries of a model with these fields."""
    entries: set[Entry] = {
        (field, make_key(text_form(value)), 0.0) for field, value in fields.items() if is_indexed(field)
    }
    for index in ORDERED_INDEXES:
        value = fields.get(index.field)
        if is_number(value):
            key = _scope_key([fields.get(field) for field in index.scope])
            entries.add((index.name, key, float(value)))
    return entries


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether the value has a place in an order that a database's floating point column can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def conjuncts(filter_: Filter) -> Iterator[Filter]:
    """The parts that a model must pass all."""
    if isinstance(filter_, And):
        for part in filter_.filters:
            yield from conjuncts(part)
    else:
        yield filter_


def _asks_deletion(filter_: Filter) -> bool | None:
    if isinstance(filter_, FieldFilter) and filter_.field == "meta_deleted" and filter_.operator == "=":
        return {"true": True, "false": False}.get(text_form(filter_.value))
    return None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the models that pass a filter are to be found.

    `keys`: under these keys of these indexes, all models if None. `deleted`: only among models with this state.
    `exact`: whatever is found there passes the filter.
    """

    keys: frozenset[tuple[str, str]] | None
    deleted: bool | None = None
    exact: bool = False

    @property
    def cost(self) -> int:
        if self.keys is None:
            return 10**9
        return sum(_UNSELECTIVE_COST if name in UNSELECTIVE_FIELDS else 1 for name, _ in self.keys)


def plan(filter_: Filter) -> Plan:
    """How to find the models that pass the filter."""
    if isinstance(filter_, FieldFilter):
        if filter_.operator == "=" and filter_.value is not None and is_indexed(filter_.field):
            return Plan(frozenset({(filter_.field, make_key(text_form(filter_.value)))}), exact=True)
        return Plan(None, _asks_deletion(filter_), exact=_asks_deletion(filter_) is not None)
    if isinstance(filter_, Or):
        return _plan_or(filter_)
    if isinstance(filter_, And):
        return _plan_and(filter_)
    return Plan(None)


def _plan_or(filter_: Or) -> Plan:
    plans = [plan(part) for part in filter_.filters]
    keys: set[tuple[str, str]] = set()
    for part in plans:
        if part.keys is None:
            return Plan(None)
        keys |= part.keys
    return Plan(frozenset(keys), exact=all(part.exact and part.deleted is None for part in plans))


def _plan_and(filter_: And) -> Plan:
    parts = list(conjuncts(filter_))
    states = {state for part in parts if (state := _asks_deletion(part)) is not None}
    others = [plan(part) for part in parts if _asks_deletion(part) is None]
    best = min(others, key=lambda part: part.cost, default=Plan(None, exact=True))
    exact = len(others) <= 1 and best.exact and len(states) <= 1 and best.deleted is None
    return Plan(best.keys, states.pop() if len(states) == 1 else None, exact)


class OrderedLookup(NamedTuple):
    """Where the smallest and largest value are found; `deleted` None: among live and deleted models."""

    name: str
    key: str
    deleted: bool | None


def ordered_lookup(filter_: Filter, field: str) -> OrderedLookup | None:
    """The lookup that answers min and max of the field at once, if there is one."""
    scope: dict[str, Any] = {}
    deleted: bool | None = None
    for part in conjuncts(filter_):
        state = _asks_deletion(part)
        if not isinstance(part, FieldFilter) or part.operator != "=" or part.field in scope:
            return None
        if part.field == "meta_deleted":
            if state is None or deleted is not None:
                return None
            deleted = state
        else:
            scope[part.field] = part.value
    for index in ORDERED_INDEXES:
        if index.field == field and set(index.scope) == scope.keys():
            return OrderedLookup(index.name, _scope_key([scope[name] for name in index.scope]), deleted)
    return None
