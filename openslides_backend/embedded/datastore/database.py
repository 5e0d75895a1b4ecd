"""The database below the store: connections, transactions and the differences between SQLite and PostgreSQL.

SQLAlchemy makes the tables and the connections. Statements are constant texts that run on the driver's own cursor:
building or looking up an expression for each of them would cost more than SQLite takes to answer it. They are written
with `?` for parameters and in what both databases understand.
"""

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, PoolProxiedConnection

from openslides_backend.embedded.datastore.errors import DatabaseFailure
from openslides_backend.embedded.datastore.schema import METADATA

logger = logging.getLogger(__name__)

T = TypeVar("T")
Row = Sequence[Any]

_POSTGRES_ARGUMENTS: dict[str, Any] = {"connect_timeout": 5}
_SQLITE_ARGUMENTS: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "timeout": 30}
_SET_UP_POSTGRES = "SET enable_seqscan = off; SET jit = off"
"""A statement that has run some times keeps its plan. One of the time when a table was empty may read it as a whole,
and goes on with that when it is large. There is an index for each statement that needs one. Those that need none are
taken for so expensive then that they would be compiled first."""
_SET_UP_POSTGRES_FOR_READING = f"{_SET_UP_POSTGRES}; SET synchronous_commit = off"

SCHEMA_LOCK = 0x6F736473
"""Advisory lock of PostgreSQL under which the tables are made: several processes may start at the same time."""


class Cursor(Protocol):
    """What is used of the drivers' cursors."""

    def execute(self, statement: Any, parameters: Any = ..., /) -> Any: ...
    def executemany(self, statement: Any, parameters: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def nextset(self) -> Any: ...
    @property
    def connection(self) -> Any: ...
    def fetchone(self) -> Any: ...


@lru_cache(maxsize=512)
def _postgres_text(statement: str) -> str:
    return statement.replace("?", "%s")


class Session:
    """One transaction: runs statements, nothing else.

    With PostgreSQL each statement is a round trip, which takes longer than the statement itself. So the transaction
    begins along with its first statement, and what is written waits for the next reading or the commit.
    """

    __slots__ = ("_begin", "_cursor", "_waiting", "postgres")

    def __init__(self, cursor: Cursor, postgres: bool) -> None:
        self._cursor = cursor
        self._begin = ""
        self._waiting: list[tuple[str, list[Row]]] = []
        self.postgres = postgres

    def begin(self, statement: str) -> None:
        """Begin a transaction with this statement."""
        self._waiting = []
        self._begin = statement if self.postgres else ""
        if not self.postgres:
            self._cursor.execute(statement)

    def commit(self) -> None:
        """Send what waits and end the transaction."""
        if self._begin and not self._waiting:
            self._begin = ""
        elif self.postgres:
            self._send_waiting("COMMIT")
        else:
            self._cursor.execute("COMMIT")

    def roll_back(self) -> None:
        """End the transaction without effect."""
        self._waiting = []
        if self._begin:
            self._begin = ""
        else:
            self._cursor.execute("ROLLBACK")

    def run(self, statement: str, parameters: Row = ()) -> None:
        """Run a statement for its effect."""
        self.many(statement, [parameters])

    def many(self, statement: str, parameters: Iterable[Row]) -> None:
        """Run a statement once for each set of parameters, in order, for its effect."""
        prepared = list(parameters)
        if self.postgres:
            self._waiting.append((_postgres_text(statement), prepared))
        elif len(prepared) == 1:
            self._cursor.execute(statement, prepared[0])
        else:
            self._cursor.executemany(statement, prepared)

    def rows(self, statement: str, parameters: Row = ()) -> list[Any]:
        """All rows of a query."""
        self._query(statement, parameters)
        return self._cursor.fetchall()

    def row(self, statement: str, parameters: Row = ()) -> Any:
        """The first row of a query, or None."""
        self._query(statement, parameters)
        return self._cursor.fetchone()

    def _query(self, statement: str, parameters: Row) -> None:
        if not self.postgres:
            self._cursor.execute(statement, parameters)
            return
        if self._begin and not parameters and not self._waiting:
            begin, self._begin = self._begin, ""
            self._cursor.execute(f"{begin}; {statement}")
            self._cursor.nextset()
            return
        if self._begin or self._waiting:
            self._send_waiting()
        self._cursor.execute(_postgres_text(statement), parameters)

    def _send_waiting(self, last: str = "") -> None:
        """Send what waits in one go."""
        begin, self._begin = self._begin, ""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            self._cursor.execute(begin or last)
            return
        with self._cursor.connection.pipeline():
            if begin:
                self._cursor.execute(begin)
            for statement, parameters in waiting:
                if len(parameters) == 1:
                    self._cursor.execute(statement, parameters[0])
                else:
                    self._cursor.executemany(statement, parameters)
            if last:
                self._cursor.execute(last)


class _TooManyStatements(Exception):
    """Work that was expected to be one query needs more."""


class _ConnectionLost(Exception):
    """The connection broke before anything was committed."""


class _SingleQuery(Session):
    """Runs one query without a transaction."""

    __slots__ = ("_used",)

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor, postgres=True)
        self._used = False

    def _query(self, statement: str, parameters: Row) -> None:
        if self._used:
            raise _TooManyStatements
        self._used = True
        super()._query(statement, parameters)


class _Connection:
    """A connection, used by one thread at a time; `durable` tells whether its commits wait for the disk."""

    def __init__(self, engine: Engine, postgres: bool) -> None:
        self.durable = True
        self.proxied: PoolProxiedConnection = engine.raw_connection()
        driver: Any = self.proxied.driver_connection
        if postgres:
            driver.autocommit = True
        self.driver = driver
        self.cursor: Cursor = driver.cursor()
        self.session = Session(self.cursor, postgres)

    @property
    def broken(self) -> bool:
        return bool(getattr(self.driver, "closed", False))


