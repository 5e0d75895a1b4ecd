"""Names of the contract: collections, fqids, fields and lock keys (datastore.md, "Vocabulary")."""

import re
from functools import lru_cache

from openslides_backend.embedded.datastore.errors import InvalidFormat

MAX_COLLECTION = 32
MAX_FQID = 48
MAX_FIELD = 128
MAX_FQFIELD = MAX_FQID + 1 + MAX_FIELD
MAX_ID = 2**63 - 1
"""The largest id that the database can hold."""

_COLLECTION = r"[a-z](?:[a-z_]+[a-z])?"
_FIELD = r"[a-z][a-z0-9_]*"
_IS_COLLECTION = re.compile(_COLLECTION)
_IS_FIELD = re.compile(_FIELD)
_IS_FQID = re.compile(rf"({_COLLECTION})/([1-9][0-9]*)")
_IS_COLLECTIONFIELD = re.compile(rf"({_COLLECTION})/({_FIELD})")

WITHOUT_EVENTS = frozenset({"action_worker", "import_preview"})
"""Collections that may be written without position and history."""


def _fits(collection: str, id_: str) -> bool:
    return len(collection) <= MAX_COLLECTION and len(collection) + len(id_) < MAX_FQID and int(id_) <= MAX_ID


def check_collection(value: object) -> str:
    """The value, if it is the name of a collection; raises InvalidFormat if not."""
    if not isinstance(value, str) or len(value) > MAX_COLLECTION or not _IS_COLLECTION.fullmatch(value):
        raise InvalidFormat(f"{value!r:.100} is no collection")
    return value


def check_field(value: object) -> str:
    """The value, if it is the name of a field; raises InvalidFormat if not."""
    if not isinstance(value, str) or len(value) > MAX_FIELD or not _is_field(value):
        raise InvalidFormat(f"{value!r:.100} is no field")
    return value


@lru_cache(maxsize=4096)
def _is_field(value: str) -> bool:
    return _IS_FIELD.fullmatch(value) is not None


def check_writable_field(value: object) -> str:
    """The value, if it is the name of a field that may be written; raises InvalidFormat if not."""
    field = check_field(value)
    if field.startswith("meta_"):
        raise InvalidFormat(f"the field {field!r:.100} is reserved")
    return field


def check_id(value: object) -> int:
    """The value, if it is an id; raises InvalidFormat if not."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_ID:
        raise InvalidFormat(f"{value!r:.100} is no id")
    return value


@lru_cache(maxsize=4096)
def _split(value: str) -> tuple[str, int] | None:
    match = _IS_FQID.fullmatch(value) if len(value) <= MAX_FQID else None
    if match is None or not _fits(match[1], match[2]):
        return None
    return match[1], int(match[2])


def split_fqid(value: object) -> tuple[str, int]:
    """Collection and id of an fqid; raises InvalidFormat if it is none."""
    pair = _split(value) if isinstance(value, str) else None
    if pair is None:
        raise InvalidFormat(f"{value!r:.100} is no fqid")
    return pair


def split_fqfield(value: object) -> tuple[str, int, str]:
    """Collection, id and field of an fqfield; raises InvalidFormat if it is none."""
    fqid, _, field = value.rpartition("/") if isinstance(value, str) and len(value) <= MAX_FQFIELD else ("", "", "")
    # Fields of a model come one after the other, and it is the same model's fqid each time.
    pair = _split(fqid)
    if pair is None:
        raise InvalidFormat(f"{value!r:.100} is no fqfield")
    return *pair, check_field(field)


def split_lock_key(value: str) -> tuple[str, int | None, str | None]:
    """Collection, id and field of a lock's key: no field for an fqid, no id for a collectionfield.

    Raises InvalidFormat if it is neither of them nor an fqfield.
    """
    if value.count("/") == 1:
        if (pair := _split(value)) is not None:
            return *pair, None
        if (match := _IS_COLLECTIONFIELD.fullmatch(value)) is not None and len(match[1]) <= MAX_COLLECTION:
            return match[1], None, check_field(match[2])
    try:
        return split_fqfield(value)
    except InvalidFormat:
        raise InvalidFormat(f"{value!r:.100} can't be locked") from None
