"""Errors that the reader and the writer answer with (datastore.md, "Errors")."""

from collections.abc import Sequence
from typing import Any


class DatastoreError(Exception):
    """A request that can't be done (status 400); `type_` and `name` as in the contract, `details` its further keys."""

    type_ = 0
    name = ""

    def __init__(self, **details: Any) -> None:
        super().__init__(self.name, details)
        self.details = details

    def to_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"error": {"type": self.type_, "type_verbose": self.name, **self.details}}


class InvalidFormat(DatastoreError):
    """A name or a value has the wrong form."""

    type_, name = 1, "INVALID_FORMAT"

    def __init__(self, message: str) -> None:
        super().__init__(msg=message)


class InvalidRequest(DatastoreError):
    """The body isn't what the command takes."""

    type_, name = 2, "INVALID_REQUEST"

    def __init__(self, message: str) -> None:
        super().__init__(msg=message)


class ModelDoesNotExist(DatastoreError):
    """The model is not stored, or hidden by the deletion filter."""

    type_, name = 3, "MODEL_DOES_NOT_EXIST"

    def __init__(self, fqid: str) -> None:
        super().__init__(fqid=fqid)


class ModelExists(DatastoreError):
    """The fqid was used before."""

    type_, name = 4, "MODEL_EXISTS"

    def __init__(self, fqid: str) -> None:
        super().__init__(fqid=fqid)


class ModelNotDeleted(DatastoreError):
    """A live model can't be restored."""

    type_, name = 5, "MODEL_NOT_DELETED"

    def __init__(self, fqid: str) -> None:
        super().__init__(fqid=fqid)


class LocksBroken(DatastoreError):
    """Something that the request relies on was changed in the meantime."""

    type_, name = 6, "MODEL_LOCKED"

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(keys=list(keys))


class DatastoreNotEmpty(DatastoreError):
    """A migration index can be set in an empty datastore only."""

    type_, name = 8, "DATASTORE_NOT_EMPTY"

    def __init__(self, message: str) -> None:
        super().__init__(msg=message)


class NotAllowed(Exception):
    """The command is for development mode only (403)."""


class DatabaseFailure(Exception):
    """The database failed or can't be reached (500)."""
