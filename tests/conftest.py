"""Fixtures for tests that need a database or Redis server.

They skip where the server can't be reached, and fail if `REQUIRE_SERVICES=1` says that it must be there.
"""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

POSTGRES_SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
# How fast examples are made is a matter of the machine, and of whoever else uses it.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

REDIS_SERVER = os.environ.get("TEST_REDIS_ADDRESS", "127.0.0.1:6379")


def skip_or_fail(reason: str) -> None:
    """Skip the test, or fail it where all services are required."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1, but {reason}")
    pytest.skip(reason)


@contextmanager
def new_database() -> Iterator[str]:
    """URL of a new, empty PostgreSQL database that is dropped afterwards.

    The server is that of `TEST_POSTGRES_URL`, whose user must be allowed to create databases.
    """
    try:
        connection = psycopg.connect(POSTGRES_SERVER, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        skip_or_fail(f"there is no PostgreSQL server at TEST_POSTGRES_URL: {error}")
        raise
    name = f"openslides_test_{uuid.uuid4().hex}"
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield f"{POSTGRES_SERVER.rpartition('/')[0]}/{name}"
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """URL of a new, empty PostgreSQL database of the test's own."""
    with new_database() as url:
        yield url


@pytest.fixture
def redis_address() -> tuple[str, int]:
    """Host and port of the Redis server of `TEST_REDIS_ADDRESS`; tests share it, so use streams of your own name."""
    host, _, port = REDIS_SERVER.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError as error:
        skip_or_fail(f"there is no Redis server at TEST_REDIS_ADDRESS: {error}")
    return host, int(port)
