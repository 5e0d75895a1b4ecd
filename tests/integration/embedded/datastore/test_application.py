"""The HTTP side: routes, methods, bodies, and a database that fails."""

import logging
from pathlib import Path

import pytest

from openslides_backend.embedded.datastore import indexing
from openslides_backend.embedded.datastore.application import (
    MIGRATION_INDEX_HEADER,
    READER_PATH,
    WRITER_PATH,
    DatastoreApplication,
    create_datastore_application,
)
from openslides_backend.embedded.datastore.database import Database
from openslides_backend.embedded.datastore.errors import DatabaseFailure
from tests.integration.embedded.datastore.door import Door, all_of, create, delete, equals, request, update


@pytest.mark.parametrize("path", [READER_PATH, WRITER_PATH])
def test_health(door: Door, path: str) -> None:
    response = door.client.get(path + "health")
    assert (response.status_code, response.json) == (200, {"status": "running"})
    assert door.client.post(path + "health").status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 404),
        ("POST", READER_PATH, 404),
        ("POST", READER_PATH + "write", 404),
        ("POST", WRITER_PATH + "get", 404),
        ("GET", READER_PATH + "get", 405),
        ("PUT", WRITER_PATH + "write", 405),
        ("DELETE", WRITER_PATH + "truncate_db", 405),
    ],
)
def test_routes(door: Door, method: str, path: str, status: int) -> None:
    response = door.client.open(path, method=method, json={})
    assert response.status_code == status
    assert response.json is not None
    assert response.json["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"fqid": NaN}', b'{"fqid": Infinity}', b"1" * 10_000, b'"\\ud8"']
)
@pytest.mark.parametrize("path", [READER_PATH + "get", WRITER_PATH + "write", WRITER_PATH + "reserve_ids"])
def test_bodies_that_are_no_requests(door: Door, path: str, body: bytes) -> None:
    response = door.client.post(path, data=body)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["error"]["type"] == 2


def test_every_answer_tells_the_migration_index(door: Door) -> None:
    get_all = {"collection": "topic"}
    assert MIGRATION_INDEX_HEADER not in door.post(READER_PATH + "get_all", get_all).headers
    body = {**request(create("topic/1", title="x")), "migration_index": 7}
    assert door.post(WRITER_PATH + "write", body).status_code == 201
    reserve = {"collection": "topic", "amount": 1}
    assert door.read("migration_index", {}) == {"migration_index": 7}
    for path, body in ((READER_PATH + "get_all", get_all), (WRITER_PATH + "reserve_ids", reserve)):
        assert door.post(path, body).headers[MIGRATION_INDEX_HEADER] == "7"
    door.post(WRITER_PATH + "truncate_db", {})
    door.write(create("topic/1", title="x"))
    assert door.read("migration_index", {}) == {"migration_index": None}
    assert MIGRATION_INDEX_HEADER not in door.post(READER_PATH + "get_all", get_all).headers


def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailure):
        create_datastore_application(f"sqlite:///{tmp_path}/missing/d.sqlite", development=True)
    with pytest.raises(DatabaseFailure):
        create_datastore_application("postgresql://nobody@127.0.0.1:9/none", development=True)


def test_a_database_that_breaks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path}/d.sqlite"
    door = Door(create_datastore_application(url, development=True))
    door.write(create("topic/1", title="x"))
    Database(url).write(lambda session: session.run("ALTER TABLE models RENAME TO lost"))
    with caplog.at_level(logging.CRITICAL):
        read = door.post(READER_PATH + "get", {"fqid": "topic/1"})
        written = door.post(
            WRITER_PATH + "write", {"user_id": 1, "information": {}, "locked_fields": {}, "events": [create("topic/2")]}
        )
    for response in (read, written):
        assert (response.status_code, response.json) == (500, {"error": "The database failed."})
    Database(url).write(lambda session: session.run("ALTER TABLE lost RENAME TO models"))
    assert door.fields("topic/1") == {"title": "x"}
    assert door.position() == 1


@pytest.mark.postgres
def test_lost_connections_are_made_anew(postgres_application: DatastoreApplication, shared_postgres_url: str) -> None:
    postgres_application.truncate_db(None)
    door = Door(postgres_application)
    ending = Database(shared_postgres_url)
    for number in range(1, 4):
        door.write(create(f"topic/{number}", title="x"))
        ending.read(
            lambda session: session.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        if number == 2:
            assert door.fields("topic/2") == {"title": "x"}
        if number == 3:
            assert door.reserve("topic", 2) == [4, 5]
    assert door.position() == 3


def test_new_indexes_are_filled_on_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/d.sqlite"
    door = Door(create_datastore_application(url, development=True))
    door.write(create("topic/1", note="x", meeting_id=1), create("topic/2", note="y"))
    door.write(delete("topic/2"))
    monkeypatch.setattr(indexing, "INDEXED_FIELDS", frozenset({"note"}))
    door = Door(create_datastore_application(url, development=True))
    for field, value, ids in (("note", "x", [1]), ("note", "y", [2]), ("meeting_id", 1, [1])):
        assert door.found("topic", equals(field, value)) == ids
    assert door.found("topic", all_of(equals("note", "y"), equals("meta_deleted", False))) == []
    door.write(update("topic/1", note=None))
    assert door.found("topic", equals("note", "x")) == []
