"""Errors as the client sees them (http.md, "Errors"), and as the log does."""

import logging
from collections.abc import Sequence

from openslides_backend.shared.exceptions import BackendError, ErrorCode, InternalError

logger = logging.getLogger(__name__)

FAULT_MESSAGE = "The service could not handle the request: an internal error occurred."
"""All that is said about a fault of the service itself."""
_MAX_CHAIN = 10


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


class _Fault(Exception):
    """Stands in for an unexpected error in the log: its type and trace without its message."""


def _without_messages(error: BaseException, depth: int = 0) -> _Fault:
    stand_in = _Fault(type(error).__qualname__).with_traceback(error.__traceback__)
    previous = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if previous is not None and depth < _MAX_CHAIN:
        stand_in.__cause__ = _without_messages(previous, depth + 1)
    return stand_in


def log_fault(doing: str, error: BaseException) -> None:
    """Log the trace of an unexpected error, without its messages: they may hold parts of payloads or stored data."""
    logger.error("fault in %s", doing, exc_info=_without_messages(error))
