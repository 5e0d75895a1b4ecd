"""Random writes and filters, compared with a naive model in memory."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openslides_backend.embedded.datastore.application import DatastoreApplication
from openslides_backend.embedded.datastore.filtering import parse_filter
from openslides_backend.embedded.datastore.writing import LONGEST_INLINE_LIST
from tests.integration.embedded.datastore.door import Door, create, delete, request, restore, update

SCALARS = st.one_of(
    st.integers(-3, 3),
    st.booleans(),
    st.sampled_from(["", "a", "A", "b%", "a_", "1", "true", "null", "é", "\x00", '"a', "#", "x" * 300]),
    st.floats(-2, 2, allow_nan=False).map(lambda value: round(value, 1)),
)
ITEMS = st.one_of(st.integers(0, 40), st.sampled_from(["a", "1", "topic/1"]))
LISTS = st.one_of(
    st.lists(ITEMS, max_size=4), st.integers(0, 2 * LONGEST_INLINE_LIST).map(lambda length: list(range(length)))
)
PLAIN_FIELDS = ["name", "weight", "meeting_id", "parent_id", "sequential_number", "note"]
LIST_FIELDS = ["tag_ids", "poll_ids"]
FIELDS = st.one_of(
    st.dictionaries(st.sampled_from(PLAIN_FIELDS), st.none() | SCALARS, max_size=4),
    st.dictionaries(st.sampled_from(LIST_FIELDS), st.none() | LISTS, max_size=2),
)
CHANGES = st.dictionaries(st.sampled_from(LIST_FIELDS), st.lists(ITEMS, max_size=5), max_size=2)
FQIDS = st.sampled_from([f"topic/{id_}" for id_ in range(1, 6)])
EVENTS = st.one_of(
    st.builds(lambda fqid, fields: create(fqid, **fields), FQIDS, FIELDS),
    st.builds(lambda fqid, fields: update(fqid, **fields), FQIDS, FIELDS),
    st.builds(lambda fqid, add, remove: update(fqid, add=add, remove=remove), FQIDS, CHANGES, CHANGES),
    st.builds(delete, FQIDS),
    st.builds(restore, FQIDS),
)
CONDITIONS = st.one_of(
    st.builds(
        lambda field, operator, value: {"field": field, "operator": operator, "value": value},
        st.sampled_from([*PLAIN_FIELDS, *LIST_FIELDS]),
        st.sampled_from(["=", "!=", "~=", "%="]),
        SCALARS,
    ),
    st.builds(
        lambda field, operator, value: {"field": field, "operator": operator, "value": value},
        st.sampled_from(PLAIN_FIELDS),
        st.sampled_from(["<", ">", "<=", ">="]),
        st.integers(-3, 3),
    ),
    st.builds(
        lambda field, operator: {"field": field, "operator": operator, "value": None},
        st.sampled_from([*PLAIN_FIELDS, *LIST_FIELDS]),
        st.sampled_from(["=", "!="]),
    ),
    st.builds(
        lambda value, operator: {"field": "meta_deleted", "operator": operator, "value": value},
        st.booleans(),
        st.sampled_from(["=", "="]),
    ),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"and_filter": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"or_filter": parts}),
        inner.map(lambda part: {"not_filter": part}),
    ),
    max_leaves=5,
)

Models = dict[str, dict[str, Any]]


class Refused(Exception):
    """The naive model doesn't take the request."""


def expect(models: Models, events: list[Any], position: int) -> Models:
    """The models after the events; raises Refused."""
    if any(map(_is_empty_update, events)):
        raise Refused
    after = {fqid: dict(model) for fqid, model in models.items()}
    for event in events:
        _expect_event(after, event)
        after[event["fqid"]]["meta_position"] = position
    return after


def _expect_event(models: Models, event: Any) -> None:
    fqid, model = event["fqid"], models.get(event["fqid"])
    if event["type"] == "create":
        if model is not None:
            raise Refused
        models[fqid] = model = {"meta_deleted": False}
    elif model is None or model["meta_deleted"] != (event["type"] == "restore"):
        raise Refused
    if event["type"] in ("delete", "restore"):
        model["meta_deleted"] = event["type"] == "delete"
    for name, value in event.get("fields", {}).items():
        model.pop(name, None)
        if value is not None:
            model[name] = value
    changes = event.get("list_fields", {})
    for name, values in changes.get("add", {}).items():
        for value in values:
            if value not in model.get(name, []):
                model[name] = [*model.get(name, []), value]
    for name, values in changes.get("remove", {}).items():
        if name in model:
            model[name] = [value for value in model[name] if value not in values]


def _is_empty_update(event: Any) -> bool:
    changes = event.get("list_fields", {})
    return event["type"] == "update" and not (event["fields"] or changes.get("add") or changes.get("remove"))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(EVENTS, min_size=1, max_size=4), max_size=8), filters=st.lists(FILTERS, max_size=8))
def test_like_a_naive_model(
    request_: pytest.FixtureRequest, kind: str, batches: list[list[Any]], filters: list[Any]
) -> None:
    application: DatastoreApplication = request_.getfixturevalue(f"{kind}_application")
    application.truncate_db(None)
    door = Door(application)
    models: Models = {}
    history: list[Models] = [{}]
    for events in batches:
        try:
            models = expect(models, events, len(history))
        except Refused:
            door.write_error(request(*events))
            continue
        door.write(*events)
        history.append(models)
    everything = door.read("get_everything", {"get_deleted_models": 3}).get("topic", {})
    assert everything == {fqid[6:]: {**model, "id": int(fqid[6:])} for fqid, model in models.items()}
    for filter_ in filters:
        _compare_filter(door, models, filter_)
    for position, then in enumerate(history[1:], start=1):
        body = {"requests": [{"collection": "topic", "ids": [1, 2, 3, 4, 5]}], "position": position}
        found = door.read("get_many", {**body, "get_deleted_models": 3})["topic"]
        assert found == {fqid[6:]: model for fqid, model in then.items()}


def _compare_filter(door: Door, models: Models, filter_: Any) -> None:
    judge = parse_filter(filter_)
    passing = {fqid[6:]: model for fqid, model in models.items() if judge.matches(model)}
    assert door.read("filter", {"collection": "topic", "filter": filter_})["data"] == passing
    assert door.read("count", {"collection": "topic", "filter": filter_})["count"] == len(passing)
    for field in ("weight", "sequential_number"):
        numbers = [model[field] for model in passing.values() if type(model.get(field)) in (int, float)]
        body = {"collection": "topic", "filter": filter_, "field": field}
        assert door.read("max", body)["max"] == max(numbers, default=None)
        assert door.read("min", body)["min"] == min(numbers, default=None)


@pytest.fixture
def request_(request: pytest.FixtureRequest) -> pytest.FixtureRequest:
    """pytest's request, under a name that is free here."""
    return request
