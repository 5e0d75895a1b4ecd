"""Locks of write requests (datastore.md, "Writer", `locked_fields`)."""

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
    request,
    restore,
    update,
)


@pytest.fixture(autouse=True)
def stored(door: Door) -> None:
    """Position 1 creates the models that are locked."""
    door.write(
        create("topic/1", id=1, title="a", text="b", meeting_id=1, tag_ids=[1]),
        create("topic/2", id=2, title="a", meeting_id=2),
    )


KEYS = ("topic/1", "topic/1/id", "topic/1/title", "topic/1/text", "topic/1/tag_ids", "topic/title", "topic/text")


class TestWhatBreaks:
    @pytest.mark.parametrize(
        ("event", "broken"),
        [
            (update("topic/1", title="c"), {"topic/1", "topic/1/title", "topic/title"}),
            (update("topic/1", text=None), {"topic/1", "topic/1/text", "topic/text"}),
            (update("topic/1", add={"tag_ids": [2]}), {"topic/1", "topic/1/tag_ids"}),
            (update("topic/1", remove={"tag_ids": [1]}), {"topic/1", "topic/1/tag_ids"}),
            (update("topic/2", title="c"), {"topic/title"}),
            (create("topic/3", title="c"), {"topic/title"}),
            (create("tag/1", title="c"), set()),
            (delete("topic/1"), set(KEYS)),
        ],
    )
    def test_events(self, door: Door, event: Any, broken: set[str]) -> None:
        door.write(event)
        assert set(door.broken(dict.fromkeys(KEYS, 1))) == broken
        assert door.broken(dict.fromkeys(KEYS, 2)) == []

    def test_restore_changes_every_field(self, door: Door) -> None:
        door.write(delete("topic/1"))
        door.write(restore("topic/1"))
        assert set(door.broken(dict.fromkeys(KEYS, 2))) == set(KEYS)

    def test_creation_of_the_locked_model(self, door: Door) -> None:
        door.write(create("topic/3", title="c"))
        locks = {"topic/3": 1, "topic/3/title": 1, "topic/3/id": 1, "topic/4": 1, "topic/4/title": 1, "topic/id": 1}
        assert door.broken(locks) == ["topic/3", "topic/3/title", "topic/3/id", "topic/id"]

    def test_later_changes_of_other_fields_hide_nothing(self, door: Door) -> None:
        door.write(update("topic/1", title="c"))
        door.write(update("topic/1", text="c"))
        assert door.broken({"topic/1/title": 1}) == ["topic/1/title"]
        assert door.broken({"topic/1/title": 2, "topic/title": 2}) == []

    def test_nothing_is_written_with_a_broken_lock(self, door: Door) -> None:
        door.write(update("topic/1", title="c"))
        body = request(update("topic/2", title="d"), create("topic/3"), locks={"topic/1/title": 1, "topic/2/title": 1})
        error = door.write_error(body)
        assert error == {"type": 6, "type_verbose": "MODEL_LOCKED", "keys": ["topic/1/title"]}
        assert door.get("topic/2", "title") == {"title": "a"}
        assert door.position() == 2

    def test_own_changes_do_not_break(self, door: Door) -> None:
        assert door.write(update("topic/1", title="c"), locks=dict.fromkeys(KEYS, 1)) == 2

    def test_without_events(self, door: Door) -> None:
        path = "/internal/datastore/writer/write_without_events"
        door.post(path, [request(create("action_worker/1", name="a"))])
        door.write(update("topic/1", title="c"))
        door.post(path, [request(update("action_worker/1", name="b"))])
        assert door.broken({"action_worker/name": 1, "action_worker/1/name": 1}) == []


class TestFilteredLocks:
    @pytest.mark.parametrize(
        ("event", "filter_", "broken"),
        [
            (update("topic/1", title="c"), equals("meeting_id", 1), True),
            (update("topic/1", title="c"), equals("meeting_id", 2), False),
            (update("topic/1", title="c"), all_of(equals("meeting_id", 1), equals("title", "c")), True),
            (update("topic/1", text="c"), equals("meeting_id", 1), False),
            (create("topic/3", title="c", meeting_id=1), equals("meeting_id", 1), True),
            (create("topic/3", title="c", meeting_id=3), equals("meeting_id", 1), False),
            (create("topic/3", text="c", meeting_id=1), equals("meeting_id", 1), False),
            (delete("topic/1"), equals("meeting_id", 1), True),
            (delete("topic/1"), all_of(equals("meeting_id", 1), equals("meta_deleted", False)), True),
            (delete("topic/2"), all_of(equals("meeting_id", 1), equals("meta_deleted", False)), False),
            (update("topic/1", title="c", meeting_id=3), equals("meeting_id", 1), True),
            (update("topic/1", title="c"), condition("title", "%=", "C"), True),
        ],
    )
    def test_only_models_of_the_filter(self, door: Door, event: Any, filter_: Any, broken: bool) -> None:
        door.write(event)
        lock = {"position": 1, "filter": filter_}
        assert door.broken({"topic/title": lock}) == (["topic/title"] if broken else [])
        assert door.broken({"topic/title": {**lock, "position": 2}}) == []

    def test_several_parts(self, door: Door) -> None:
        door.write(update("topic/1", title="c"))
        door.write(update("topic/2", title="c"))
        one, two = equals("meeting_id", 1), equals("meeting_id", 2)
        assert door.broken({"topic/title": [{"position": 2, "filter": one}, {"position": 3, "filter": two}]}) == []
        assert door.broken({"topic/title": [{"position": 2, "filter": one}, {"position": 2, "filter": two}]}) == [
            "topic/title"
        ]
        assert door.broken({"topic/title": {"position": 2, "filter": any_of(one, two)}}) == ["topic/title"]

    def test_without_filter(self, door: Door) -> None:
        door.write(update("topic/1", title="c"))
        assert door.broken({"topic/title": {"position": 1}}) == ["topic/title"]

    def test_several_collections(self, door: Door) -> None:
        door.write(create("tag/1", name="a"), create("user/1", username="b"))
        locks = {"tag/name": 1, "user/username": 2, "user/name": 1, "topic/title": 1}
        assert door.broken(locks) == ["tag/name"]
