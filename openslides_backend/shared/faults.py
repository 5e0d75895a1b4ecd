"""What the log tells of errors that nobody expected."""

import logging

logger = logging.getLogger(__name__)

_MAX_CHAIN = 10


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
