"""What the client of the datastore asks, and what it makes of answers."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from openslides_backend.services.datastore import (
    Aggregate,
    Aggregated,
    CreateEvent,
    DeletedModels,
    DeleteEvent,
    FilterModels,
    Found,
    GetAll,
    GetMany,
    Query,
    UpdateEvent,
    WriteRequest,
)
from openslides_backend.services.datastore_http import READER, WRITER, HttpDatastore
from openslides_backend.services.http import READ_TIMEOUT_SECONDS, HttpPool
from openslides_backend.services.transport import HttpAnswer, HttpRequest
from openslides_backend.shared.exceptions import BadRequest, ModelLocked, ServiceError
from openslides_backend.shared.filters import equals
from openslides_backend.shared.pending import Pending
from tests.whole_body import whole_body

Handler = Callable[[str, Any], tuple[int, Any]]


class FakeDatastore:
    """Answers each command with what the handler says, and remembers what was asked."""

    def __init__(self, handler: Handler) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.headers: dict[str, str] = {}
        self._handler = handler

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        return Pending(lambda: self._answer(service, request))

    def _answer(self, service: str, request: HttpRequest) -> HttpAnswer:
        self.asked.append((request.url.removeprefix("http://datastore/"), json.loads(whole_body(request))))
        status, value = self._handler(*self.asked[-1])
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return HttpAnswer(service, status, {name.lower(): text for name, text in self.headers.items()}, body)

    def close(self) -> None:
        """Nothing is open."""


def client(handler: Handler) -> tuple[HttpDatastore, FakeDatastore, HttpPool]:
    fake = FakeDatastore(handler)
    pool = HttpPool(patience=0, transports={"http://datastore": fake})
    return HttpDatastore(pool, "http://datastore/reader/", "http://datastore/writer"), fake, pool


def always(status: int, value: Any) -> Handler:
    return lambda _command, _body: (status, value)


def error(type_: int, **details: Any) -> dict[str, Any]:
    return {"error": {"type": type_, "type_verbose": "X", **details}}


class TestRead:
    def test_no_queries_no_call(self) -> None:
        datastore, fake, _ = client(always(500, None))
        assert datastore.read([]) == []
        assert fake.asked == []

    @pytest.mark.parametrize(
        ("query", "command", "body", "value", "answer"),
        [
            (
                GetMany("topic", (1, 2), ("title",)),
                "get_many",
                {
                    "requests": [{"collection": "topic", "ids": [1, 2], "mapped_fields": ["title", "meta_position"]}],
                    "get_deleted_models": 1,
                },
                {"topic": {"1": {"title": "x", "meta_position": 4}}},
                {1: {"title": "x", "meta_position": 4}},
            ),
            (
                GetMany("topic", (1,), deleted=DeletedModels.ALL),
                "get_many",
                {"requests": [{"collection": "topic", "ids": [1], "mapped_fields": []}], "get_deleted_models": 3},
                {"topic": {}},
                {},
            ),
            (
                GetAll("gender", ("name",), DeletedModels.DELETED),
                "get_all",
                {
                    "collection": "gender",
                    "mapped_fields": ["name", "meta_position", "meta_deleted"],
                    "get_deleted_models": 2,
                },
                {"3": {"name": "x"}},
                {3: {"name": "x"}},
            ),
            (
                FilterModels("topic", equals(title="x"), ("id",)),
                "filter",
                {
                    "collection": "topic",
                    "filter": {
                        "and_filter": [
                            {"field": "title", "operator": "=", "value": "x"},
                            {"field": "meta_deleted", "operator": "=", "value": False},
                        ]
                    },
                    "mapped_fields": ["id", "meta_position"],
                },
                {"data": {"1": {"id": 1}}, "position": 7},
                Found({1: {"id": 1}}, 7),
            ),
            (
                Aggregate("max", "topic", equals(title="x"), "weight", DeletedModels.ALL),
                "max",
                {
                    "collection": "topic",
                    "filter": {"field": "title", "operator": "=", "value": "x"},
                    "field": "weight",
                },
                {"max": None, "position": None},
                Aggregated(None, 0),
            ),
        ],
    )
    def test_single_queries(self, query: Any, command: str, body: Any, value: Any, answer: Any) -> None:
        datastore, fake, _ = client(always(200, value))
        assert datastore.read([query]) == [answer]
        assert fake.asked == [(f"reader/{command}", body)]

    def test_several_queries_are_one_call(self) -> None:
        answers = [{"topic": {"1": {"title": "x"}}}, {"count": 2, "position": 5}]
        datastore, fake, pool = client(always(200, {"answers": answers, "position": 5}))
        with pool.calls.measure() as calls:
            result = datastore.read([GetMany("topic", (1,)), Aggregate("count", "tag", equals(meeting_id=1))])
        assert result == [{1: {"title": "x"}}, Aggregated(2, 5)]
        assert [command for command, _ in fake.asked] == ["reader/batch"]
        assert [query["command"] for query in fake.asked[0][1]["queries"]] == ["get_many", "count"]
        assert calls == {READER: 1}

    @pytest.mark.parametrize("refusal", [(404, b"not here"), (400, error(2, msg="?")), (400, error(1, msg="?"))])
    def test_a_reader_without_batch(self, refusal: tuple[int, Any]) -> None:
        def handler(command: str, body: Any) -> tuple[int, Any]:
            if command == "reader/batch":
                return refusal
            if command == "reader/count":
                return 200, {"count": 2, "position": 5}
            assert body["requests"][0]["collection"] == "topic"
            return 200, {"topic": {"1": {"title": "x", "text": "y", "meta_position": 3}}, "tag": {}}

        datastore, fake, _ = client(handler)
        queries: list[Query] = [
            GetMany("topic", (1, 2), ("title",)),
            Aggregate("count", "tag", equals(meeting_id=1)),
            GetMany("tag", (1,)),
            GetMany("topic", (1,), ("text",)),
        ]
        expected = [
            {1: {"title": "x", "meta_position": 3}},
            Aggregated(2, 5),
            {},
            {1: {"text": "y", "meta_position": 3}},
        ]
        assert datastore.read(queries) == expected
        assert datastore.read(queries) == expected
        commands = [command for command, _ in fake.asked]
        assert commands == ["reader/batch", *["reader/count", "reader/get_many"] * 2]

    def test_a_malformed_query_does_not_turn_batches_off(self) -> None:
        datastore, fake, _ = client(always(400, error(2, msg="?")))
        for _ in range(2):
            with pytest.raises(BadRequest):
                datastore.read([GetAll("tag"), GetAll("topic")])
        assert [command for command, _ in fake.asked].count("reader/batch") == 2

    @pytest.mark.parametrize(
        ("status", "value"),
        [
            (500, {"error": "x"}),
            (502, b"<html>"),
            (400, error(7, msg="secret")),
            (200, b"{"),
            (200, b"[" * 100_000),
            (200, None),
            (200, []),
            (200, {"topic": {"x": {}}}),
            (200, {"topic": 5}),
        ],
    )
    def test_failures_name_the_service_only(self, status: int, value: Any) -> None:
        datastore, _, _ = client(always(status, value))
        with pytest.raises(ServiceError) as raised:
            datastore.read([GetMany("topic", (1,))])
        assert READER in raised.value.message
        assert "secret" not in raised.value.message

    def test_everything_without_meta_fields(self) -> None:
        value = {"topic": {"1": {"id": 1, "meta_position": 3, "meta_deleted": False}}}
        datastore, _, _ = client(always(200, value))
        assert datastore.get_everything() == {"topic": {1: {"id": 1}}}


class TestWrite:
    REQUEST = WriteRequest(
        [
            CreateEvent("topic/1", {"title": "x"}),
            UpdateEvent("topic/2", {"title": None}, {"tag_ids": [1]}, {"poll_ids": [2]}),
            UpdateEvent("topic/3", add={"tag_ids": [1]}),
            DeleteEvent("topic/4"),
        ],
        user_id=5,
        locked_fields={"topic/2": 7},
        information={"topic/1": ["Created"]},
    )

    def test_form(self) -> None:
        datastore, fake, pool = client(always(201, b""))
        with pool.calls.measure() as calls:
            datastore.write([self.REQUEST])
        assert calls == {WRITER: 1}
        assert fake.asked == [
            (
                "writer/write",
                {
                    "user_id": 5,
                    "information": {"topic/1": ["Created"]},
                    "locked_fields": {"topic/2": 7},
                    "events": [
                        {"type": "create", "fqid": "topic/1", "fields": {"title": "x"}},
                        {
                            "type": "update",
                            "fqid": "topic/2",
                            "fields": {"title": None},
                            "list_fields": {"add": {"tag_ids": [1]}, "remove": {"poll_ids": [2]}},
                        },
                        {"type": "update", "fqid": "topic/3", "list_fields": {"add": {"tag_ids": [1]}}},
                        {"type": "delete", "fqid": "topic/4"},
                    ],
                },
            )
        ]

    def test_write_migration_index(self) -> None:
        datastore, fake, _ = client(always(201, b""))
        datastore.write([WriteRequest([DeleteEvent("topic/1")], 1, migration_index=3), self.REQUEST])
        assert [part.get("migration_index") for part in fake.asked[0][1]] == [3, None]
        assert "migrated_from" not in fake.asked[0][1][0]

    def test_write_migration(self) -> None:
        datastore, fake, _ = client(always(201, None))
        datastore.write([WriteRequest([], 0, migration_index=4, migrated_from=(3, 17))])
        assert fake.asked[0][1]["migrated_from"] == {"migration_index": 3, "position": 17}

    @pytest.mark.parametrize(
        ("value", "keys"),
        [
            (error(6, keys=["topic/1", "topic/title"]), ("topic/1", "topic/title")),
            (error(3, fqid="topic/2"), ("topic/2",)),
            (error(4, fqid="topic/1"), ("topic/1",)),
        ],
    )
    def test_to_be_computed_again(self, value: Any, keys: tuple[str, ...]) -> None:
        datastore, fake, _ = client(always(400, value))
        with pytest.raises(ModelLocked) as raised:
            datastore.write([self.REQUEST])
        assert raised.value.keys == keys
        assert len(fake.asked) == 1

    @pytest.mark.parametrize(
        ("status", "value"),
        [(400, error(6)), (400, b"?"), (500, {"error": "x"}), (404, None)],
    )
    def test_failures(self, status: int, value: Any) -> None:
        datastore, fake, _ = client(always(status, value))
        with pytest.raises(ServiceError) as raised:
            datastore.write([self.REQUEST])
        assert WRITER in raised.value.message
        assert len(fake.asked) == 1

    @pytest.mark.parametrize("type_", [1, 2])
    def test_a_request_that_is_to_blame_itself(self, type_: int) -> None:
        datastore, _, _ = client(always(400, error(type_, msg="secret")))
        with pytest.raises(BadRequest) as raised:
            datastore.write([self.REQUEST])
        assert WRITER in raised.value.message
        assert "secret" not in raised.value.message

    def test_without_events(self) -> None:
        datastore, fake, _ = client(always(201, b""))
        datastore.write_without_events("action_worker/1", {"state": "end"})
        datastore.delete_without_events(["action_worker/1", "action_worker/2"])
        datastore.delete_without_events([])
        assert [body[0]["events"] for _, body in fake.asked] == [
            [{"type": "update", "fqid": "action_worker/1", "fields": {"state": "end"}}],
            [{"type": "delete", "fqid": "action_worker/1"}, {"type": "delete", "fqid": "action_worker/2"}],
        ]

    def test_truncate(self) -> None:
        datastore, fake, _ = client(always(204, b""))
        datastore.truncate()
        assert fake.asked == [("writer/truncate_db", {})]
        with pytest.raises(ServiceError):
            client(always(403, {"error": "no"}))[0].truncate()


class TestReserveIds:
    def test_many_in_one_call(self) -> None:
        datastore, fake, _ = client(always(200, {"ids": {"topic": [4, 5], "tag": [1]}}))
        assert datastore.reserve_ids({"topic": 2, "tag": 1, "user": 0}) == {"topic": [4, 5], "tag": [1]}
        body = [{"collection": "topic", "amount": 2}, {"collection": "tag", "amount": 1}]
        assert fake.asked == [("writer/reserve_ids", body)]

    def test_one(self) -> None:
        datastore, fake, _ = client(always(200, {"ids": [4]}))
        assert datastore.reserve_ids({"topic": 1}) == {"topic": [4]}
        assert fake.asked == [("writer/reserve_ids", {"collection": "topic", "amount": 1})]
        assert datastore.reserve_ids({}) == {}

    def test_a_writer_without_the_extension(self) -> None:
        def handler(_command: str, body: Any) -> tuple[int, Any]:
            return (400, error(2, msg="?")) if isinstance(body, list) else (200, {"ids": [9]})

        datastore, fake, _ = client(handler)
        for _ in range(2):
            assert datastore.reserve_ids({"topic": 1, "tag": 1}) == {"topic": [9], "tag": [9]}
        assert len(fake.asked) == 5


class TestMigrationIndex:
    def test_answers_tell(self) -> None:
        datastore, fake, _ = client(always(200, {}))
        assert datastore.migration_index is None
        for header, index in (({"migration-index": "82"}, 82), ({"Migration-Index": "x"}, None), ({}, None)):
            fake.headers = header
            datastore.read([GetMany("topic", (1,))])
            assert datastore.migration_index == index

    def test_errors_tell_nothing(self) -> None:
        datastore, fake, _ = client(lambda command, _: (400 if command == "writer/write" else 200, {}))
        fake.headers = {"Migration-Index": "82"}
        datastore.read([GetMany("topic", (1,))])
        fake.headers = {}
        with pytest.raises(ServiceError):
            datastore.write([WriteRequest([DeleteEvent("topic/1")], 1)])
        assert datastore.migration_index == 82

    def test_now(self) -> None:
        datastore, fake, _ = client(always(200, {"migration_index": 83}))
        fake.headers = {"Migration-Index": "82"}
        assert datastore.read_migration_index() == datastore.migration_index == 83
        assert fake.asked == [("reader/migration_index", {})]

    def test_a_reader_without_the_extension(self) -> None:
        datastore, _, _ = client(always(404, b""))
        assert datastore.read_migration_index() is None


class PatientDatastore(FakeDatastore):
    """Remembers how long the client would wait, in seconds."""

    waits: list[float]

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        self.waits = [*getattr(self, "waits", ()), request.deadline - time.monotonic()]
        return super().begin(service, request)


def test_many_models_may_take_longer() -> None:
    fake = PatientDatastore(lambda _, body: (200, {"answers": [{}] * 2}) if "queries" in body else (201, None))
    pool = HttpPool(patience=0, transports={"http://datastore": fake})
    datastore = HttpDatastore(pool, "http://datastore/reader", "http://datastore/writer")
    for amount in (1, 100_000):
        datastore.write([WriteRequest([CreateEvent(f"topic/{id_}", {}) for id_ in range(1, amount + 1)], 1)])
        datastore.read([GetMany("topic", tuple(range(1, amount + 1))), GetMany("tag", (1,))])
    usual, *_, many = fake.waits
    assert usual < READ_TIMEOUT_SECONDS + 1 < 100 < many
    assert fake.waits[1] < READ_TIMEOUT_SECONDS + 1 < 100 < fake.waits[2]
