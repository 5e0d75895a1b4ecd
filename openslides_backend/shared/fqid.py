"""Names of stored models: fqid `collection/id` and fqfield `collection/id/field` (datastore.md, "Vocabulary")."""

import re

from openslides_backend.shared.exceptions import BadRequest

MAX_ID = 2**31 - 1
ORGANIZATION_ID = 1
"""The id of the only organization there is."""
ORGANIZATION = f"organization/{ORGANIZATION_ID}"
"""Its fqid."""

_FQID = re.compile(r"([a-z](?:[a-z_]*[a-z])?)/([1-9][0-9]{0,9})")


def make_fqid(collection: str, id_: int) -> str:
    """The fqid of a model."""
    return f"{collection}/{id_}"


def is_fqid(value: object) -> bool:
    """Whether the value is a well-formed fqid with an id that fits the datastore."""
    return isinstance(value, str) and (match := _FQID.fullmatch(value)) is not None and int(match[2]) <= MAX_ID


def split_fqid(fqid: str) -> tuple[str, int]:
    """Collection and id of an fqid.

    Raises BadRequest if it isn't well-formed.
    """
    if not is_fqid(fqid):
        raise BadRequest(f"'{fqid}' is no valid fqid.")
    collection, _, id_ = fqid.partition("/")
    return collection, int(id_)
