"""An assembly's table of people, uploaded an hour before it begins: over HTTP, with real passwords and progress."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from dev.bulk_data import MEETING, BulkData
from dev.stack import Stack
from tests.system.people import Person

PEOPLE = 150
PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack that answers long batches with 202 soon."""
    with Stack({"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "0.5"}) as running:
        BulkData(running).load_example()
        yield running


@pytest.fixture
def admin(stack: Stack) -> Person:
    """The superadmin."""
    return Person(stack, "superadmin", "superadmin")


def outcome(
    stack: Stack, answer: requests.Response, work: Callable[[], object] = lambda: None
) -> tuple[Any, list[Any]]:
    """What an action has answered in the end for its first element, and what it told of its progress before.

    `work` is done whenever it isn't finished yet.
    """
    told: list[Any] = []
    body, data = answer.json(), BulkData(stack)
    if answer.status_code != 202:
        assert answer.status_code == 200, body
        return body["results"][0][0], told
    id_, deadline = int(body["results"][0][0]["fqid"].partition("/")[2]), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        worker = data.all_of("action_worker").get(id_)
        if worker is not None and worker["state"] != "running":
            assert worker["result"]["success"], worker
            return worker["result"]["results"][0][0], told
        if worker is not None and worker.get("result"):
            told.append(worker["result"]["progress"])
        work()
    raise AssertionError(f"It is still running: {told[-1:]}")


def test_people_are_brought_in(stack: Stack, admin: Person) -> None:
    """Each gets a password of his own and can log in with it; others are served meanwhile, and a client shows a bar."""
    table = [
        {
            "first_name": f"Zoe\u0308 {number}",
            "last_name": "Nguyễn ",
            "email": f"{number}@EXAMPLE.com",
            "groups": "Guests",
        }
        for number in range(PEOPLE)
    ]
    upload = {"meeting_id": MEETING, "data": table}
    preview, _ = outcome(stack, admin.call("participant.json_upload", upload))
    assert [(row["state"], row["messages"]) for row in preview["rows"]] == [("new", [])] * PEOPLE

    tag = {"name": "x", "meeting_id": MEETING}
    answer = admin.call("participant.import", {"id": preview["id"], "import": True})
    assert answer.status_code == 202
    done, told = outcome(stack, answer, lambda: outcome(stack, admin.call("tag.create", tag)))
    assert done["state"] == "done"
    assert told, "It has told nothing of its progress."
    assert {progress["total"] for progress in told} == {PEOPLE}
    numbers = [progress["done"] for progress in told]
    assert numbers == sorted(numbers)
    first = done["rows"][0]["data"]
    Person(stack, first["username"]["value"], first["default_password"]["value"])

    again, _ = outcome(stack, admin.call("participant.json_upload", upload))
    assert {row["state"] for row in again["rows"]} == {"done"}
    before = {id_: user["meta_position"] for id_, user in BulkData(stack).all_of("user").items()}
    outcome(stack, admin.call("participant.import", {"id": again["id"], "import": True}))
    assert {id_: user["meta_position"] for id_, user in BulkData(stack).all_of("user").items()} == before


def test_problems_of_single_rows(stack: Stack, admin: Person) -> None:
    """Each row tells its own; nothing can be imported as long as there is one."""
    rows = [
        {"username": "with blank"},
        {"username": "x", "email": "not an address"},
        {"username": "fine"},
        {"username": "twice"},
        {"username": "twice"},
    ]
    preview, _ = outcome(stack, admin.call("account.json_upload", {"data": rows}))
    assert [row["state"] for row in preview["rows"]] == ["error", "error", "new", "error", "error"]
    assert [len(row["messages"]) for row in preview["rows"]] == [1, 1, 0, 1, 1]
    assert admin.call("account.import", {"id": preview["id"], "import": True}).status_code == 400
