"""Which rows PostgreSQL reads for our statements, counted by itself, in a database that was filled and emptied before.

It keeps the plans of statements that run often; those of now may be of a time when the tables were empty.
"""

import psycopg
import pytest

from openslides_backend.embedded.datastore.application import DatastoreApplication
from openslides_backend.embedded.datastore.store import Store
from tests.integration.embedded.datastore.door import Door, all_of, create, delete, equals, update
from tests.rows_read import rows_read

pytestmark = pytest.mark.postgres

MANY = 1000
OFTEN = 12
"""After five times the driver prepares a statement; after five more the server makes a plan that it keeps."""
_TABLES = "models, list_items, entries, positions, events"


def use(door: Door, number: int) -> None:
    """Each kind of statement at least once, on the models with this number."""
    position = door.position()
    door.write(create(f"topic/{number}", meeting_id=1), create(f"tag/{number}", ids=list(range(30)), meeting_id=1))
    door.write(
        update(f"tag/{number}", add={"ids": [31]}, remove={"ids": [7]}),
        update(f"topic/{number}", meeting_id=2),
        locks={f"topic/{number}/title": position + 1, "tag/title": position + 1, "motion/title": position + 1},
    )
    assert door.found("topic", equals("meeting_id", 2))
    assert door.found("tag", all_of(equals("meeting_id", 1), equals("meta_deleted", False)))
    door.read("max", {"collection": "topic", "filter": equals("meeting_id", 2), "field": "sequential_number"})
    parts = [{"collection": name, "ids": [number, number + 1]} for name in ("topic", "tag")]
    assert door.read("get_many", {"requests": parts})["tag"]
    assert door.get(f"tag/{number}", "ids")["ids"]
    door.write(delete(f"topic/{number}"), delete(f"tag/{number}"))


@pytest.mark.parametrize("emptied_by", ["SELECT 1", f"TRUNCATE {_TABLES}", f"TRUNCATE {_TABLES}; VACUUM ANALYZE"])
def test_plans_of_empty_tables_are_good_for_full_ones(postgres_url: str, emptied_by: str) -> None:
    store = Store(postgres_url)
    door = Door(DatastoreApplication(store, development=True))
    for number in range(OFTEN):
        use(door, number + 1)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for statement in emptied_by.split("; "):
            connection.execute(statement.encode())
    for number in range(OFTEN):
        use(door, OFTEN + number + 1)
    door.write(*(create(f"{name}/{MANY + id_}", meeting_id=3) for id_ in range(MANY) for name in ("topic", "tag")))
    use(door, MANY - 1)
    assert len(door.found("topic", equals("meeting_id", 3))) == MANY
    store.close()
    read = rows_read(postgres_url)
    assert {name: of_table.in_turn for name, of_table in read.items() if of_table.in_turn} == {}
    assert {name: of_table.by_index for name, of_table in read.items() if of_table.by_index > 3 * MANY} == {}
