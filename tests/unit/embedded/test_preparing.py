import os
import signal
import sqlite3
from collections.abc import Callable
from threading import Timer

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.embedded.preparing import DatabaseNotReady, prepare_database
from openslides_backend.serve.processes import StopRequested


def wrapped(driver_error: Exception) -> OperationalError:
    error = OperationalError(None, None, driver_error)
    error.__cause__ = driver_error
    return error


AWAY = wrapped(psycopg.OperationalError("connection refused\n\tIs the server running?"))


def failing(error: Exception, times: int = 10**9) -> Callable[[], None]:
    left = [error] * min(times, 1000)

    def prepare() -> None:
        if left:
            raise left.pop()

    return prepare


def test_it_is_tried_until_it_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    prepare_database(failing(AWAY, times=2), patience=30, interval=0.01)
    assert [line.getMessage() for line in caplog.records] == ["waiting for the database: connection refused"] * 2


def test_it_is_given_up_after_a_while() -> None:
    with pytest.raises(DatabaseNotReady) as error:
        prepare_database(failing(AWAY), patience=0.05, interval=0.01)
    assert str(error.value) == "connection refused"


@pytest.mark.parametrize("error", [sqlite3.OperationalError("unable to open"), sqlite3.DatabaseError("no database")])
def test_a_file_that_cant_be_opened_is_not_waited_for(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    failure = DatabaseFailure("cannot prepare the tables")
    failure.__cause__ = wrapped(error)
    with pytest.raises(DatabaseNotReady, match=str(error)):
        prepare_database(failing(failure), patience=30, interval=0.01)
    assert not caplog.records


def test_a_file_that_is_locked_is_waited_for() -> None:
    prepare_database(failing(sqlite_locked(), times=1), patience=30, interval=0.01)


def sqlite_locked() -> Exception:
    return wrapped(sqlite3.OperationalError("database is locked"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_waiting(number: signal.Signals) -> None:
    timer = Timer(0.05, lambda: os.kill(os.getpid(), number))
    timer.start()
    with pytest.raises(StopRequested):
        prepare_database(failing(AWAY), patience=60, interval=30)
    timer.join()


def test_other_errors_are_passed_on() -> None:
    with pytest.raises(ZeroDivisionError):
        prepare_database(failing(ZeroDivisionError()))
