"""The database below the store: connections, transactions and the differences between SQLite and PostgreSQL.

SQLAlchemy makes the tables and the connections. Statements are constant texts that run on the driver's own cursor:
building or looking up an expression for each of them would cost more than SQLite takes to answer it. They are written
with `?` for parameters and in what both databases understand.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.embedded.datastore.schema import METADATA

logger = logging.getLogger(__name__)

T = TypeVar("T")
Row = Sequence[Any]

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error)

SCHEMA_LOCK = 0x6F736473
"""Advisory lock of PostgreSQL under which the tables are made: several processes may start at the same time."""


class Cursor(Protocol):
    """What is used of the drivers' cursors."""

    def execute(self, statement: Any, parameters: Any = ..., /) -> Any: ...
    def executemany(self, statement: Any, parameters: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def fetchone(self) -> Any: ...


@lru_cache(maxsize=512)
def _postgres_text(statement: str) -> str:
    return statement.replace("?", "%s")


class Session:
    """One transaction: runs statements, nothing else."""

    __slots__ = ("_cursor", "postgres")

    def __init__(self, cursor: Cursor, postgres: bool) -> None:
        self._cursor = cursor
        self.postgres = postgres

    def run(self, statement: str, parameters: Row = ()) -> None:
        """Run a statement for its effect."""
        self._cursor.execute(_postgres_text(statement) if self.postgres else statement, parameters)

    def many(self, statement: str, parameters: Iterable[Row]) -> None:
        """Run a statement once for each set of parameters, in order."""
        prepared = list(parameters)
        if len(prepared) == 1:
            self.run(statement, prepared[0])
        else:
            self._cursor.executemany(_postgres_text(statement) if self.postgres else statement, prepared)

    def rows(self, statement: str, parameters: Row = ()) -> list[Any]:
        """All rows of a query."""
        self.run(statement, parameters)
        return self._cursor.fetchall()

    def row(self, statement: str, parameters: Row = ()) -> Any:
        """The first row of a query, or None."""
        self.run(statement, parameters)
        return self._cursor.fetchone()


class _Connection:
    """A connection of one thread."""

    def __init__(self, engine: Engine, postgres: bool) -> None:
        self.proxied: PoolProxiedConnection = engine.raw_connection()
        driver: Any = self.proxied.driver_connection
        if postgres:
            driver.autocommit = True
        self.driver = driver
        self.session = Session(driver.cursor(), postgres)

    @property
    def broken(self) -> bool:
        return bool(getattr(self.driver, "closed", False))


class Database:
    """Transactions on the database that the URL names; safe to be shared between threads.

    Raises DatabaseFailure where the database fails or can't be reached.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.postgres = parsed.get_backend_name() == "postgresql"
        arguments = {} if self.postgres else {"isolation_level": None, "check_same_thread": False, "timeout": 30}
        self._engine = create_engine(parsed, poolclass=NullPool, connect_args=arguments)
        self._local = threading.local()
        self._begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if self.postgres else "BEGIN"
        self._begin_write = "BEGIN" if self.postgres else "BEGIN IMMEDIATE"
        if not self.postgres:
            event.listen(self._engine, "connect", _set_up_sqlite)

    def create_tables(self) -> None:
        """Make what is missing; safe when several processes do it at the same time."""
        try:
            with self._engine.begin() as connection:
                if self.postgres:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
                else:
                    connection.execute(text("BEGIN IMMEDIATE"))
                METADATA.create_all(connection)
                connection.execute(
                    text("INSERT INTO state (id, position, migration_index) VALUES (1, 0, 1) ON CONFLICT DO NOTHING")
                )
        except (SQLAlchemyError, *DRIVER_ERRORS) as error:
            raise DatabaseFailure(f"cannot prepare the tables: {error}") from error

    def read(self, work: Callable[[Session], T]) -> T:
        """Run the work on one snapshot of the data."""
        return self._transaction(self._begin_read, work)

    def write(self, work: Callable[[Session], T]) -> T:
        """Run the work and commit; durable when this returns."""
        return self._transaction(self._begin_write, work)

    def close(self) -> None:
        """Close this thread's connection; those of other threads end with their threads."""
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.proxied.close()

    def _transaction(self, begin: str, work: Callable[[Session], T]) -> T:
        try:
            connection = self._begin(begin)
        except (SQLAlchemyError, *DRIVER_ERRORS) as error:
            raise DatabaseFailure(str(error)) from error
        session = connection.session
        try:
            result = work(session)
            session.run("COMMIT")
        except DRIVER_ERRORS as error:
            self._roll_back(connection)
            raise DatabaseFailure(str(error)) from error
        except BaseException:
            self._roll_back(connection)
            raise
        return result

    def _begin(self, begin: str) -> _Connection:
        """Begin on this thread's connection; on a new one where the old one was lost, as nothing is done yet."""
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            try:
                connection.session.run(begin)
            except DRIVER_ERRORS:
                if not connection.broken:
                    raise
                self._forget(connection)
            else:
                return connection
        connection = _Connection(self._engine, self.postgres)
        connection.session.run(begin)
        self._local.connection = connection
        return connection

    def _roll_back(self, connection: _Connection) -> None:
        try:
            connection.session.run("ROLLBACK")
        except DRIVER_ERRORS:
            self._forget(connection)

    def _forget(self, connection: _Connection) -> None:
        self._local.connection = None
        connection.proxied.invalidate()


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "cache_size=-32000",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
