"""Base of all fields of models (engine.md, "Field types")."""

import copy
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, Protocol

Schema = dict[str, Any]
Number = int | float | Decimal


class Missing(Enum):
    """Type of `MISSING`, which stands for "no default" where null would be one."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class FieldError(ValueError):
    """A value doesn't fit its field; the message names `collection.field` and the rule, never the value."""


class HasFields(Protocol):
    """A model class, as far as fields need to know it."""

    @property
    def fields(self) -> Mapping[str, "Field"]: ...


class Field:
    """A field of a model.

    `required`: neither null nor empty. `default`: the value on create where a payload leaves the field out, `MISSING`
    if there is none. `constant` (set on create only), `read_only` (in no payload) and `calculated` (filled by other
    services) are for payload schemas to heed. `enum` and `items_enum` list the allowed values of the field, or of the
    items of a list. `minimum` and `maximum` bound numbers, decimals compare numerically; `min_length` and `max_length`
    bound strings (in a list: its items) in characters.
    """

    constraints: ClassVar[frozenset[str]] = frozenset()
    """Constraints that have a meaning for this type."""
    minimum: Number | None
    max_length: int | None

    def __init__(
        self,
        *,
        name: str = "",
        required: bool = False,
        default: Any = MISSING,
        constant: bool = False,
        read_only: bool = False,
        calculated: bool = False,
        enum: tuple[Any, ...] | None = None,
        items_enum: tuple[Any, ...] | None = None,
        minimum: int | float | str | None = None,
        maximum: int | None = None,
        min_length: int | None = None,
        max_length: int | None = None,
    ) -> None:
        self.name = name
        self.collection = ""
        self.required = required
        self._default = default
        self.constant = constant
        self.read_only = read_only
        self.calculated = calculated
        self.enum = enum
        self.items_enum = items_enum
        self.minimum = Decimal(minimum) if isinstance(minimum, str) else minimum
        self.maximum = maximum
        self.min_length = min_length
        self.max_length = max_length

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.collection}.{self.name}>"

    @property
    def default(self) -> Any:
        """The default, a fresh copy each time, or `MISSING`."""
        return copy.copy(self._default) if isinstance(self._default, list | dict) else self._default

    def bind(self, collection: str, name: str, models: Mapping[str, HasFields]) -> None:
        """Tells the field where it stands: its model class calls this once. `models` are all classes by collection."""
        self.collection = collection
        self.name = self.name or name

    def clean(self, value: Any) -> Any:
        """The value to store for a value from a payload; null unsets a field that isn't required.

        Raises FieldError.
        """
        if value is not None:
            value = self._convert(value)
            self.check(value)
        if self.required and self.is_empty(value):
            raise self.error("must not be empty")
        return value

    def check(self, value: Any) -> None:
        """Checks type and constraints of a value that is about to be stored; null passes, `required` isn't looked at.

        Raises FieldError.
        """
        if value is None:
            return
        self._check_type(value)
        if self.enum is not None and value not in self.enum:
            raise self.error(f"must be one of {', '.join(map(repr, self.enum))}")

    def is_empty(self, value: Any) -> bool:
        """Whether the value is none as far as `required` is concerned: null, `""`, `[]` or 0."""
        return value is None or value in ("", [], 0)

    def payload_schema(self, required: bool) -> Schema:
        """JSON schema (draft-07) of the field in the payload of an action.

        `required`: the action insists on a value, so null is refused as if the model required the field. Empty strings
        and lists are refused where the model requires the field only.
        """
        schema = self._schema()
        if required or self.required:
            return schema
        if "type" in schema:
            types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            schema["type"] = [*types, "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        return schema

    def error(self, rule: str) -> FieldError:
        """The error that says which rule a value of this field breaks."""
        return FieldError(f"{self.collection}.{self.name} {rule}.")

    def _convert(self, value: Any) -> Any:
        return value

    def _check_type(self, value: Any) -> None:
        raise NotImplementedError

    def _schema(self) -> Schema:
        raise NotImplementedError

    def _check_text(self, value: Any) -> None:
        """Strings that PostgreSQL stores: no NUL characters, no halves of surrogate pairs."""
        if not isinstance(value, str):
            raise self.error("must be a string")
        if "\0" in value:
            raise self.error("must not contain NUL characters")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.error("must not contain unpaired surrogates") from None

    def _check_length(self, value: str) -> None:
        if self.min_length is not None and len(value) < self.min_length:
            raise self.error(f"must have at least {self.min_length} characters")
        if self.max_length is not None and len(value) > self.max_length:
            raise self.error(f"must have at most {self.max_length} characters")

    def _check_integer(self, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error("must be an integer")

    def _check_bounds(self, value: Number) -> None:
        if self.minimum is not None and value < self.minimum:
            raise self.error(f"must be at least {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise self.error(f"must be at most {self.maximum}")
