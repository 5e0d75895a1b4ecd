"""Many at once: positions, ids and lists stay right, in one process and (PostgreSQL) in several."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from openslides_backend.embedded.datastore.application import DatastoreApplication, create_datastore_application
from tests.integration.embedded.datastore.door import Door, create, request, update

THREADS = 8
EACH = 15


def run_all(work: Callable[[int], Any]) -> list[Any]:
    """The results of the work for each thread."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


def check(doors: list[Door]) -> None:
    """Threads that use the doors in turn write, are refused, reserve ids and add to one list."""
    doors[0].write(create("meeting/1", name="m"))

    def work(thread: int) -> list[int]:
        door = doors[thread % len(doors)]
        ids = []
        for number in range(EACH):
            (id_,) = door.reserve("topic", 1)
            ids.append(id_)
            door.write(
                create(f"topic/{id_}", number=number, meeting_id=1), update("meeting/1", add={"topic_ids": [id_]})
            )
            error = door.write_error(request(create(f"topic/{id_}"), update("meeting/1", add={"topic_ids": [-id_]})))
            assert error["type"] == 4
        return ids

    ids = [id_ for ids in run_all(work) for id_ in ids]
    assert sorted(ids) == list(range(1, THREADS * EACH + 1))
    door = doors[0]
    assert sorted(door.get("meeting/1", "topic_ids")["topic_ids"]) == sorted(ids)
    assert door.position() == THREADS * EACH + 1
    positions = [model["meta_position"] for model in door.read("get_all", {"collection": "topic"}).values()]
    assert sorted(positions) == list(range(2, THREADS * EACH + 2))


def test_threads(door: Door) -> None:
    check([door])


@pytest.mark.postgres
def test_replicas(postgres_application: DatastoreApplication, shared_postgres_url: str) -> None:
    postgres_application.truncate_db(None)
    others = [create_datastore_application(shared_postgres_url, development=True) for _ in range(2)]
    check([Door(application) for application in (postgres_application, *others)])


def test_locked_counter(door: Door) -> None:
    """Whoever counts up with a lock on what was read, and tries again, loses no step."""
    door.write(create("counter/1", value=0))

    def work(_thread: int) -> None:
        for _ in range(EACH):
            while True:
                model = door.get("counter/1", "value", "meta_position")
                event = update("counter/1", value=model["value"] + 1)
                body = request(event, locks={"counter/1/value": model["meta_position"]})
                response = door.post("/internal/datastore/writer/write", body)
                if response.status_code == 201:
                    break
                assert response.json is not None
                assert response.json["error"]["type"] == 6

    run_all(work)
    assert door.get("counter/1", "value") == {"value": THREADS * EACH}


def test_readers_see_whole_positions(door: Door) -> None:
    door.write(create("topic/1", value=0), create("topic/2", value=0))

    def work(thread: int) -> None:
        for number in range(EACH):
            if thread == 0:
                door.write(update("topic/1", value=number), update("topic/2", value=number))
                continue
            queries = [{"command": "get", "fqid": f"topic/{id_}", "mapped_fields": ["value"]} for id_ in (1, 2)]
            one, two = door.read("batch", {"queries": queries})["answers"]
            assert one == two

    run_all(work)
