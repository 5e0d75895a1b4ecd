"""The reader's commands (datastore.md, "Reader")."""

from typing import Any

import pytest

from tests.integration.embedded.datastore.door import (
    Door,
    all_of,
    any_of,
    condition,
    create,
    delete,
    equals,
    negated,
    update,
)


@pytest.fixture(autouse=True)
def stored(door: Door) -> None:
    """Position 1: three live topics. Position 2: topic/3 is deleted."""
    door.write(
        create("topic/1", id=1, title="One", meeting_id=1, weight=5, tag_ids=[1, 2]),
        create("topic/2", id=2, title="two", meeting_id=1, weight=7.5, text="x"),
        create("topic/3", id=3, title="Three", meeting_id=2, weight=9, done=True),
        create("tag/1", name="red"),
    )
    door.write(delete("topic/3"))


class TestGet:
    def test_all_fields(self, door: Door) -> None:
        assert door.get("tag/1") == {"name": "red", "meta_position": 1, "meta_deleted": False}

    def test_asked_fields_that_are_set(self, door: Door) -> None:
        assert door.get("topic/1", "title", "text", "meta_position") == {"title": "One", "meta_position": 1}

    def test_long_and_short_lists(self, door: Door) -> None:
        door.write(create("meeting/1", topic_ids=list(range(100)), tag_ids=[2, 1]))
        assert door.get("meeting/1", "topic_ids") == {"topic_ids": list(range(100))}
        assert door.get("meeting/1", "tag_ids") == {"tag_ids": [2, 1]}
        assert door.fields("meeting/1") == {"topic_ids": list(range(100)), "tag_ids": [2, 1]}

    @pytest.mark.parametrize(
        ("fqid", "deleted", "visible"),
        [
            ("topic/1", 1, True),
            ("topic/1", 2, False),
            ("topic/1", 3, True),
            ("topic/3", 1, False),
            ("topic/3", 2, True),
            ("topic/3", 3, True),
            ("topic/4", 3, False),
        ],
    )
    def test_deletion_filter(self, door: Door, fqid: str, deleted: int, visible: bool) -> None:
        body = {"fqid": fqid, "mapped_fields": ["id"], "get_deleted_models": deleted}
        if visible:
            assert door.read("get", body) == {"id": int(fqid[-1])}
        else:
            assert door.read_error("get", body) == {
                "type": 3,
                "type_verbose": "MODEL_DOES_NOT_EXIST",
                "fqid": fqid,
            }

    def test_deleted_model_keeps_its_data(self, door: Door) -> None:
        assert door.get("topic/3", get_deleted_models=2) == {
            "id": 3,
            "title": "Three",
            "meeting_id": 2,
            "weight": 9,
            "done": True,
            "meta_position": 2,
            "meta_deleted": True,
        }


class TestGetMany:
    def test_by_ids(self, door: Door) -> None:
        body = {
            "requests": [
                {"collection": "topic", "ids": [1, 3, 7], "mapped_fields": ["title"]},
                {"collection": "tag", "ids": [1]},
                {"collection": "user", "ids": [1]},
            ]
        }
        assert door.read("get_many", body) == {
            "topic": {"1": {"title": "One"}},
            "tag": {"1": {"name": "red", "meta_position": 1, "meta_deleted": False}},
            "user": {},
        }

    def test_by_fqfields(self, door: Door) -> None:
        body = {"requests": ["topic/1/title", "topic/1/weight", "topic/2/title", "tag/1/none", "user/1/name"]}
        assert door.read("get_many", body) == {
            "topic": {"1": {"title": "One", "weight": 5}, "2": {"title": "two"}},
            "tag": {"1": {}},
            "user": {},
        }

    def test_common_fields_and_deletion_filter(self, door: Door) -> None:
        body = {
            "requests": [{"collection": "topic", "ids": [1, 3], "mapped_fields": ["title"]}],
            "mapped_fields": ["weight"],
            "get_deleted_models": 3,
        }
        assert door.read("get_many", body) == {
            "topic": {"1": {"title": "One", "weight": 5}, "3": {"title": "Three", "weight": 9}}
        }

    def test_a_model_asked_for_twice_has_the_fields_of_both(self, door: Door) -> None:
        door.write(create("meeting/1", name="m", topic_ids=list(range(50)), tag_ids=list(range(60))))
        requests = [
            {"collection": "meeting", "ids": [1], "mapped_fields": [field]}
            for field in ("name", "topic_ids", "tag_ids")
        ]
        assert door.read("get_many", {"requests": requests}) == {
            "meeting": {"1": {"name": "m", "topic_ids": list(range(50)), "tag_ids": list(range(60))}}
        }

    def test_nothing(self, door: Door) -> None:
        assert door.read("get_many", {"requests": []}) == {}
        assert door.read("get_many", {"requests": [{"collection": "topic", "ids": []}]}) == {"topic": {}}


