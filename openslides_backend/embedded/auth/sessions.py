"""Sessions and used password-reset tokens, stored so that they survive a restart."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from openslides_backend.services.tokens import ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS

_metadata = MetaData()
_sessions = Table(
    "auth_session",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("expires", Float(53), nullable=False, index=True),
)
_used_tokens = Table(
    "auth_used_token",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("expires", Float(53), nullable=False, index=True),
)
_ended_sessions = Table(
    "auth_ended_session",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("expires", Float(53), nullable=False, index=True),
)
"""Those whose end is still to be told on the message bus; until then their access tokens may be accepted somewhere."""
_provider_sessions = Table(
    "auth_provider_session",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("subject", String(64), nullable=False, index=True),
    Column("provider_session", String(64), nullable=False, index=True),
    Column("expires", Float(53), nullable=False, index=True),
)
"""Which sessions were begun by single sign-on, and by which session of the provider."""
_POSTGRES_ARGUMENTS = {"connect_timeout": 5, "options": "-c enable_seqscan=off -c jit=off"}
"""Plans are kept; those of empty tables must do for full ones, as in the datastore."""
_IS_ACTIVE = "SELECT user_id FROM auth_session WHERE id = ? AND expires > ?"


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """A session at the identity provider: digests of the names of its user and, if it has one, of itself."""

    subject: str
    id: str = ""


class SessionStore:
    """The sessions of all users in a database; safe to be shared between threads, and between processes.

    `url` names a SQLite file (`sqlite:////folder/auth.sqlite`) or a PostgreSQL database. Every question is answered
    from the database: what one process has ended is ended for all at once. Database errors are passed on.
    """

    def __init__(self, url: str) -> None:
        self._engine = _create_engine(url)
        self._is_active = _IS_ACTIVE if self._engine.dialect.name == "sqlite" else _IS_ACTIVE.replace("?", "%s")
        try:
            _metadata.create_all(self._engine)
        except SQLAlchemyError:
            # Another process that starts at the same moment may have made the tables in between.
            _metadata.create_all(self._engine)

    def create(self, user_id: int, provider_session: ProviderSession | None = None) -> str:
        """Begin a session; its id. Sessions and tokens whose time is over are removed on this occasion."""
        session_id, now = secrets.token_hex(16), time.time()
        values: dict[str, object]
        with self._engine.begin() as connection:
            _remove_expired(connection, now)
            values = {"id": session_id, "user_id": user_id, "expires": now + REFRESH_TOKEN_SECONDS}
            connection.execute(insert(_sessions).values(values))
            if provider_session is not None:
                names = {"subject": provider_session.subject, "provider_session": provider_session.id}
                values = {"id": session_id, "expires": now + REFRESH_TOKEN_SECONDS, **names}
                connection.execute(insert(_provider_sessions).values(values))
        return session_id

    def is_active(self, user_id: int, session_id: str) -> bool:
        """Whether this user has this session."""
        # Asked at every request of the backend, so it goes straight to the driver: several times as fast.
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._is_active, (session_id, time.time()))
            row = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return row is not None and row[0] == user_id

    def of_user(self, user_id: int) -> list[str]:
        """Ids of the sessions of a user."""
        statement = select(_sessions.c.id).where(_sessions.c.user_id == user_id, _sessions.c.expires > time.time())
        with self._engine.connect() as connection:
            return sorted(connection.execute(statement).scalars())

    def of_provider(self, subject: str, provider_session: str) -> list[str]:
        """Ids of the sessions that belong to a session of the provider, or without one to a user there.

        Both names are digests, as in ProviderSession, and may be empty, but not both.
        """
        names = {_provider_sessions.c.subject: subject, _provider_sessions.c.provider_session: provider_session}
        conditions = [column == name for column, name in names.items() if name]
        if not conditions:
            return []
        with self._engine.connect() as connection:
            return sorted(connection.execute(select(_provider_sessions.c.id).where(*conditions)).scalars())

    def end(self, session_ids: Sequence[str], *, announce: bool = False) -> None:
        """Remove these sessions; unknown ones are no error. With `announce` it is kept that this is to be told."""
        with self._engine.begin() as connection:
            ended = _sessions.c.id.in_(session_ids)
            if announce:
                known = connection.execute(select(_sessions.c.id).where(ended)).scalars()
                rows = [{"id": session_id, "expires": time.time() + ACCESS_TOKEN_SECONDS} for session_id in known]
                if rows:
                    connection.execute(insert(_ended_sessions), rows)
            connection.execute(delete(_sessions).where(ended))
            connection.execute(delete(_provider_sessions).where(_provider_sessions.c.id.in_(session_ids)))

    def unannounced(self) -> list[str]:
        """Ids of ended sessions that are still to be told of; not of those whose access tokens have expired."""
        statement = select(_ended_sessions.c.id).where(_ended_sessions.c.expires > time.time())
        with self._engine.connect() as connection:
            return sorted(connection.execute(statement).scalars())

    def announced(self, session_ids: Sequence[str]) -> None:
        """These have been told of."""
        with self._engine.begin() as connection:
            connection.execute(delete(_ended_sessions).where(_ended_sessions.c.id.in_(session_ids)))

    def use_token(self, token_id: str, expires: float) -> bool:
        """Remember a token as used, until it expires (seconds since the epoch); False if it was used before."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_used_tokens).values(id=token_id, expires=expires))
        except IntegrityError:
            return False
        return True

    def close(self) -> None:
        """Close all connections to the database."""
        self._engine.dispose()


def _remove_expired(connection: Connection, now: float) -> None:
    for table in (_sessions, _used_tokens, _ended_sessions, _provider_sessions):
        connection.execute(delete(table).where(table.c.expires <= now))


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    sqlite = parsed.get_backend_name() == "sqlite"
    arguments = {} if sqlite else _POSTGRES_ARGUMENTS
    engine = create_engine(parsed, pool_pre_ping=not sqlite, connect_args=arguments)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
