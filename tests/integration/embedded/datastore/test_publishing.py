"""What listeners are told of committed writes (datastore.md, the stream `ModifiedFields`)."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
import redis

from openslides_backend.embedded.datastore.application import create_datastore_application
from openslides_backend.embedded.datastore.publishing import STREAM
from tests.integration.embedded.datastore.door import Door, create, delete, request, restore, update

pytestmark = pytest.mark.redis


class Listener:
    """Reads the entries of the shared stream that concern one model."""

    def __init__(self, address: tuple[str, int], fqid: str) -> None:
        self._redis = redis.Redis(*address, decode_responses=True)
        self._fqid = fqid
        newest: Any = self._redis.xrevrange(STREAM, count=1)
        self._last = newest[0][0] if newest else "0"

    def next(self) -> dict[str, Any]:
        """The next entry about the model, waited for."""
        while True:
            answer: Any = self._redis.xread({STREAM: self._last}, block=10_000, count=1)
            assert answer, "no entry came"
            [(_, [(self._last, entry)])] = answer
            if any(key.startswith(f"{self._fqid}/") for key in entry):
                return {key.removeprefix(f"{self._fqid}/"): json.loads(value) for key, value in entry.items()}


def test_changed_fields(tmp_path: Path, redis_address: tuple[str, int]) -> None:
    door = Door(create_datastore_application(f"sqlite:///{tmp_path}/d.sqlite", True, redis_address))
    fqid = f"probe/{uuid.uuid4().int % 10**9 + 1}"
    listener = Listener(redis_address, fqid)
    long = list(range(50))
    door.write(create(fqid, title="a", poll_ids=long))
    assert listener.next() == {"title": "a", "poll_ids": long, "meta_deleted": False, "meta_position": 1}
    door.write_error(request(update(fqid, title="no"), create(fqid)))
    door.write(update(fqid, title=None, text="b", add={"poll_ids": [99]}))
    told = {"title": None, "text": "b", "poll_ids": [*long, 99]}
    assert listener.next() == {**told, "meta_deleted": False, "meta_position": 2}
    door.write(delete(fqid))
    assert listener.next() == {"text": None, "poll_ids": None, "meta_deleted": True, "meta_position": 3}
    door.write(restore(fqid))
    assert listener.next() == {"text": "b", "poll_ids": [*long, 99], "meta_deleted": False, "meta_position": 4}


def test_message_bus_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    door = Door(create_datastore_application(f"sqlite:///{tmp_path}/d.sqlite", True, ("127.0.0.1", 9)))
    assert door.write(create("topic/1", title="secret")) == 1
    assert door.fields("topic/1") == {"title": "secret"}
    assert "secret" not in caplog.text
