"""What is told about values that don't fit their schemas."""

from typing import Any

import fastjsonschema
import pytest

from openslides_backend.shared.exceptions import ErrorCode
from openslides_backend.shared.schema_errors import payload_error

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "kind": {"enum": ["a", "b", None]},
        "fixed": {"const": True},
        "tree": {"type": "array", "items": {"type": "object", "required": ["id"]}},
    },
    "required": ["id"],
    "additionalProperties": False,
}
VALIDATE = fastjsonschema.compile(SCHEMA)


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({}, "id", "data must contain id."),
        ({"id": "1"}, "id", "data.id must be integer."),
        ({"id": 0}, "id", "data.id must be bigger than or equal to 1."),
        ({"id": 1, "z": 1, "y": 2}, "y", "data must not contain y, z."),
        ({"id": 1, "kind": "c"}, "kind", "data.kind must be one of a, b, null."),
        ({"id": 1, "fixed": "c"}, "fixed", "data.fixed must be true."),
        ({"id": 1, "tree": [{}]}, "tree", "data.tree[0] must contain id."),
        ([], None, "data must be object."),
    ],
)
def test_the_key_to_blame_is_named(value: Any, field: str | None, message: str) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaValueException) as raised:
        VALIDATE(value)
    error = payload_error(raised.value)
    assert (error.message, error.field, error.code) == (message, field, ErrorCode.INVALID_PAYLOAD)


def test_many_long_keys_make_no_long_message() -> None:
    with pytest.raises(fastjsonschema.JsonSchemaValueException) as raised:
        VALIDATE({"id": 1, **{"x" * 10_000 + str(number): 1 for number in range(100)}})
    error = payload_error(raised.value)
    assert len(error.message) <= 500
    assert error.field == "x" * 100
