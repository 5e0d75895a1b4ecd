"""Whatever an action accepts leaves valid data, and leaves other meetings alone; payloads are made from the schemas."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from openslides_backend.actions.registry import load_actions
from openslides_backend.engine.action import Visibility
from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from tests.integration.base import IntegrationTest
from tests.integration.two_meetings import SHIFT, in_a_meeting, two_meetings

DATA = two_meetings()
MEETING = 1
ACTIONS = load_actions()
NAMES = sorted(name for name, action in ACTIONS.items() if action.visibility is Visibility.PUBLIC)
STORED = {c: sorted(split_fqid(fqid)[1] for fqid in DATA if split_fqid(fqid)[0] == c) for c in MODELS}
TEXTS = ["x", "", "<p>y</p><b>", "ä" * 300, "a@example.com", "#0000ff", "1.000000"]
NUMBERS = [1, 0, 2, 5, 101, -1, 2_000_000_000]

FAST = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))


def ids_of(collection: str) -> st.SearchStrategy[int]:
    """Mostly stored ids, also such that don't exist."""
    return st.sampled_from([*STORED.get(collection, []), 1, 2, 77])


def values(schema: Fields) -> st.SearchStrategy[Any]:
    """Values that fit a JSON schema, more or less."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True) | st.sampled_from(TEXTS)
    kinds = schema.get("type", "boolean")
    kind = st.sampled_from(kinds if isinstance(kinds, list) else [kinds])
    return kind.flatmap(lambda one: _of_kind(one, schema))


def _of_kind(kind: str, schema: Fields) -> st.SearchStrategy[Any]:
    match kind:
        case "array":
            return st.lists(values(schema.get("items", {})), max_size=3, unique_by=str)
        case "object":
            return elements(schema)
        case "string":
            return st.sampled_from(TEXTS)
        case "integer" | "number":
            return st.sampled_from(NUMBERS)
        case "null":
            return st.none()
        case _:
            return st.booleans()


def field_values(collection: str, name: str, schema: Fields) -> st.SearchStrategy[Any]:
    """Values for a key of an element: ids and fqids of what is stored, where it is a relation."""
    field = MODELS[collection].fields.get(name)
    if name == "id":
        return ids_of(collection)
    if not isinstance(field, RelationField):
        return values(schema)
    target = st.sampled_from(sorted(field.targets)).flatmap(
        lambda of: ids_of(of).map(lambda id_: make_fqid(of, id_) if field.is_generic else id_)
    )
    return st.none() | st.lists(target, max_size=3, unique=True) if field.is_list else st.none() | target


def elements(schema: Fields, collection: str = "") -> st.SearchStrategy[Fields]:
    """Elements that fit the schema of an action, more or less."""
    properties: Fields = schema.get("properties", {})
    known = {
        name: field_values(collection, name, part) if collection else values(part) for name, part in properties.items()
    }
    required = {name: known.pop(name) for name in schema.get("required", ()) if name in known}
    return st.fixed_dictionaries(required, optional=known)


calls = st.sampled_from(NAMES).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(
            elements(ACTIONS[name].payload.element_schema, ACTIONS[name].model.collection),
            min_size=1,
            max_size=2,
        ),
    )
)


class TestAcceptedPayloads(IntegrationTest):
    variables = {"EMAIL_HOST": "localhost", "EMAIL_PORT": "9", "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-2"}

    def load(self) -> None:
        self.stack.reset()
        self.set_models(DATA)

    def assert_valid(self) -> None:
        (answer,) = self.presenter("check_database_all", {}).assert_status(200).body
        assert answer == {"ok": True}

    def carry_out(self, batch: list[tuple[str, list[Fields]]]) -> None:
        self.load()
        for name, data in batch:
            answer = self.request(name, *data)
            assert answer.status in {200, 400, 403}, answer.body
            if answer.status == 200:
                event(name)
                self.assert_valid()

    def test_the_data_are_valid_to_begin_with(self) -> None:
        self.load()
        self.assert_valid()

    @FAST
    @given(st.lists(calls, min_size=10, max_size=10))
    def test_what_is_accepted_is_valid(self, batch: list[tuple[str, list[Fields]]]) -> None:
        self.carry_out(batch)

    @pytest.mark.long
    @LONG
    @given(st.lists(calls, min_size=20, max_size=40))
    def test_what_is_accepted_is_valid_long(self, batch: list[tuple[str, list[Fields]]]) -> None:
        self.carry_out(batch)


def related(field: RelationField, target: str, id_: int) -> Any:
    """A value of the field that names just this model."""
    entry: Any = make_fqid(target, id_) if field.is_generic else id_
    return [entry] if field.is_list else entry


def foreign_relations() -> Iterator[tuple[str, str, str]]:
    """Every relation field of every action that can name a model of a meeting, with each collection it can name."""
    for name in NAMES:
        action = ACTIONS[name]
        for key in action.payload.element_schema.get("properties", {}):
            field = action.model.fields.get(key)
            if key in ("id", "meeting_id", action.meeting_source) or not isinstance(field, RelationField):
                continue
            if not {"id", "meeting_id"} & action.payload.element_schema["properties"].keys():
                continue  # the field is what tells the meeting
            if in_a_meeting(action.model.collection):
                yield from ((name, key, target) for target in field.targets if in_a_meeting(target))


class TestModelsOfAnotherMeeting(IntegrationTest):
    def element(self, name: str) -> Fields:
        """What an action on meeting 1 asks for."""
        action = ACTIONS[name]
        schema = action.payload.element_schema
        element = {key: self.value(name, key, schema["properties"][key]) for key in schema["required"]}
        return element | ({"meeting_id": MEETING} if "meeting_id" in schema["properties"] else {})

    def value(self, name: str, key: str, schema: Fields) -> Any:
        model = ACTIONS[name].model
        field = model.fields.get(key)
        if key in ("id", "ids"):
            own = (STORED[model.collection] or [1])[0]
            return own if key == "id" else [own]
        if isinstance(field, RelationField):
            target = next(iter(field.targets))
            return related(field, target, (STORED[target] or [1])[0])
        if "enum" in schema:
            return schema["enum"][0]
        return {"integer": 1, "array": [], "object": {}}.get(str(schema.get("type")), "x")

    @pytest.mark.parametrize(("name", "key", "target"), sorted(set(foreign_relations())))
    def test_no_action_takes_them(self, name: str, key: str, target: str) -> None:
        self.set_models(DATA)
        foreign = SHIFT + (STORED[target][0] if STORED.get(target) else 1)
        if make_fqid(target, foreign) not in DATA:
            self.set_models({make_fqid(target, foreign): {"meeting_id": MEETING + SHIFT}})
        before = self.get_model(make_fqid(target, foreign))
        field = ACTIONS[name].model.fields[key]
        assert isinstance(field, RelationField)
        answer = self.request(name, {**self.element(name), key: related(field, target, foreign)})
        answer.assert_status(400)
        assert self.get_model(make_fqid(target, foreign)) == before