class TestAll:
    def test_get_all(self, door: Door) -> None:
        body: dict[str, Any] = {"collection": "topic", "mapped_fields": ["title"]}
        assert door.read("get_all", body) == {"1": {"title": "One"}, "2": {"title": "two"}}
        assert door.read("get_all", {**body, "get_deleted_models": 2}) == {"3": {"title": "Three"}}
        assert door.read("get_all", {"collection": "user"}) == {}

    def test_get_everything_has_ids(self, door: Door) -> None:
        door.write(create("meeting/1", topic_ids=list(range(50))))
        everything = door.read("get_everything", {})
        assert everything["tag"] == {"1": {"id": 1, "name": "red", "meta_position": 1, "meta_deleted": False}}
        assert everything["topic"].keys() == {"1", "2"}
        assert everything["meeting"]["1"]["topic_ids"] == list(range(50))
        assert door.read("get_everything", {"get_deleted_models": 2}).keys() == {"topic"}


class TestFilter:
    def test_form(self, door: Door) -> None:
        body = {"collection": "topic", "filter": equals("title", "One"), "mapped_fields": ["weight"]}
        assert door.read("filter", body) == {"data": {"1": {"weight": 5}}, "position": 2}

    @pytest.mark.parametrize(
        ("filter_", "ids"),
        [
            (equals("meeting_id", 1), [1, 2]),
            (equals("meeting_id", "1"), [1, 2]),
            (equals("weight", 7.5), [2]),
            (equals("done", True), [3]),
            (equals("done", "true"), [3]),
            (equals("done", 1), []),
            (equals("text", None), [1, 3]),
            (equals("tag_ids", "[1, 2]"), [1]),
            (equals("meta_deleted", True), [3]),
            (equals("meta_position", 1), [1, 2]),
            (condition("text", "!=", None), [2]),
            (condition("text", "!=", "y"), [2]),
            (condition("meeting_id", "!=", 1), [3]),
            (condition("weight", "<", 7.5), [1]),
            (condition("weight", "<=", 7.5), [1, 2]),
            (condition("weight", ">", 7), [2, 3]),
            (condition("weight", ">=", 9), [3]),
            (condition("title", "~=", "oNE"), [1]),
            (condition("title", "~=", "o%"), []),
            (condition("title", "%=", "t%"), [2, 3]),
            (condition("title", "%=", "t_o"), [2]),
            (condition("id", "%=", "3"), [3]),
            (all_of(equals("meeting_id", 1), equals("title", "two")), [2]),
            (all_of(equals("meta_deleted", False), condition("weight", ">", 1)), [1, 2]),
            (all_of(equals("meta_deleted", False), equals("meta_deleted", True)), []),
            (any_of(equals("title", "One"), equals("meeting_id", 2)), [1, 3]),
            (any_of(equals("title", "One"), condition("weight", ">", 8)), [1, 3]),
            (any_of(all_of(equals("id", 1), equals("meta_deleted", True)), equals("id", 2)), [2]),
            (negated(equals("title", "One")), [2, 3]),
            (negated(equals("text", "y")), [2]),
            (negated(equals("text", None)), [2]),
            (negated(any_of(equals("text", "x"), equals("id", 1))), []),
        ],
    )
    def test_operators(self, door: Door, filter_: Any, ids: list[int]) -> None:
        assert door.found("topic", filter_) == ids
        assert door.read("count", {"collection": "topic", "filter": filter_}) == {"count": len(ids), "position": 2}
        assert door.read("exists", {"collection": "topic", "filter": filter_}) == {"exists": bool(ids), "position": 2}

    def test_long_lists_can_be_filtered(self, door: Door) -> None:
        door.write(create("meeting/1", id=1, topic_ids=list(range(30))))
        assert door.found("meeting", condition("topic_ids", "%=", "[0, 1, 2,%")) == [1]

    def test_position_of_an_empty_datastore(self, door: Door) -> None:
        door.post("/internal/datastore/writer/truncate_db", {})
        body = {"collection": "topic", "filter": equals("title", "x")}
        assert door.read("filter", body) == {"data": {}, "position": None}
        assert door.read("count", body) == {"count": 0, "position": None}


