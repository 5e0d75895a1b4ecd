"""Payload schemas, made from model fields (engine.md, "One batch" and "Field types")."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import cached_property
from typing import Any, Self

import fastjsonschema

from openslides_backend.models.base import Model
from openslides_backend.models.fields import FieldError, HTMLStrictField
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.fqid import MAX_ID
from openslides_backend.shared.schema_errors import payload_error
from openslides_backend.shared.typing import Fields

Schema = dict[str, Any]

ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
OPTIONAL_ID: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_ID}
IDS: Schema = {"type": "array", "items": ID, "uniqueItems": True}
BOOLEAN: Schema = {"type": "boolean"}


class Payload:
    """What the elements of an action may hold.

    `required` and `optional` name fields of the model, which are validated and cleaned as such. `required_keys` are
    fields whose key must be there but may be null; `not_null` optional fields that may not be null. `extra_required`
    and `extra_optional` are further keys with their JSON schemas, which aren't stored by themselves. `narrowed` are
    JSON schemas of fields of which the model tells less. Unknown keys are refused. The schema is built and compiled on
    first use.
    """

    def __init__(
        self,
        model: type[Model],
        required: Iterable[str] = (),
        optional: Iterable[str] = (),
        *,
        required_keys: Iterable[str] = (),
        not_null: Iterable[str] = (),
        extra_required: Mapping[str, Schema] | None = None,
        extra_optional: Mapping[str, Schema] | None = None,
        narrowed: Mapping[str, Schema] | None = None,
    ) -> None:
        self.model = model
        self.required = tuple(required)
        self.required_keys = tuple(required_keys)
        self.optional = tuple(optional)
        self.not_null = tuple(not_null)
        self.extra_required = dict(extra_required or {})
        self.extra_optional = dict(extra_optional or {})
        self.narrowed = dict(narrowed or {})

    def with_keys(self, optional: Mapping[str, Schema]) -> Self:
        """The same payload with further optional keys, which aren't stored by themselves."""
        extended = copy(self)
        extended.extra_optional = {**self.extra_optional, **optional}
        return extended

    @cached_property
    def element_schema(self) -> Schema:
        """JSON schema (draft-07) of one element."""
        strict, lenient = (*self.required, *self.not_null), (*self.required_keys, *self.optional)
        properties: Schema = {name: self._field_schema(name, True) for name in strict}
        properties.update({name: self._field_schema(name, False) for name in lenient})
        properties.update(self.narrowed)
        properties.update(self.extra_required)
        properties.update(self.extra_optional)
        return {
            "type": "object",
            "properties": properties,
            "required": [*self.required, *self.required_keys, *self.extra_required],
            "additionalProperties": False,
        }

    @property
    def definitions(self) -> Schema:
        """Parts of the schema that refer to themselves (`#/definitions/...`)."""
        return {}

    @cached_property
    def schema(self) -> Schema:
        """JSON schema of the whole data array of an action."""
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "array",
            "items": self.element_schema,
            **({"definitions": self.definitions} if self.definitions else {}),
        }

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Names of the model fields that an element may hold."""
        return (*self.required, *self.required_keys, *self.optional, *self.not_null)

    @cached_property
    def extra(self) -> set[str]:
        """Keys that are no fields of the model, or are not meant to be stored by themselves."""
        return {*self.extra_required, *self.extra_optional}

    def clean(self, element: Any) -> Fields:
        """The element, validated and with its model fields cleaned but for HTML, as a new object.

        Raises PayloadError naming the field.
        """
        try:
            self._validate(element)
        except fastjsonschema.JsonSchemaValueException as error:
            raise payload_error(error) from None
        cleaned: Fields = dict(element)
        for name in self.fields:
            if name in cleaned:
                cleaned[name] = self._clean_field(name, cleaned[name])
        return cleaned

    def clean_html(self, element: Fields) -> None:
        """Clean the HTML in the element's model fields, in place.

        Raises PayloadError naming the field.
        """
        for field in self._html_fields:
            if isinstance(text := element.get(field.name), str):
                try:
                    element[field.name] = field.clean_html(text)
                except FieldError as error:
                    raise PayloadError(str(error), field=field.name) from error

    @cached_property
    def _html_fields(self) -> tuple[HTMLStrictField, ...]:
        fields = (self.model.fields[name] for name in self.fields)
        return tuple(field for field in fields if isinstance(field, HTMLStrictField))

    def _clean_field(self, name: str, value: Any) -> Any:
        try:
            return self.model.fields[name].clean(value)
        except FieldError as error:
            raise PayloadError(str(error), field=name) from error

    def _field_schema(self, name: str, required: bool) -> Schema:
        return ID if name == "id" else self.model.fields[name].payload_schema(required)

    @cached_property
    def _validate(self) -> Callable[[Any], Any]:
        validate: Callable[[Any], Any] = fastjsonschema.compile(
            {**self.element_schema, "definitions": self.definitions}, use_default=False
        )
        return validate
