"""Costs that must not grow with a meeting, counted in what is read and written instead of in time."""

from typing import Any

import pytest

from openslides_backend.embedded.datastore.application import DatastoreApplication
from openslides_backend.embedded.datastore.database import Session
from tests.integration.embedded.datastore.door import Door, all_of, create, equals, update

MANY = 2000


class Meter:
    """Rows and characters that go through sessions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = self.characters = 0
        query, write, read = Session.rows, Session.many, Session.row

        def rows(session: Session, statement: str, parameters: Any = ()) -> list[Any]:
            found = query(session, statement, parameters)
            self._count(found)
            return found

        def row(session: Session, statement: str, parameters: Any = ()) -> Any:
            found = read(session, statement, parameters)
            self._count([found or ()])
            return found

        def many(session: Session, statement: str, parameters: Any) -> None:
            listed = list(parameters)
            self._count(listed)
            write(session, statement, listed)

        monkeypatch.setattr(Session, "rows", rows)
        monkeypatch.setattr(Session, "row", row)
        monkeypatch.setattr(Session, "many", many)

    def _count(self, rows: list[Any]) -> None:
        self.rows += len(rows)
        self.characters += sum(len(str(value)) for row in rows for value in row)

    def take(self) -> tuple[int, int]:
        taken = self.rows, self.characters
        self.rows = self.characters = 0
        return taken


def one_topic(door: Door, id_: int) -> None:
    """What creating a topic asks and writes."""
    live = all_of(equals("meeting_id", 1), equals("parent_id", None), equals("meta_deleted", False))
    numbers = {"collection": "topic", "filter": equals("meeting_id", 1), "field": "sequential_number"}
    weights = {"collection": "topic", "filter": live, "field": "weight"}
    position = door.read("max", numbers)["position"]
    door.read("batch", {"queries": [{"command": "max", **numbers}, {"command": "max", **weights}]})
    door.read("get_many", {"requests": [{"collection": "meeting", "ids": [1], "mapped_fields": ["name"]}]})
    assert door.found("topic", all_of(equals("meeting_id", 1), equals("name", f"n{id_}"))) == []
    assert door.read("count", {"collection": "topic", "filter": equals("meeting_id", 1)})["count"] >= 10
    door.reserve("topic", 1)
    lock = {"position": position, "filter": equals("meeting_id", 1)}
    door.write(
        create(f"topic/{id_}", name=f"n{id_}", meeting_id=1, sequential_number=id_, weight=id_),
        update("meeting/1", add={"topic_ids": [id_]}),
        locks={"topic/sequential_number": lock, "meeting/1/name": position},
    )


def test_a_topic_costs_the_same_in_a_large_meeting(
    application: DatastoreApplication, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.write(create("meeting/1", name="m", topic_ids=list(range(100, 150))))
    door.write(
        *(
            create(f"topic/{id_}", name=f"n{id_}", meeting_id=1, sequential_number=id_, weight=id_)
            for id_ in range(100, 150)
        )
    )
    meter = Meter(monkeypatch)
    one_topic(door, 200)
    small = meter.take()
    door.write(
        *(
            create(f"topic/{id_}", name=f"n{id_}", meeting_id=1, sequential_number=id_, weight=id_)
            for id_ in range(1000, 1000 + MANY)
        ),
        update("meeting/1", add={"topic_ids": list(range(1000, 1000 + MANY))}),
    )
    meter.take()
    one_topic(door, 10_000)
    large = meter.take()
    assert large[0] == small[0]
    assert large[1] <= small[1] * 1.1