class TestExtremes:
    @pytest.mark.parametrize(
        ("field", "filter_", "smallest", "largest"),
        [
            ("weight", equals("meeting_id", 1), 5, 7.5),
            ("weight", condition("id", ">", 0), 5, 9),
            ("weight", all_of(equals("meeting_id", 2), equals("meta_deleted", False)), None, None),
            ("weight", all_of(equals("meeting_id", 2), equals("meta_deleted", True)), 9, 9),
            ("weight", all_of(equals("meeting_id", 1), equals("parent_id", None)), 5, 7.5),
            ("title", equals("meeting_id", 1), None, None),
            ("meta_position", condition("id", ">", 0), 1, 2),
        ],
    )
    def test_values(self, door: Door, field: str, filter_: Any, smallest: Any, largest: Any) -> None:
        body = {"collection": "topic", "filter": filter_, "field": field}
        assert door.read("min", body) == {"min": smallest, "position": 2}
        assert door.read("max", body) == {"max": largest, "position": 2}

    def test_as_integers(self, door: Door) -> None:
        door.write(create("topic/4", meeting_id=9, weight="12"), create("topic/5", meeting_id=9, weight="x"))
        body = {"collection": "topic", "filter": condition("title", "=", None), "field": "weight"}
        assert door.read("max", {**body, "type": "int"})["max"] == 12
        assert door.read("max", body)["max"] is None

    def test_follow_changes(self, door: Door) -> None:
        body = {"collection": "topic", "filter": equals("meeting_id", 1), "field": "sequential_number"}
        assert door.read("max", body)["max"] is None
        door.write(update("topic/1", sequential_number=4), update("topic/2", sequential_number=2**53 + 1))
        assert door.read("max", body)["max"] == 2**53 + 1
        door.write(delete("topic/2"))
        assert door.read("max", body)["max"] == 2**53 + 1
        live = all_of(body["filter"], equals("meta_deleted", False))
        assert door.read("max", {**body, "filter": live})["max"] == 4
        door.write(update("topic/1", meeting_id=3))
        assert door.read("max", {**body, "filter": live})["max"] is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("command", "body", "type_"),
        [
            ("get", {}, 2),
            ("get", [], 2),
            ("get", {"fqid": "topic"}, 1),
            ("get", {"fqid": "topic/0"}, 1),
            ("get", {"fqid": "Topic/1"}, 1),
            ("get", {"fqid": "ab/1"}, 1),
            ("get", {"fqid": "topic_/1"}, 1),
            ("get", {"fqid": "t" * 33 + "/1"}, 1),
            ("get", {"fqid": "topic/" + "1" * 43}, 1),
            ("get", {"fqid": 1}, 1),
            ("get", {"fqid": "topic/1", "mapped_fields": "title"}, 2),
            ("get", {"fqid": "topic/1", "mapped_fields": ["a b"]}, 1),
            ("get", {"fqid": "topic/1", "get_deleted_models": 0}, 2),
            ("get", {"fqid": "topic/1", "position": 0}, 2),
            ("get", {"fqid": "topic/1", "position": "1"}, 2),
            ("get_many", {"requests": {}}, 2),
            ("get_many", {"requests": [{"collection": "topic"}]}, 2),
            ("get_many", {"requests": [{"collection": "topic", "ids": ["1"]}]}, 1),
            ("get_many", {"requests": [{"collection": "topic", "ids": [2**70]}]}, 1),
            ("get_many", {"requests": ["topic/1"]}, 1),
            ("get_many", {"requests": [1]}, 2),
            ("get_all", {"collection": "to pic"}, 1),
            ("filter", {"collection": "topic"}, 2),
            ("filter", {"collection": "topic", "filter": {}}, 2),
            ("filter", {"collection": "topic", "filter": []}, 2),
            ("filter", {"collection": "topic", "filter": {"field": "a", "operator": "LIKE", "value": 1}}, 2),
            ("filter", {"collection": "topic", "filter": {"field": "a;", "operator": "=", "value": 1}}, 1),
            ("filter", {"collection": "topic", "filter": {"field": "a", "operator": "<", "value": None}}, 2),
            ("filter", {"collection": "topic", "filter": {"field": "a", "operator": "<", "value": "x"}}, 2),
            ("filter", {"collection": "topic", "filter": {"and_filter": []}}, 2),
            ("filter", {"collection": "topic", "filter": {"not_filter": {}, "field": "a"}}, 2),
            ("max", {"collection": "topic", "filter": equals("a", 1)}, 2),
            ("max", {"collection": "topic", "filter": equals("a", 1), "field": "a", "type": "text"}, 2),
            ("history_information", {"fqids": "topic/1"}, 2),
            ("history_information", {"fqids": ["topic"]}, 1),
            ("batch", {"queries": [{"command": "batch", "queries": []}]}, 2),
            ("batch", {"queries": [{"command": "nothing"}]}, 2),
            ("batch", {"queries": [{}]}, 2),
        ],
    )
    def test_bad_requests(self, door: Door, command: str, body: Any, type_: int) -> None:
        error = door.read_error(command, body)
        assert error["type"] == type_
        assert error["type_verbose"] == {1: "INVALID_FORMAT", 2: "INVALID_REQUEST"}[type_]
        assert error["msg"]

    def test_deep_filter(self, door: Door) -> None:
        filter_ = equals("a", 1)
        for _ in range(200):
            filter_ = negated(filter_)
        assert door.read_error("filter", {"collection": "topic", "filter": filter_})["type"] == 2


