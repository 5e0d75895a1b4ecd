"""An assembly's table of people, uploaded an hour before it begins: over HTTP, with real passwords and progress."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import requests

from dev.bulk_data import MEETING, BulkData
from dev.file_benchmark import watched
from dev.stack import Stack
from openslides_backend.services.datastore import GetMany
from tests.system.people import Person

PEOPLE = 150
MANY_WITH_PASSWORDS = 5_000
MOST_ROWS = 20_000
PATIENCE_SECONDS = 120.0
LONG_PATIENCE_SECONDS = 1_800.0
CHANGED = (
    "agenda_item",
    "committee",
    "group",
    "history_entry",
    "history_position",
    "meeting",
    "meeting_user",
    "organization_tag",
    "structure_level",
    "topic",
    "user",
)
PHASES = 3
"""Accounts, passwords and participations are counted one after the other."""
MOST_BYTES = 1 << 30
"""By which the largest process of a service may grow for the most rows; action and datastore grew by half of it."""


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
    stack: Stack,
    answer: requests.Response,
    work: Callable[[], object] = lambda: None,
    patience: float = PATIENCE_SECONDS,
) -> tuple[Any, list[Any]]:
    """What an action has answered in the end for its first element, and what it told of its progress before.

    `work` is done whenever it isn't finished yet.
    """
    told: list[Any] = []
    body, data = answer.json(), BulkData(stack)
    if answer.status_code != 202:
        assert answer.status_code == 200, body
        return body["results"][0][0], told
    id_, deadline = int(body["results"][0][0]["fqid"].partition("/")[2]), time.monotonic() + patience
    while time.monotonic() < deadline:
        (workers,) = data.datastore.read([GetMany("action_worker", (id_,), ("state", "result"))])
        worker = workers.get(id_)
        if worker is not None and worker["state"] != "running":
            assert worker["result"]["success"], worker
            return worker["result"]["results"][0][0], told
        if worker is not None and worker.get("result"):
            told.append(worker["result"]["progress"])
        work()
    raise AssertionError(f"It is still running: {told[-1:]}")


@pytest.mark.parametrize("people", [PEOPLE, pytest.param(MANY_WITH_PASSWORDS, marks=pytest.mark.long)])
def test_people_are_brought_in(stack: Stack, admin: Person, people: int) -> None:
    """Each gets a password of his own and can log in with it; others are served meanwhile, and a client shows a bar."""
    table = [
        {
            "first_name": f"Zoe\u0308 {number}",
            "last_name": "Nguyễn ",
            "email": f"{people}-{number}@EXAMPLE.com",
            "groups": "Guests",
        }
        for number in range(people)
    ]
    upload = {"meeting_id": MEETING, "data": table}
    preview, _ = outcome(stack, admin.call("participant.json_upload", upload))
    assert [(row["state"], row["messages"]) for row in preview["rows"]] == [("new", [])] * people

    tag = {"name": "x", "meeting_id": MEETING}
    answer = admin.call("participant.import", {"id": preview["id"], "import": True})
    assert answer.status_code == 202
    done, told = outcome(
        stack, answer, lambda: outcome(stack, admin.call("tag.create", tag)), patience=LONG_PATIENCE_SECONDS
    )
    assert done["state"] == "done"
    assert told, "It has told nothing of its progress."
    assert {progress["total"] for progress in told} == {people}
    numbers = [progress["done"] for progress in told]
    begun_anew = sum(later < earlier for earlier, later in pairwise(numbers))
    assert begun_anew < PHASES, numbers
    assert any(0 < number < people for number in numbers)
    first = done["rows"][0]["data"]
    Person(stack, first["username"]["value"], first["default_password"]["value"])

    assert_unchanged(stack, admin, "participant", upload)


def models(stack: Stack) -> Any:
    """Everything that an import may change or tell, with the positions."""
    data = BulkData(stack)
    return {collection: data.all_of(collection) for collection in CHANGED}


def bring_in(stack: Stack, admin: Person, kind: str, upload: dict[str, Any]) -> Any:
    """Both steps, which must succeed; the rows of the preview."""
    preview, _ = outcome(stack, admin.call(f"{kind}.json_upload", upload), patience=LONG_PATIENCE_SECONDS)
    assert preview["state"] != "error", [row["messages"] for row in preview["rows"] if row["messages"]][:3]
    answer = admin.call(f"{kind}.import", {"id": preview["id"], "import": True})
    done, _ = outcome(stack, answer, patience=LONG_PATIENCE_SECONDS)
    assert done["state"] == "done"
    return preview["rows"]


def assert_unchanged(stack: Stack, admin: Person, kind: str, upload: dict[str, Any]) -> None:
    """Once more the same table, of which everything is stored: nothing is written, history included."""
    before = models(stack)
    assert {row["state"] for row in bring_in(stack, admin, kind, upload)} == {"done"}
    assert models(stack) == before


@pytest.mark.parametrize(
    ("kind", "upload"),
    [
        ("account", {"data": [{"username": "a1", "title": " Dr. ", "default_password": ""}, {"saml_id": "a2 "}]}),
        (
            "committee",
            {
                "data": [
                    {"name": "c1", "parent": "c2", "managers": "superadmin", "description": "<b>x"},
                    {"name": "c2", "organization_tags": "t1,t2", "forward_to_committees": ["c1"]},
                ]
            },
        ),
        (
            "topic",
            {"meeting_id": MEETING, "data": [{"title": "t1", "text": "<i>x", "agenda_duration": "5"}, {"title": "t2"}]},
        ),
    ],
)
def test_the_same_table_again_changes_nothing(stack: Stack, admin: Person, kind: str, upload: dict[str, Any]) -> None:
    assert {row["state"] for row in bring_in(stack, admin, kind, upload)} == {"new"}
    assert_unchanged(stack, admin, kind, upload)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["account", "participant"])
def test_the_most_rows(stack: Stack, admin: Person, kind: str) -> None:
    """They take longer than anybody waits for an answer, and no timeout ends them."""
    table: list[dict[str, Any]] = [{"saml_id": f"{kind}-{number}"} for number in range(MOST_ROWS)]
    upload: dict[str, Any] = {"data": table}
    if kind == "participant":
        upload["meeting_id"] = MEETING
        for number, row in enumerate(table):
            row.update(groups="Guests", structure_level=f"level {number % 20}", number=str(number))
    with watched(stack, "action", "datastore", "permission") as peak:
        assert {row["state"] for row in bring_in(stack, admin, kind, upload)} == {"new"}
    assert max(peak.growth.values()) < MOST_BYTES, peak.growth
    assert_unchanged(stack, admin, kind, upload)


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
