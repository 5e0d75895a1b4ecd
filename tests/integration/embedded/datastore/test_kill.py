"""kill -9 of the process that writes: what was answered is there, and nothing is there by half."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openslides_backend.embedded.datastore.application import create_datastore_application
from tests.integration.embedded.datastore.door import Door, create

PROGRAM = """
import json, sys
from openslides_backend.embedded.datastore.application import create_datastore_application
from tests.integration.embedded.datastore.door import Door, create, update

door = Door(create_datastore_application(sys.argv[1], development=True))
while True:
    (id_,) = door.reserve("topic", 1)
    door.write(create(f"topic/{id_}", title="x", meeting_id=1), update("meeting/1", add={"topic_ids": [id_]}))
    print(id_, flush=True)
"""


def check(url: str) -> None:
    door = Door(create_datastore_application(url, development=True))
    door.write(create("meeting/1", name="m"))
    answered: list[int] = []
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, url], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(20):
            answered.append(int(process.stdout.readline()))
        os.kill(process.pid, signal.SIGKILL)
        answered += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()
        process.stdout.close()
    topics: dict[str, Any] = door.read("get_all", {"collection": "topic"})
    stored = sorted(map(int, topics))
    assert len(set(answered)) == len(answered)
    assert set(answered) <= set(stored)
    assert len(stored) <= len(answered) + 3
    assert sorted(door.get("meeting/1", "topic_ids")["topic_ids"]) == stored
    assert door.found("topic", {"field": "meeting_id", "operator": "=", "value": 1}) == stored
    assert all(topic["title"] == "x" for topic in topics.values())
    assert door.reserve("topic", 1)[0] > max(stored)


def test_sqlite(tmp_path: Path) -> None:
    check(f"sqlite:///{tmp_path}/d.sqlite")


@pytest.mark.postgres
def test_postgres(postgres_url: str) -> None:
    check(postgres_url)
