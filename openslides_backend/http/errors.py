"""Errors as the client sees them (http.md, "Errors")."""

from collections.abc import Sequence

from openslides_backend.shared.exceptions import BackendError, ErrorCode, InternalError

FAULT_MESSAGE = "The service could not handle the request: an internal error occurred."
"""All that is said about a fault of the service itself."""


class MethodNotAllowed(BackendError):
    """The route exists, but not with this method (405)."""

    status = 405
    default_code = ErrorCode.METHOD_NOT_ALLOWED

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"Method not allowed. Use one of {', '.join(allowed)}.")
        self.allowed = tuple(allowed)


def fault() -> InternalError:
    """The error that stands for whatever wasn't expected."""
    return InternalError(FAULT_MESSAGE)
