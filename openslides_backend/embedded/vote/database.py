"""The database of the vote service: its tables, and transactions that are durable once they are committed."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from openslides_backend.embedded.vote.errors import Internal

logger = logging.getLogger(__name__)

METADATA = MetaData()

ROUNDS = Table(
    "vote_round",
    METADATA,
    Column("poll_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
    Column("seal_check", LargeBinary, nullable=False),
    Column("named", Boolean, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    Column("stopped", Boolean, nullable=False),
)
"""The known polls. `token` is random and of this round only, `size` what sealed ballots are padded to."""

VOTERS = Table(
    "vote_voter",
    METADATA,
    Column("poll_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Whose vote was cast: the represented users."""

BALLOTS = Table(
    "vote_ballot",
    METADATA,
    Column("poll_id", BigInteger, primary_key=True, autoincrement=False),
    Column("id", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The sealed ballots; `id` is random."""

_TIMEOUT_SECONDS = 5
_SCHEMA_LOCK = 0x6F737674
"""Advisory lock of PostgreSQL under which the tables are made: several replicas may start at the same time."""
_ERASE_SECONDS = 2.0
_ERASE_INTERVAL = 0.02
_POSTGRES_OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        "synchronous_commit=on",
        f"statement_timeout={_TIMEOUT_SECONDS}s",
        f"lock_timeout={_TIMEOUT_SECONDS}s",
        "default_transaction_isolation=read\\ committed",
        # Plans are kept; those of empty tables must do for full ones, as in the datastore.
        "enable_seqscan=off",
        "jit=off",
    )
)


class Database:
    """Transactions on the database that the URL names; safe to be shared between threads.

    Those that write run one after the other in this process. Any failure of the database is told by `Internal`.
    """

    def __init__(self, url: str) -> None:
        self._engine = _create_engine(url)
        self.postgres = self._engine.dialect.name == "postgresql"
        self._writing = threading.Lock()
        self._for_writing = self._engine.execution_options(writes=True)
        with self.write() as connection:
            if self.postgres:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
            METADATA.create_all(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on disk when the block is left, or has left nothing behind.

        Raises Internal.
        """
        with self._writing, _told_as_internal(), self._for_writing.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads.

        Raises Internal.
        """
        with _told_as_internal(), self._engine.begin() as connection:
            yield connection

    def erase(self) -> bool:
        """Leave nothing of deleted rows in the database's files; whether that was possible right now."""
        try:
            return self._vacuum() if self.postgres else self._empty_log()
        except (SQLAlchemyError, sqlite3.Error) as error:
            logger.warning("what was deleted could not be erased yet: %s", type(error).__name__)
            return False

    def _vacuum(self) -> bool:
        """Write the tables anew, without dead rows; they are kept as long as an older transaction might see them."""
        deadline = time.monotonic() + _ERASE_SECONDS
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            now = connection.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one()
            oldest = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            while connection.execute(oldest).scalar_one() < now:
                if time.monotonic() > deadline:
                    logger.warning("what was deleted can't be erased yet: a transaction of the server is still running")
                    return False
                time.sleep(_ERASE_INTERVAL)
            for table in (BALLOTS, VOTERS, ROUNDS):
                connection.execute(text(f"VACUUM (FULL) {table.name}"))
        return True

    def _empty_log(self) -> bool:
        """Deleted rows are overwritten with zeros in the database itself; the log still has them."""
        deadline = time.monotonic() + _ERASE_SECONDS
        with self._writing:
            while True:
                connection = self._engine.raw_connection()
                try:
                    busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                finally:
                    connection.close()
                if not busy:
                    return True
                if time.monotonic() > deadline:
                    return False
                time.sleep(_ERASE_INTERVAL)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


@contextmanager
def _told_as_internal() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # Its text may quote parameters.
        logger.error("the database failed: %s", _cause(error))  # noqa: TRY400
        raise Internal("The database of the vote service failed.") from None


def _cause(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    return type(error).__name__ if original is None else f"{type(error).__name__} from {type(original).__name__}"


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(
        parsed,
        pool_pre_ping=True,
        pool_timeout=_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _TIMEOUT_SECONDS,
            "tcp_user_timeout": _TIMEOUT_SECONDS * 1000,
            "options": _POSTGRES_OPTIONS,
        },
    )


def _sqlite(url: URL) -> Engine:
    arguments = {"timeout": _TIMEOUT_SECONDS, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, hide_parameters=True, pool_timeout=_TIMEOUT_SECONDS, connect_args=arguments)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