class TestBatch:
    def test_answers_in_order(self, door: Door) -> None:
        body = {
            "queries": [
                {"command": "count", "collection": "topic", "filter": equals("meeting_id", 1)},
                {"command": "get_many", "requests": [{"collection": "topic", "ids": [1], "mapped_fields": ["title"]}]},
                {"command": "get", "fqid": "tag/1", "mapped_fields": ["name"]},
                {
                    "command": "get_many",
                    "requests": [{"collection": "topic", "ids": [1, 3], "mapped_fields": ["weight"]}],
                    "get_deleted_models": 2,
                },
                {"command": "get_many", "requests": ["topic/3/title"], "position": 1},
            ]
        }
        assert door.read("batch", body) == {
            "position": 2,
            "answers": [
                {"count": 2, "position": 2},
                {"topic": {"1": {"title": "One"}}},
                {"name": "red"},
                {"topic": {"3": {"weight": 9}}},
                {"topic": {"3": {"title": "Three"}}},
            ],
        }

    def test_empty(self, door: Door) -> None:
        assert door.read("batch", {"queries": []}) == {"position": 2, "answers": []}

    def test_one_error_is_the_answer(self, door: Door) -> None:
        assert door.read_error("batch", {"queries": [{"command": "get", "fqid": "topic/9"}]})["fqid"] == "topic/9"
