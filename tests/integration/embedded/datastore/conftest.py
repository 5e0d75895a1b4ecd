"""One database a session and kind, emptied before each test: making one takes longer than most tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from openslides_backend.embedded.datastore.application import DatastoreApplication, create_datastore_application
from tests.conftest import new_database
from tests.integration.embedded.datastore.door import Door


@pytest.fixture(scope="session")
def sqlite_application(tmp_path_factory: pytest.TempPathFactory) -> DatastoreApplication:
    folder: Path = tmp_path_factory.mktemp("datastore")
    return create_datastore_application(f"sqlite:///{folder}/datastore.sqlite", development=True)


@pytest.fixture(scope="session")
def shared_postgres_url() -> Iterator[str]:
    """URL of a database of this test run's own."""
    with new_database() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_application(shared_postgres_url: str) -> DatastoreApplication:
    return create_datastore_application(shared_postgres_url, development=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def application(request: pytest.FixtureRequest) -> DatastoreApplication:
    """An empty datastore, on each kind of database in turn."""
    made: DatastoreApplication = request.getfixturevalue(f"{request.param}_application")
    made.truncate_db(None)
    return made


@pytest.fixture
def door(application: DatastoreApplication) -> Door:
    return Door(application)
