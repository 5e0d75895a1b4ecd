"""Makes a server's database ready before the server starts: waits for one that isn't there yet, but not for ever."""

import logging
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.serve.processes import StopRequested

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
INTERVAL_SECONDS = 2.0
DATABASE_ERRORS = (DatabaseFailure, SQLAlchemyError)
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class DatabaseNotReady(Exception):
    """The database can't be used; the message is one line."""


def prepare_database(
    prepare: Callable[[], None], patience: float = PATIENCE_SECONDS, interval: float = INTERVAL_SECONDS
) -> None:
    """Call `prepare`, which opens a database, until it succeeds; a line tells of each try that fails.

    It is given up after `patience` seconds, and at once where waiting can't help: a file that can't be opened. Raises
    DatabaseNotReady, and StopRequested after SIGTERM or SIGINT.
    """
    deadline = time.monotonic() + patience
    # A signal waits for the end of a try, which is bounded, so that no trace of an interrupted one is all that is told.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        while (error := _try(prepare)) is not None:
            if _is_final(error) or time.monotonic() + interval > deadline:
                raise DatabaseNotReady(reason(error)) from error
            logger.warning("waiting for the database: %s", reason(error))
            if signal.sigtimedwait(_STOP_SIGNALS, interval) is not None:
                raise StopRequested(at_once=True)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)


def reason(error: BaseException) -> str:
    """What the driver says, in one line."""
    *_, first = _causes(error)
    lines = str(first).strip().splitlines() or [type(first).__name__]
    return lines[0].strip()


def _try(prepare: Callable[[], None]) -> Exception | None:
    try:
        prepare()
    except DATABASE_ERRORS as error:
        return error
    return None


def _is_final(error: Exception) -> bool:
    *_, first = _causes(error)
    return isinstance(first, sqlite3.Error) and "locked" not in str(first)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__
