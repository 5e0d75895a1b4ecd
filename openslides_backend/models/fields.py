"""Types of model fields: what they accept and how payload values become stored ones (engine.md, "Field types").

Three questions are kept apart: `payload_schema` says what a payload may look like, `clean` turns a payload's value into
the one to store, and `check` judges a value that is about to be stored, wherever it came from.
"""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Final

from openslides_backend.models.field import MISSING, Field, FieldError, HasFields, Schema
from openslides_backend.models.html import clean_permissive, clean_strict
from openslides_backend.models.html_rules import HTMLTooComplexError
from openslides_backend.shared.fqid import MAX_ID, is_fqid

__all__ = ["MISSING", "Field", "FieldError"]

MAX_STRING_LENGTH = 256

DECIMAL_PATTERN = r"^-?([0-9]|[1-9][0-9]+)\.[0-9]{6}$"
COLOR_PATTERN = r"^#[0-9a-f]{6}$"
FQID_PATTERN = r"^[a-z]([a-z_]*[a-z])?/[1-9][0-9]{0,9}$"

_DECIMAL = re.compile(DECIMAL_PATTERN.strip("^$"))
_COLOR = re.compile(COLOR_PATTERN.strip("^$"))

_BOOLEAN_WORDS: Final = {
    **dict.fromkeys(("1", "true", "yes", "t", "y"), True),
    **dict.fromkeys(("0", "false", "no", "f", "n"), False),
}


class TextField(Field):
    """Text of any length."""

    constraints = frozenset({"enum", "min_length", "max_length"})

    def _check_type(self, value: Any) -> None:
        self._check_text(value)
        self._check_length(value)

    def _schema(self) -> Schema:
        schema: Schema = {"type": "string"}
        if minimum := max(self.min_length or 0, int(self.required)):
            schema["minLength"] = minimum
        if self.max_length is not None:
            schema["maxLength"] = self.max_length
        if self.enum is not None:
            schema["enum"] = list(self.enum)
        return schema


class StringField(TextField):
    """A string of at most 256 characters, unless `max_length` says otherwise."""

    def __init__(self, *, max_length: int = MAX_STRING_LENGTH, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class HTMLStrictField(TextField):
    """HTML, cleaned to what is allowed everywhere.

    `clean` leaves the text as it is: cleaning it takes time, which is spent on those only who may do what they ask for.
    """

    constraints = frozenset()

    def clean_html(self, text: str) -> str:
        """The text as it may be stored.

        Raises FieldError if it is too complex, or if nothing is left of a text that is required.
        """
        try:
            cleaned = self._without_foreign(text)
        except HTMLTooComplexError:
            raise self.error("must not have that many tags that are nested or not closed") from None
        if self.required and not cleaned:
            raise self.error("must not be empty")
        return cleaned

    def _without_foreign(self, text: str) -> str:
        return clean_strict(text)


class HTMLPermissiveField(HTMLStrictField):
    """HTML, cleaned, that may embed videos and frames."""

    def _without_foreign(self, text: str) -> str:
        return clean_permissive(text)


class ColorField(Field):
    """A colour, `#rrggbb` in lower case."""

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, str) or not _COLOR.fullmatch(value):
            raise self.error("must be a color such as '#00ff7f'")

    def _schema(self) -> Schema:
        return {"type": "string", "pattern": COLOR_PATTERN}


class DecimalField(Field):
    """A decimal number with six places, as a string."""

    constraints = frozenset({"minimum"})

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise self.error("must be a decimal number with six places, as a string")
        self._check_bounds(Decimal(value))

    def _schema(self) -> Schema:
        return {"type": "string", "pattern": DECIMAL_PATTERN}


class NumberField(Field):
    """An integer. Zero is a value: only null is empty."""

    constraints = frozenset({"enum", "minimum", "maximum"})

    def is_empty(self, value: Any) -> bool:
        return value is None

    def _check_type(self, value: Any) -> None:
        self._check_integer(value)
        self._check_bounds(value)

    def _schema(self) -> Schema:
        schema: Schema = {"type": "integer"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        if self.enum is not None:
            schema["enum"] = list(self.enum)
        return schema


class TimestampField(NumberField):
    """A point in time, in seconds since 1970."""


class FloatField(NumberField):
    """A number, integer or not."""

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.error("must be a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error("must be a finite number")
        self._check_bounds(value)

    def _schema(self) -> Schema:
        return {**super()._schema(), "type": "number"}


class BooleanField(Field):
    """A boolean. Payloads may write it as 0, 1 or one of a few words, hence the schema that lets everything through."""

    def is_empty(self, value: Any) -> bool:
        return value is None

    def _convert(self, value: Any) -> bool:
        converted = parse_boolean(value)
        if converted is None:
            raise self.error("must be a boolean")
        return converted

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise self.error("must be a boolean")

    def _schema(self) -> Schema:
        return {}


class JSONField(Field):
    """A JSON object or array."""

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, dict | list):
            raise self.error("must be an object or an array")
        pending: list[Any] = [value]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                pending += item.keys()
                pending += item.values()
            elif isinstance(item, list):
                pending += item
            else:
                self._check_leaf(item)

    def _check_leaf(self, value: Any) -> None:
        if isinstance(value, str):
            self._check_text(value)
        elif isinstance(value, float) and not math.isfinite(value):
            raise self.error("must not contain infinite numbers")
        elif value is not None and not isinstance(value, int | float):
            raise self.error("must contain nothing but JSON values")

    def _schema(self) -> Schema:
        return {"type": ["object", "array"]}


class ListField(Field):
    """A list of values of one type, each item checked as a field of its own."""

    constraints = frozenset({"items_enum"})

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, list):
            raise self.error("must be a list")
        for item in value:
            self._check_item(item)
            if self.items_enum is not None and item not in self.items_enum:
                raise self.error(f"must contain nothing but {', '.join(map(repr, self.items_enum))}")

    def _schema(self) -> Schema:
        items = self._item_schema()
        if self.items_enum is not None:
            items["enum"] = list(self.items_enum)
        schema: Schema = {"type": "array", "items": items}
        if self.required:
            schema["minItems"] = 1
        return schema

    def _check_item(self, item: Any) -> None:
        raise NotImplementedError

    def _item_schema(self) -> Schema:
        raise NotImplementedError


