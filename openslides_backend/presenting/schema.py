"""JSON schemas that are compiled when they are needed first: a worker's start pays for none of them."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import fastjsonschema

from openslides_backend.shared.schema_errors import payload_error

Schema = dict[str, Any]


class LazyValidator:
    """Judges values by a JSON schema (draft 7); may be shared between threads."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._lock = Lock()
        self._validate: Callable[[object], object] | None = None

    def validate(self, value: object) -> None:
        """Raises PayloadError if the value doesn't fit the schema."""
        validate = self._validate or self._compile()
        try:
            validate(value)
        except fastjsonschema.JsonSchemaValueException as error:
            raise payload_error(error) from None

    def _compile(self) -> Callable[[object], object]:
        with self._lock:
            if self._validate is None:
                self._validate = fastjsonschema.compile(self.schema, use_default=False)
            return self._validate
