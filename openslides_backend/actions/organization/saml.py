"""Form of `organization.saml_attr_mapping`: how attributes of an identity provider become fields of users."""

from collections.abc import Iterable

from openslides_backend.actions.user.saml_mapping import ACCOUNT_FIELDS
from openslides_backend.engine.payload import Schema

_TEXT: Schema = {"type": ["string", "null"], "minLength": 1}


def _object(properties: Schema, required: Iterable[str] = ()) -> Schema:
    """An object, or null, with no other keys."""
    return {
        "type": ["object", "null"],
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": items}


def _texts(*names: str) -> Schema:
    return dict.fromkeys(names, _TEXT)


_VALUE = _object(_texts("attribute", "default"))
_CONDITION: Schema = {"type": ["object", "null"], "properties": _texts("attribute", "condition")}
_MAPPINGS = _object(
    {
        **dict.fromkeys(("number", "comment", "vote_weight", "present"), _VALUE),
        **dict.fromkeys(("groups", "structure_levels"), _list(_VALUE)),
    }
)
_MEETING_MAPPER: Schema = {
    **_object(
        {**_texts("external_id", "name", "allow_update"), "conditions": _list(_CONDITION), "mappings": _MAPPINGS},
        required=["external_id"],
    ),
    "type": "object",
}

SAML_ATTR_MAPPING = _object(
    {**_texts(*ACCOUNT_FIELDS), "meeting_mappers": _list(_MEETING_MAPPER)}, required=["saml_id"]
)
"""JSON schema of the field."""