class TextListField(ListField):
    """A list of texts."""

    constraints = frozenset({"items_enum", "min_length", "max_length"})

    def _check_item(self, item: Any) -> None:
        self._check_text(item)
        self._check_length(item)

    def _item_schema(self) -> Schema:
        schema: Schema = {"type": "string"}
        if self.min_length is not None:
            schema["minLength"] = self.min_length
        if self.max_length is not None:
            schema["maxLength"] = self.max_length
        return schema


class StringListField(TextListField):
    """A list of strings of at most 256 characters each, unless `max_length` says otherwise."""

    def __init__(self, *, max_length: int = MAX_STRING_LENGTH, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)


class NumberListField(ListField):
    """A list of integers."""

    constraints = frozenset({"items_enum", "minimum", "maximum"})

    def _check_item(self, item: Any) -> None:
        self._check_integer(item)
        self._check_bounds(item)

    def _item_schema(self) -> Schema:
        schema: Schema = {"type": "integer"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


class OnDelete(StrEnum):
    """What deleting a model does to the models that one of its relation fields names (engine.md, "Deleting")."""

    SET_NULL = "SET_NULL"
    CASCADE = "CASCADE"
    PROTECT = "PROTECT"


class RelationField(Field):
    """The id of another model, whose reverse field names this one. Base of all relation fields.

    `targets` maps the collections that the field may point to, to the reverse field there; `target` is the one
    collection that a field that isn't generic points to; `on_delete` is what deleting
    this model means for the others; `equal_fields` are the fields that both models must share (engine.md, "Relations").
    """

    is_list: ClassVar[bool] = False
    is_generic: ClassVar[bool] = False

    def __init__(
        self,
        *,
        to: str | Sequence[str],
        on_delete: OnDelete = OnDelete.SET_NULL,
        equal_fields: tuple[str, ...] = (),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        pairs = (target.split(".", 1) for target in ((to,) if isinstance(to, str) else to))
        self.targets: Mapping[str, str] = dict(pairs)
        self.target = next(iter(self.targets))
        self.on_delete = on_delete
        self.equal_fields = equal_fields
        self._models: Mapping[str, HasFields] = {}

    def bind(self, collection: str, name: str, models: Mapping[str, HasFields]) -> None:
        super().bind(collection, name, models)
        self._models = models

    def reverse(self, collection: str) -> "RelationField":
        """The field of a target collection that points back.

        Raises KeyError if the field can't point to that collection.
        """
        field = self._models[collection].fields[self.targets[collection]]
        if not isinstance(field, RelationField):
            raise TypeError(f"{field!r} is no relation.")
        return field

    def _check_type(self, value: Any) -> None:
        self._check_integer(value)
        if not 1 <= value <= MAX_ID:
            raise self.error(f"must be an id between 1 and {MAX_ID}")

    def _schema(self) -> Schema:
        return {"type": "integer", "minimum": 1, "maximum": MAX_ID}


class GenericRelationField(RelationField):
    """The fqid of a model of one of several collections."""

    is_generic = True

    def _check_type(self, value: Any) -> None:
        if not is_fqid(value):
            raise self.error("must be an fqid such as 'topic/1'")
        if value.partition("/")[0] not in self.targets:
            raise self.error(f"must name a model of {', '.join(self.targets)}")

    def _schema(self) -> Schema:
        return {"type": "string", "pattern": FQID_PATTERN}


class _RelationLists(RelationField):
    """What lists of ids and lists of fqids have in common."""

    is_list = True

    def _check_type(self, value: Any) -> None:
        if not isinstance(value, list):
            raise self.error("must be a list")
        for item in value:
            super()._check_type(item)
        if len(set(value)) != len(value):
            raise self.error("must not name a model twice")

    def _schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": super()._schema(), "uniqueItems": True}
        if self.required:
            schema["minItems"] = 1
        return schema


class RelationListField(_RelationLists):
    """Ids of models of one collection."""

    def _check_type(self, value: Any) -> None:
        # The usual case first, in one go: lists can be long, and each value that is written is checked.
        are_ids = type(value) is list and all(type(item) is int and 1 <= item <= MAX_ID for item in value)
        if not are_ids or len(set(value)) != len(value):
            super()._check_type(value)


class GenericRelationListField(_RelationLists, GenericRelationField):
    """Fqids of models of several collections."""


FIELD_TYPES: Final[Mapping[str, type[Field]]] = {
    "string": StringField,
    "text": TextField,
    "HTMLStrict": HTMLStrictField,
    "HTMLPermissive": HTMLPermissiveField,
    "number": NumberField,
    "timestamp": TimestampField,
    "float": FloatField,
    "decimal(6)": DecimalField,
    "boolean": BooleanField,
    "JSON": JSONField,
    "color": ColorField,
    "string[]": StringListField,
    "text[]": TextListField,
    "number[]": NumberListField,
}
"""The types of fields that are no relations, by the names they have in the definition of the models."""


def parse_boolean(value: Any) -> bool | None:
    """The boolean that a payload's value stands for, None if it stands for none."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {0: False, 1: True}.get(value)
    return _BOOLEAN_WORDS.get(value.lower()) if isinstance(value, str) else None
