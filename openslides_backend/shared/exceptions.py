"""Errors that end a request, by the HTTP status they are answered with (http.md, "Errors")."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

RETRY_AFTER_SECONDS = 5
"""When a client may try again what failed because of another service."""


class ErrorCode(StrEnum):
    """What programs tell errors apart by; docs/errors.md says what each means to a client."""

    BAD_REQUEST = "bad_request"
    INVALID_PAYLOAD = "invalid_payload"
    MODEL_DOES_NOT_EXIST = "model_does_not_exist"
    PROTECTED_MODELS = "protected_models"
    CONFLICT = "conflict"
    UNAUTHORIZED = "unauthorized"
    PERMISSION_DENIED = "permission_denied"
    AUTHENTICATION_FAILED = "authentication_failed"
    INCOMPLETE_CREDENTIALS = "incomplete_credentials"
    TOO_MANY_LOGINS = "too_many_logins"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TIMEOUT = "request_timeout"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    INTERNAL_ERROR = "internal_error"
    SERVICE_UNAVAILABLE = "service_unavailable"
    BUSY = "busy"


class BackendError(Exception):
    """Base of all errors that are answered to the client in the JSON error form.

    `action_error_index` is the index of the action in the batch and `action_data_error_index` the index of the element
    in its data, both unset where no single one is to blame. They are filled in by the action handler, as
    `presenter_error_index`, the index of the question in a batch of presenters, is by the presenters' one. `field` is
    the key of the element that is to blame, if one is. `code` is that of the class unless the error has one of its own.
    `retry_after` is in seconds, unset where trying again makes no sense.
    """

    status: ClassVar[int] = 400
    default_code: ClassVar[ErrorCode] = ErrorCode.BAD_REQUEST
    retry_after: ClassVar[int | None] = None

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: ErrorCode | None = None,
        action_error_index: int | None = None,
        action_data_error_index: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or self.default_code
        self.action_error_index = action_error_index
        self.action_data_error_index = action_data_error_index
        self.presenter_error_index: int | None = None

    def as_json(self) -> dict[str, object]:
        """The form in which clients see it; what isn't known is absent."""
        body: dict[str, object] = {"success": False, "message": self.message, "code": self.code.value}
        for name in ("field", "action_error_index", "action_data_error_index", "presenter_error_index"):
            value = getattr(self, name)
            if value is not None:
                body[name] = value
        return body


class BadRequest(BackendError):
    """The request is malformed or breaks a rule of the domain (400)."""


class InvalidField(BadRequest):
    """The value of a field breaks a rule (400); the message begins with the field's name."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}", field=field)


class PayloadError(BadRequest):
    """A payload or one of its fields doesn't fit its schema (400)."""

    default_code = ErrorCode.INVALID_PAYLOAD


class ModelDoesNotExist(BadRequest):
    """A model that the request needs isn't stored, or is deleted (400)."""

    default_code = ErrorCode.MODEL_DOES_NOT_EXIST

    def __init__(self, fqid: str, field: str | None = None) -> None:
        super().__init__(f"Model '{fqid}' does not exist.", field=field)
        self.fqid = fqid


class ProtectedModels(BadRequest):
    """A deletion is refused because other models forbid it (400, engine.md "Deleting")."""

    default_code = ErrorCode.PROTECTED_MODELS

    def __init__(self, fqid: str, protected: Sequence[str]) -> None:
        super().__init__(f"{fqid} can not be deleted: these models need it: {', '.join(protected)}.")
        self.fqid = fqid
        self.protected = tuple(protected)


class ServiceError(BackendError):
    """Another service failed, did not answer in time or answered rubbish (503, fail closed)."""

    status = 503
    default_code = ErrorCode.SERVICE_UNAVAILABLE
    retry_after = RETRY_AFTER_SECONDS


class PermissionDenied(BackendError):
    """The user may not do it (403)."""

    status = 403
    default_code = ErrorCode.PERMISSION_DENIED


class AuthenticationFailed(BackendError):
    """The credentials are bad or expired, or their session has ended (403)."""

    status = 403
    default_code = ErrorCode.AUTHENTICATION_FAILED


class Unauthorized(BackendError):
    """The internal password is wrong or missing (401)."""

    status = 401
    default_code = ErrorCode.UNAUTHORIZED


class NotFound(BackendError):
    """No such route (404)."""

    status = 404
    default_code = ErrorCode.NOT_FOUND


class RequestTimeout(BackendError):
    """The body came too slowly (408)."""

    status = 408
    default_code = ErrorCode.REQUEST_TIMEOUT


class Overload(BackendError):
    """There is too much to do: the request wasn't begun (503)."""

    status = 503
    default_code = ErrorCode.BUSY
    retry_after = RETRY_AFTER_SECONDS


class PayloadTooLarge(BackendError):
    """The body is over the configured limit (413)."""

    status = 413
    default_code = ErrorCode.PAYLOAD_TOO_LARGE


class InternalError(BackendError):
    """A fault of the service itself that may be named to the client (500)."""

    status = 500
    default_code = ErrorCode.INTERNAL_ERROR


class ModelLocked(Exception):
    """The writer found locks broken (datastore.md, error 6): the batch must be computed again from fresh data."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"locked: {', '.join(keys)}")
        self.keys = tuple(keys)
