"""What was: models as of a position, and the information of positions."""

import time

from tests.integration.embedded.datastore.door import Door, create, delete, restore, update


def test_states_of_a_model(door: Door) -> None:
    long = list(range(50))
    door.write(create("topic/1", title="a", tag_ids=[1], poll_ids=long))
    door.write(update("topic/1", title=None, text="b", add={"tag_ids": [2], "poll_ids": [50]}))
    door.write(update("topic/1", remove={"tag_ids": [1], "poll_ids": [0]}, add={"new_ids": [1]}))
    door.write(create("tag/1", name="x"))
    door.write(delete("topic/1"))
    door.write(restore("topic/1"))
    states = [door.get("topic/1", position=position, get_deleted_models=3) for position in range(1, 7)]
    first = {"title": "a", "tag_ids": [1], "poll_ids": long}
    second = {"text": "b", "tag_ids": [1, 2], "poll_ids": [*long, 50]}
    third = {"text": "b", "tag_ids": [2], "poll_ids": [*long[1:], 50], "new_ids": [1]}
    assert states == [
        {**first, "meta_position": 1, "meta_deleted": False},
        {**second, "meta_position": 2, "meta_deleted": False},
        {**third, "meta_position": 3, "meta_deleted": False},
        {**third, "meta_position": 3, "meta_deleted": False},
        {**third, "meta_position": 5, "meta_deleted": True},
        {**third, "meta_position": 6, "meta_deleted": False},
    ]
    assert states[-1] == door.get("topic/1")
    assert door.read_error("get", {"fqid": "topic/1", "position": 5})["fqid"] == "topic/1"
    assert door.read_error("get", {"fqid": "tag/1", "position": 3})["fqid"] == "tag/1"
    body = {"requests": [{"collection": "topic", "ids": [1]}, "tag/1/name"], "position": 2, "mapped_fields": ["text"]}
    assert door.read("get_many", body) == {"topic": {"1": {"text": "b"}}, "tag": {}}


def test_information(door: Door) -> None:
    before = int(time.time())
    door.write(create("topic/1", title="a"), information={"topic/1": ["Created"]}, user_id=5)
    door.write(update("topic/1", title="b"))
    door.write(update("topic/1", title="c"), update("topic/1", title="d"), information=["Changed"], user_id=6)
    door.write(create("tag/1", name="a"), information="Other")
    body = {"fqids": ["topic/1", "tag/1", "user/1"]}
    answer = door.read("history_information", body)
    times = [entry.pop("timestamp") for entry in (*answer["topic/1"], *answer["tag/1"])]
    assert all(before <= timestamp <= time.time() for timestamp in times)
    assert answer == {
        "topic/1": [
            {"position": 1, "user_id": 5, "information": {"topic/1": ["Created"]}},
            {"position": 3, "user_id": 6, "information": ["Changed"]},
        ],
        "tag/1": [{"position": 4, "user_id": 1, "information": "Other"}],
        "user/1": [],
    }
    assert door.post("/internal/datastore/writer/delete_history_information", {}).status_code == 204
    assert door.read("history_information", body) == {"topic/1": [], "tag/1": [], "user/1": []}
    assert door.get("topic/1", "title", position=1) == {"title": "a"}