class _Place:
    """Where a connection is kept; `durable` tells whether commits of PostgreSQL wait for the disk there."""

    def __init__(self, *, durable: bool) -> None:
        self.durable = durable
        self.connection: _Connection | None = None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.proxied.close()
            self.connection = None


class Database:
    """Transactions on the database that the URL names; safe to be shared between threads.

    Whoever reads has a connection to itself as long as that takes; there are as many as ever read at the same time. All
    write over the same one, in turn: whatever one of them has written is in its cache when the next one comes.

    No connection belongs to a thread, above all not by `threading.local`: a thread that ends would close it, which is
    the end of the process (docs/datastore.md, "Connections and threads").

    Raises DatabaseFailure where the database fails or can't be reached.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.postgres = parsed.get_backend_name() == "postgresql"
        # The driver of PostgreSQL is loaded only where it is used.
        self._driver_error: type[Exception] = import_module("psycopg").Error if self.postgres else sqlite3.Error
        arguments = _POSTGRES_ARGUMENTS if self.postgres else _SQLITE_ARGUMENTS
        self._engine = create_engine(parsed, poolclass=NullPool, connect_args=arguments)
        self._for_reading: deque[_Place] = deque()
        self._for_writing = _Place(durable=True)
        self._writing = threading.Lock()
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
                    text(
                        "INSERT INTO state (id, position, migration_index, indexes) VALUES (1, 0, 0, '')"
                        " ON CONFLICT DO NOTHING"
                    )
                )
        except (SQLAlchemyError, self._driver_error) as error:
            raise DatabaseFailure(f"cannot prepare the tables: {error}") from error

    def read(self, work: Callable[[Session], T]) -> T:
        """Run the work on one snapshot of the data."""
        return self._with_place(lambda place: self._transaction(place, self._begin_read, work))

    def read_once(self, work: Callable[[Session], T]) -> T:
        """The same for work that is most likely a single query, which needs no transaction to see one snapshot."""
        if self.postgres:
            try:
                return self._with_place(lambda place: self._run_alone(place, work))
            except (_TooManyStatements, _ConnectionLost, SQLAlchemyError, self._driver_error):
                logger.debug("a read is repeated as a transaction")
        return self.read(work)

    def run_once(self, work: Callable[[Session], T]) -> T:
        """Run work on PostgreSQL that is one statement, committed by itself.

        It survives the end of any process. That of the machine it survives only along with the next writing that is
        committed as durable.
        """
        return self._with_place(lambda place: self._persistently(lambda: self._run_alone(place, work)))

    def write(self, work: Callable[[Session], T], *, durable: bool = True) -> T:
        """Run the work and commit.

        When this returns, the work survives the end of any process, and if `durable` also that of the machine; what is
        not durable becomes so with the next transaction that is.
        """
        with self._writing:
            return self._transaction(self._for_writing, self._begin_write, work, durable=durable or self.postgres)

    def close(self) -> None:
        """Close all connections that aren't in use."""
        while self._for_reading:
            self._for_reading.pop().close()
        with self._writing:
            self._for_writing.close()

    def _with_place(self, read: Callable[[_Place], T]) -> T:
        """Read over the connection that was used last among those that are free, or over a new one."""
        try:
            place = self._for_reading.pop()
        except IndexError:
            place = _Place(durable=False)
        try:
            return read(place)
        finally:
            self._for_reading.append(place)

    def _transaction(self, place: _Place, begin: str, work: Callable[[Session], T], *, durable: bool = True) -> T:
        return self._persistently(lambda: self._attempt(place, begin, work, durable))

    def _persistently(self, attempt: Callable[[], T]) -> T:
        """The result of an attempt, or of a second one if the connection was lost; raises DatabaseFailure."""
        try:
            try:
                return attempt()
            except _ConnectionLost:
                logger.info("the connection to the database was lost and is made anew")
                return attempt()
        except (SQLAlchemyError, self._driver_error) as error:
            raise DatabaseFailure(str(error)) from error
        except _ConnectionLost as error:
            raise DatabaseFailure(str(error.__cause__)) from error

    def _run_alone(self, place: _Place, work: Callable[[Session], T]) -> T:
        """Work that is one statement; raises _TooManyStatements if it is more, and _ConnectionLost."""
        connection = self._connect(place)
        try:
            return work(_SingleQuery(connection.cursor))
        except self._driver_error as error:
            if connection.broken:
                raise _ConnectionLost from error
            raise

    def _attempt(self, place: _Place, begin: str, work: Callable[[Session], T], durable: bool) -> T:
        """One transaction; raises _ConnectionLost if that is what ended it and nothing was committed."""
        connection = self._connect(place)
        session = connection.session
        try:
            if connection.durable != durable:
                connection.cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                connection.durable = durable
            session.begin(begin)
            result = work(session)
        except BaseException as error:
            self._roll_back(place, connection)
            if connection.broken and isinstance(error, self._driver_error):
                raise _ConnectionLost from error
            raise
        try:
            session.commit()
        except BaseException:
            self._roll_back(place, connection)
            raise
        return result

    def _connect(self, place: _Place) -> _Connection:
        """The connection of the place."""
        if place.connection is None or place.connection.broken:
            place.connection = _Connection(self._engine, self.postgres)
            if self.postgres:
                place.connection.cursor.execute(_SET_UP_POSTGRES if place.durable else _SET_UP_POSTGRES_FOR_READING)
        return place.connection

    def _roll_back(self, place: _Place, connection: _Connection) -> None:
        try:
            connection.session.roll_back()
        except self._driver_error:
            connection.proxied.invalidate()
            place.connection = None


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
