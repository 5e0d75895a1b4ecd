"""The writer's commands (datastore.md, "Writer")."""

from typing import Any

import pytest

from openslides_backend.embedded.datastore.application import DatastoreApplication
from openslides_backend.embedded.datastore.writing import LONGEST_INLINE_LIST
from tests.integration.embedded.datastore.door import (
    Door,
    create,
    delete,
    equals,
    request,
    restore,
    update,
)

WRITER = "/internal/datastore/writer/"
LONG = list(range(100, 100 + 3 * LONGEST_INLINE_LIST))


class TestEvents:
    def test_positions_count_requests(self, door: Door) -> None:
        assert door.write(create("topic/1", title="a"), create("topic/2", title="b")) == 1
        assert door.write(update("topic/1", title="c")) == 2
        assert door.get("topic/1", "meta_position") == {"meta_position": 2}
        assert door.get("topic/2", "meta_position") == {"meta_position": 1}

    def test_null_is_never_stored(self, door: Door) -> None:
        door.write(create("topic/1", title="a", text=None))
        assert door.fields("topic/1") == {"title": "a"}
        door.write(update("topic/1", title=None, text="b"))
        assert door.fields("topic/1") == {"text": "b"}

    @pytest.mark.parametrize(
        "value",
        [
            0,
            -1,
            1.5,
            2**70,
            "",
            "ä€😀",
            "a\x00b",
            "\ud800",
            True,
            False,
            [],
            {},
            [None, {"a": [1.5]}],
            {"x": None},
            LONG,
        ],
    )
    def test_values_come_back_as_they_were(self, door: Door, value: Any) -> None:
        door.write(create("topic/1", name=value, other=value, thing_id=value))
        assert door.fields("topic/1") == {"name": value, "other": value, "thing_id": value}
        door.write(update("topic/1", name="x"))
        door.write(update("topic/1", name=value))
        assert door.fields("topic/1") == {"name": value, "other": value, "thing_id": value}

    def test_several_events_on_one_model(self, door: Door) -> None:
        door.write(
            create("topic/1", title="a"),
            update("topic/1", title="b", add={"tag_ids": [1]}),
            update("topic/1", add={"tag_ids": [2]}, remove={"tag_ids": [1]}),
            delete("topic/1"),
            restore("topic/1"),
            update("topic/1", text="c"),
        )
        assert door.fields("topic/1") == {"title": "b", "text": "c", "tag_ids": [2]}

    def test_requests_in_order(self, door: Door) -> None:
        body = [request(create("topic/1", title="a")), request(update("topic/1", title="b"))]
        assert door.post(WRITER + "write", body).status_code == 201
        assert door.get("topic/1", "title", "meta_position") == {"title": "b", "meta_position": 2}

    def test_all_or_none(self, door: Door) -> None:
        door.write(create("topic/1", title="a", tag_ids=LONG))
        error = door.write_error(
            [
                request(update("topic/1", title="b", add={"tag_ids": [1]}), create("topic/2", title="x", meeting_id=1)),
                request(update("topic/9", title="b")),
            ]
        )
        assert error == {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/9"}
        assert door.fields("topic/1") == {"title": "a", "tag_ids": LONG}
        assert door.found("topic", equals("meeting_id", 1)) == []
        assert door.position() == 1

    def test_delete_and_restore(self, door: Door) -> None:
        door.write(create("topic/1", title="a", meeting_id=1, tag_ids=LONG))
        door.write(delete("topic/1"))
        assert door.get("topic/1", get_deleted_models=2)["meta_position"] == 2
        door.write(restore("topic/1"))
        assert door.get("topic/1")["meta_position"] == 3
        assert door.fields("topic/1") == {"title": "a", "meeting_id": 1, "tag_ids": LONG}

    @pytest.mark.parametrize(
        ("event", "error"),
        [
            (create("topic/1"), {"type": 4, "type_verbose": "MODEL_EXISTS", "fqid": "topic/1"}),
            (create("topic/2"), {"type": 4, "type_verbose": "MODEL_EXISTS", "fqid": "topic/2"}),
            (update("topic/2", a=1), {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/2"}),
            (update("topic/3", a=1), {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/3"}),
            (delete("topic/2"), {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/2"}),
            (delete("topic/3"), {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/3"}),
            (restore("topic/3"), {"type": 3, "type_verbose": "MODEL_DOES_NOT_EXIST", "fqid": "topic/3"}),
            (restore("topic/1"), {"type": 5, "type_verbose": "MODEL_NOT_DELETED", "fqid": "topic/1"}),
        ],
    )
    def test_wrong_state(self, door: Door, event: Any, error: Any) -> None:
        door.write(create("topic/1", a=1), create("topic/2", a=1))
        door.write(delete("topic/2"))
        assert door.write_error(request(event)) == error


class TestListFields:
    @pytest.mark.parametrize("stored", [None, [], [3, 1, 2], LONG])
    def test_add_and_remove(self, door: Door, stored: Any) -> None:
        door.write(create("topic/1", x=1, tag_ids=stored))
        expected = list(stored or [])
        for value in (7, 3, 7, 101, "a", "7"):
            door.write(update("topic/1", add={"tag_ids": [value]}))
            expected += [value] if value not in expected else []
        assert door.fields("topic/1")["tag_ids"] == expected
        door.write(update("topic/1", add={"tag_ids": [8, 9, 8]}, remove={"tag_ids": [7, 3, 500]}))
        expected = [value for value in [*expected, 8, 9] if value not in (7, 3)]
        assert door.fields("topic/1")["tag_ids"] == expected

    @pytest.mark.parametrize("stored", [[1, 2], LONG])
    def test_an_emptied_list_stays(self, door: Door, stored: list[int]) -> None:
        door.write(create("topic/1", tag_ids=stored))
        door.write(update("topic/1", remove={"tag_ids": stored}))
        assert door.fields("topic/1") == {"tag_ids": []}
        door.write(update("topic/1", add={"tag_ids": [4]}))
        assert door.fields("topic/1") == {"tag_ids": [4]}

    def test_removing_from_an_unset_list_leaves_it_unset(self, door: Door) -> None:
        door.write(create("topic/1", title="a"))
        assert door.write(update("topic/1", remove={"tag_ids": [1]})) == 2
        assert door.fields("topic/1") == {"title": "a"}

    def test_lists_grow_and_shrink_across_the_limit(self, door: Door) -> None:
        door.write(create("topic/1", tag_ids=[]))
        for value in range(2 * LONGEST_INLINE_LIST):
            door.write(update("topic/1", add={"tag_ids": [value]}))
        assert door.fields("topic/1") == {"tag_ids": list(range(2 * LONGEST_INLINE_LIST))}
        door.write(update("topic/1", tag_ids=[5]))
        door.write(update("topic/1", add={"tag_ids": [6]}))
        assert door.fields("topic/1") == {"tag_ids": [5, 6]}
        door.write(update("topic/1", tag_ids=LONG), update("topic/1", tag_ids=LONG[:40]))
        assert door.fields("topic/1") == {"tag_ids": LONG[:40]}
        door.write(update("topic/1", tag_ids=None))
        door.write(update("topic/1", add={"tag_ids": [1]}))
        assert door.fields("topic/1") == {"tag_ids": [1]}

    def test_duplicates_that_were_written_are_kept_until_removed(self, door: Door) -> None:
        door.write(create("topic/1", tag_ids=[1, 2, *LONG, 1]))
        door.write(update("topic/1", add={"tag_ids": [1]}))
        assert door.fields("topic/1") == {"tag_ids": [1, 2, *LONG, 1]}
        door.write(update("topic/1", remove={"tag_ids": [1]}))
        assert door.fields("topic/1") == {"tag_ids": [2, *LONG]}

    @pytest.mark.parametrize("stored", ["x", 1, {"a": 1}, [1.5], [True], [[1]], [None]])
    def test_what_is_no_list_of_ints_and_strings(self, door: Door, stored: Any) -> None:
        door.write(create("topic/1", tag_ids=stored))
        assert door.write_error(request(update("topic/1", add={"tag_ids": [1]})))["type"] == 1
        assert door.fields("topic/1") == {"tag_ids": stored}


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "type_"),
        [
            (None, 2),
            ([1], 2),
            ({}, 2),
            ({**request(create("topic/1")), "user_id": "1"}, 2),
            ({**request(create("topic/1")), "locked_fields": None}, 2),
            ({"user_id": 1, "locked_fields": {}, "events": [create("topic/1")]}, 2),
            (request(), 2),
            (request(1), 2),
            (request({"type": "create", "fqid": "topic/1"}), 2),
            (request({"type": "create", "fields": {}}), 2),
            (request({"type": "rename", "fqid": "topic/1"}), 2),
            (request({"type": "create", "fqid": "topic/1", "fields": []}), 2),
            (request(create("topic/0")), 1),
            (request(create("topic")), 1),
            (request(create("topic/1", meta_new=1)), 1),
            (request({"type": "create", "fqid": "topic/1", "fields": {"A": 1}}), 1),
            (request(update("topic/1")), 1),
            (request(update("topic/1", add={}, remove={})), 1),
            (request(update("topic/1", a=1, add={"a": [1]})), 1),
            (request(update("topic/1", a=1, remove={"a": [1]})), 1),
            (request(update("topic/1", add={"meta_x": [1]})), 1),
            (request(update("topic/1", add={"a": 1})), 1),
            (request(update("topic/1", add={"a": [1.5]})), 1),
            (request(update("topic/1", add={"a": [True]})), 1),
            (request({**update("topic/1", a=1), "list_fields": {"replace": {}}}), 2),
            *(
                (request(create("topic/1"), locks={key: 1}), 1)
                for key in ("topic", "topic/", "topic/1/", "topic/1/A", "topic/1/a/b", "topic/01/a", "/1/a", "topic//a")
            ),
            (request(create("topic/1"), locks={"topic/1": "1"}), 2),
            (request(create("topic/1"), locks={"topic/1": {"position": 1}}), 2),
            (request(create("topic/1"), locks={"topic/1": -1}), 2),
            (request(create("topic/1"), locks={"topic/a": []}), 2),
            (request(create("topic/1"), locks={"topic/a": {"filter": equals("a", 1)}}), 2),
            ({**request(create("topic/1")), "migration_index": 0}, 2),
            ({**request(create("topic/1")), "migrated_from": {"migration_index": 1, "position": 0}}, 2),
            ({**request(create("topic/1")), "migration_index": 2, "migrated_from": {"migration_index": 1}}, 2),
            ({**request(create("topic/1")), "migration_index": 2, "migrated_from": 1}, 2),
        ],
    )
    def test_bad_requests(self, door: Door, body: Any, type_: int) -> None:
        error = door.write_error(body)
        assert error["type"] == type_
        assert error["msg"]
        assert door.position() == 0

    def test_migration_index_only_into_an_empty_datastore(self, door: Door) -> None:
        body = {**request(create("topic/1")), "migration_index": 7}
        assert door.post(WRITER + "write", body).status_code == 201
        error = door.write_error({**request(create("topic/2")), "migration_index": 7})
        assert (error["type"], error["type_verbose"]) == (8, "DATASTORE_NOT_EMPTY")
        assert door.position() == 1

    def test_migration_of_what_is_there(self, door: Door) -> None:
        assert door.post(WRITER + "write", {**request(create("topic/1")), "migration_index": 7}).status_code == 201
        migration = {**request(), "migration_index": 9, "migrated_from": {"migration_index": 7, "position": 1}}
        for wrong in ({"migration_index": 6, "position": 1}, {"migration_index": 7, "position": 2}):
            error = door.write_error({**migration, "migrated_from": wrong})
            assert (error["type"], error["keys"]) == (6, ["migration_index"])
        assert door.post(WRITER + "write", migration).status_code == 201
        assert door.read("migration_index", {}) == {"migration_index": 9}
        assert door.write_error(migration)["type"] == 6


class TestReserveIds:
    def test_consecutive_and_never_twice(self, door: Door) -> None:
        assert door.reserve("topic", 3) == [1, 2, 3]
        assert door.reserve("tag", 1) == [1]
        assert door.reserve("topic", 2) == [4, 5]

    def test_after_explicit_ids(self, door: Door) -> None:
        door.write(create("topic/10", title="x"), create("topic/7", title="y"))
        assert door.reserve("topic", 2) == [11, 12]
        door.write(create("topic/5", title="x"))
        assert door.reserve("topic", 1) == [13]
        door.post(WRITER + "write_without_events", [request(create("action_worker/9", name="x"))])
        assert door.reserve("action_worker", 1) == [10]

    def test_a_refused_create_raises_nothing(self, door: Door) -> None:
        door.write_error(request(create("topic/10"), update("topic/11", a=1)))
        assert door.reserve("topic", 1) == [1]

    def test_many_collections(self, door: Door) -> None:
        body = [{"collection": "topic", "amount": 2}, {"collection": "tag", "amount": 1}]
        for ids in ({"topic": [1, 2], "tag": [1]}, {"topic": [3, 4], "tag": [2]}):
            response = door.post(WRITER + "reserve_ids", body)
            assert (response.status_code, response.json) == (200, {"ids": ids})

    @pytest.mark.parametrize(
        ("body", "type_"),
        [
            ({"collection": "topic", "amount": 0}, 1),
            ({"collection": "topic", "amount": -1}, 1),
            ({"collection": "topic", "amount": 10**12}, 1),
            ({"collection": "topic", "amount": True}, 2),
            ({"collection": "topic"}, 2),
            ({"amount": 1}, 2),
            ({"collection": "To", "amount": 1}, 1),
            ([{"collection": "topic", "amount": 1}, {"collection": "tag", "amount": 0}], 1),
        ],
    )
    def test_refusals(self, door: Door, body: Any, type_: int) -> None:
        assert door.write_error(body, "reserve_ids")["type"] == type_
        assert door.reserve("topic", 1) == [1]


class TestWithoutEvents:
    def write(self, door: Door, *events: Any) -> int:
        return door.post(WRITER + "write_without_events", [request(*events)]).status_code

    def test_create_merge_and_remove(self, door: Door) -> None:
        assert self.write(door, create("action_worker/1", name="a", state="running", result=LONG)) == 201
        assert self.write(door, update("action_worker/1", state="end", timestamp=5, name=None)) == 201
        assert door.fields("action_worker/1") == {"state": "end", "timestamp": 5, "result": LONG}
        assert door.found("action_worker", equals("state", "end")) == [1]
        assert self.write(door, update("import_preview/2", id=2, state="new")) == 201
        assert door.found("import_preview", equals("state", "new")) == [2]
        assert door.position() == 0
        assert self.write(door, delete("action_worker/1"), delete("import_preview/2"), delete("action_worker/3")) == 200
        assert door.read("get_everything", {"get_deleted_models": 3}) == {}
        assert self.write(door, create("action_worker/1", name="b")) == 201
        assert door.fields("action_worker/1") == {"name": "b"}

    @pytest.mark.parametrize(
        "body",
        [
            request(create("action_worker/1")),
            [],
            [request(create("action_worker/1")), request(create("action_worker/2"))],
            [request(create("action_worker/1"), create("action_worker/2"))],
            [request(create("action_worker/1"), delete("action_worker/2"))],
            [request(restore("action_worker/1"))],
            [request(create("topic/1"))],
            [request(delete("action_worker/1"), delete("topic/1"))],
        ],
    )
    def test_refusals(self, door: Door, body: Any) -> None:
        assert door.write_error(body, "write_without_events")["type"] == 2


class TestMaintenance:
    def test_truncate(self, door: Door) -> None:
        door.write(create("topic/1", tag_ids=LONG), information={"topic/1": ["x"]})
        door.reserve("topic", 5)
        assert door.post(WRITER + "truncate_db", {}).status_code == 204
        assert door.read("get_everything", {"get_deleted_models": 3}) == {}
        assert door.read("history_information", {"fqids": ["topic/1"]}) == {"topic/1": []}
        assert door.position() == 0
        assert door.reserve("topic", 1) == [1]
        assert door.write(create("topic/1", title="x")) == 1
        assert door.fields("topic/1") == {"title": "x"}

    def test_truncate_is_for_development(self, application: DatastoreApplication, door: Door) -> None:
        door.write(create("topic/1", title="x"))
        production = Door(DatastoreApplication(application.store, development=False))
        assert production.post(WRITER + "truncate_db", {}).status_code == 403
        assert door.fields("topic/1") == {"title": "x"}


@pytest.mark.parametrize("changed", [{"user_id": 2**70}, {"user_id": -(2**70)}, {"migration_index": 2**70}])
def test_numbers_that_no_database_holds(door: Door, changed: dict[str, int]) -> None:
    event = {"type": "create", "fqid": "topic/1", "fields": {"title": "x"}}
    body = {"user_id": 1, "information": {}, "locked_fields": {}, "events": [event], **changed}
    answer = door.client.post("/internal/datastore/writer/write", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["type"] == 2


def test_filters_of_too_many_parts(door: Door) -> None:
    part = {"field": "title", "operator": "=", "value": "x"}
    body = {"collection": "topic", "filter": {"or_filter": [part] * 50_001}}
    assert door.client.post("/internal/datastore/reader/filter", json=body).status_code == 400
