"""Errors that end a request, by the HTTP status they are answered with (http.md, "Errors")."""

from collections.abc import Sequence


class BackendError(Exception):
    """Base of all errors that are answered to the client in the JSON error form.

    `action_error_index` is the index of the action in the batch and `action_data_error_index` the index of the element
    in its data, both unset where no single one is to blame. They are filled in by the action handler.
    """

    status = 400

    def __init__(
        self, message: str, *, action_error_index: int | None = None, action_data_error_index: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.action_error_index = action_error_index
        self.action_data_error_index = action_data_error_index


class BadRequest(BackendError):
    """The request is malformed or breaks a rule of the domain (400)."""


class PayloadError(BadRequest):
    """A payload or one of its fields doesn't fit its schema (400)."""


class ModelDoesNotExist(BadRequest):
    """A model that the request needs isn't stored, or is deleted (400)."""

    def __init__(self, fqid: str) -> None:
        super().__init__(f"Model '{fqid}' does not exist.")
        self.fqid = fqid


class ProtectedModels(BadRequest):
    """A deletion is refused because other models forbid it (400, engine.md "Deleting")."""

    def __init__(self, fqid: str, protected: Sequence[str]) -> None:
        super().__init__(f"{fqid} can not be deleted: these models need it: {', '.join(protected)}.")
        self.protected = tuple(protected)


class ServiceError(BackendError):
    """Another service failed, did not answer in time or answered rubbish (400, fail closed)."""


class PermissionDenied(BackendError):
    """The user may not do it (403)."""

    status = 403


class AuthenticationFailed(BackendError):
    """The credentials are bad or expired, or their session has ended (403)."""

    status = 403


class Unauthorized(BackendError):
    """The internal password is wrong or missing (401)."""

    status = 401


class NotFound(BackendError):
    """No such route (404)."""

    status = 404


class PayloadTooLarge(BackendError):
    """The body is over the configured limit (413)."""

    status = 413


class InternalError(BackendError):
    """A fault of the service itself that may be named to the client (500)."""

    status = 500


class ModelLocked(Exception):
    """The writer found locks broken (datastore.md, error 6): the batch must be computed again from fresh data."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"locked: {', '.join(keys)}")
        self.keys = tuple(keys)
