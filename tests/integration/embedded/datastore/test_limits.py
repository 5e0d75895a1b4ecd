"""Requests beyond the limits of docs/datastore.md are refused, and those at the limits are not."""

from typing import Any

import pytest

from openslides_backend.embedded.datastore import commands, filtering, parsing, reading
from openslides_backend.embedded.datastore.names import MAX_FIELD
from tests.integration.embedded.datastore.door import Door, create, request

PART = {"collection": "topic", "ids": [1], "mapped_fields": []}
QUERY = {"command": "get_many", "requests": [PART]}
CONDITION = {"field": "title", "operator": "=", "value": "x"}
LOWERED = 3


@pytest.fixture(autouse=True)
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would take a million of something to reach takes a few."""
    for module, name in (
        (commands, "MAX_PARTS"),
        (commands, "MAX_IDS"),
        (filtering, "MAX_CONDITIONS"),
        (parsing, "MAX_EVENTS"),
        (parsing, "MAX_AMOUNT"),
    ):
        monkeypatch.setattr(module, name, LOWERED)


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = {"x": value} if isinstance(value, list) else [value]
    return value


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("get_many", lambda number: {"requests": [{**PART, "ids": []}] * number}),
        ("get_many", lambda number: {"requests": [{**PART, "ids": list(range(1, number + 1))}]}),
        ("batch", lambda number: {"queries": [{"command": "migration_index"}] * number}),
        ("batch", lambda number: {"queries": [QUERY, {**QUERY, "requests": [PART] * (number - 1)}]}),
        ("history_information", lambda number: {"fqids": ["topic/1"] * number}),
        ("exists", lambda number: {"collection": "topic", "filter": {"or_filter": [CONDITION] * number}}),
        (
            "exists",
            lambda number: {
                "collection": "topic",
                "filter": {"and_filter": [{"not_filter": CONDITION}, {"or_filter": [CONDITION] * (number - 1)}]},
            },
        ),
    ],
)
def test_reader(door: Door, command: str, body: Any) -> None:
    door.read(command, body(LOWERED))
    assert door.read_error(command, body(LOWERED + 1))["type"] == 2


@pytest.mark.parametrize("command", ["filter", "exists", "count"])
def test_comparisons(door: Door, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Conditions times models; alternatives that are looked up count once."""
    monkeypatch.setattr(reading, "MAX_COMPARISONS", 10)
    monkeypatch.setattr(filtering, "MAX_CONDITIONS", 100)
    door.write(*(create(f"topic/{id_}", text="x") for id_ in range(1, LOWERED + 1)))
    others = [{"field": "text", "operator": "!=", "value": str(number)} for number in range(5)]
    equals = [{"field": "text", "operator": "=", "value": str(number)} for number in range(50)]
    body = {"collection": "topic", "mapped_fields": ["text"]}
    assert door.read_error(command, {**body, "filter": {"and_filter": others}})["type"] == 2
    door.read(command, {**body, "filter": {"and_filter": others[:2]}})
    door.read(command, {**body, "filter": {"or_filter": equals}})


def test_events(door: Door) -> None:
    door.write(*(create(f"topic/{id_}", title="x") for id_ in range(1, LOWERED + 1)))
    more = [create(f"tag/{id_}", name="x") for id_ in range(1, LOWERED + 2)]
    assert door.write_error(request(*more))["type"] == 2
    assert door.write_error([request(*more[:2]), request(*more[2:])])["type"] == 2
    assert door.found("tag", CONDITION | {"field": "name"}) == []


def test_reserved_ids(door: Door) -> None:
    assert len(door.reserve("topic", LOWERED)) == LOWERED
    single: dict[str, Any] = {"collection": "tag", "amount": 2}
    for body in ({**single, "amount": LOWERED + 1}, [single, {**single, "collection": "topic"}]):
        assert door.write_error(body, "reserve_ids")["type"] == 1


def test_levels(door: Door) -> None:
    deepest = nested(parsing.MAX_LEVELS)
    door.write(create("topic/1", value=deepest), information=deepest)
    assert door.fields("topic/1") == {"value": deepest}
    for levels in (parsing.MAX_LEVELS + 2, 900, 100_000):
        text = "[" * levels + "]" * levels
        for fields, information in ((text, "{}"), ("1", text)):
            body = (
                f'{{"user_id": 1, "locked_fields": {{}}, "information": {information}, "events": '
                f'[{{"type": "create", "fqid": "topic/2", "fields": {{"value": {fields}}}}}]}}'
            )
            answer = door.client.post("/internal/datastore/writer/write", data=body, content_type="application/json")
            assert answer.status_code == 400, levels


def test_names(door: Door) -> None:
    longest = "x" * MAX_FIELD
    door.write(create("topic/1", **{longest: 1}), locks={f"topic/1/{longest}": 1, f"topic/{longest}": 1})
    assert door.get("topic/1", longest) == {longest: 1}
    too_long = longest + "x"
    assert door.write_error(request(create("topic/2", **{too_long: 1})))["type"] == 1
    for key in (f"topic/1/{too_long}", f"topic/{too_long}"):
        assert door.write_error(request(create("topic/2", x=1), locks={key: 1}))["type"] == 1
    assert door.read_error("get", {"fqid": "topic/1", "mapped_fields": [too_long]})["type"] == 1
    assert door.read_error("get_many", {"requests": [f"topic/1/{too_long}"]})["type"] == 1
