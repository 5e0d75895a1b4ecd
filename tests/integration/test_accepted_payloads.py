"""Whatever an action accepts leaves valid data, and leaves other meetings alone; payloads are made from the schemas."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from openslides_backend.engine.action import Visibility
from openslides_backend.models.fields import RelationField
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data
from tests.integration.base import IntegrationTest
from tests.integration.payloads import ACTIONS, DATA, MEETING, STORED, element, naming, relation_of
from tests.integration.two_meetings import SHIFT, in_a_meeting

NAMES = sorted(name for name, action in ACTIONS.items() if action.visibility is Visibility.PUBLIC)
TEXTS = ["x", "", "<p>y</p><b>", "ä" * 300, "a@example.com", "#0000ff", "1.000000"]
NUMBERS = [1, 0, 2, 5, 101, -1, 2_000_000_000]

FAST = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
PARTS = 2
LONG = settings(max_examples=1_000 // PARTS, deadline=None, suppress_health_check=list(HealthCheck))


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
        stored = self.stack.datastore.get_everything()
        data = {collection: {str(id_): model for id_, model in models.items()} for collection, models in stored.items()}
        check_data({MIGRATION_KEY: MIGRATION_INDEX, **data}, stored=True)

    def carry_out(self, batch: list[tuple[str, list[Fields]]]) -> None:
        """One after the other; the data are checked at the end, which costs more than many actions."""
        self.load()
        accepted = 0
        for name, data in batch:
            answer = self.request(name, *data)
            assert answer.status in {200, 400, 403}, answer.body
            if answer.status == 200:
                event(name)
                accepted += 1
        if accepted:
            self.assert_valid()

    def test_the_data_are_valid_to_begin_with(self) -> None:
        self.load()
        self.assert_valid()

    @FAST
    @given(st.lists(calls, min_size=10, max_size=10))
    def test_what_is_accepted_is_valid(self, batch: list[tuple[str, list[Fields]]]) -> None:
        self.carry_out(batch)

    @pytest.mark.long
    @pytest.mark.parametrize("part", range(PARTS))
    @LONG
    @given(batch=st.lists(calls, min_size=20, max_size=40))
    def test_what_is_accepted_is_valid_long(self, part: int, batch: list[tuple[str, list[Fields]]]) -> None:
        """In parts, which may be worked on at the same time."""
        self.carry_out(batch)


def related(field: RelationField, target: str, id_: int) -> Any:
    """A value of the field that names just this model."""
    entry: Any = make_fqid(target, id_) if field.is_generic else id_
    return [entry] if field.is_list else entry


def is_told(name: str, keys: set[str]) -> bool:
    """Whether the meeting of elements with these keys is known."""
    if "meeting_id" in keys or ("id" in keys and in_a_meeting(ACTIONS[name].model.collection)):
        return True
    relations = [relation_of(name, key) for key in keys]
    return any(in_a_meeting(target) for field in relations if field for target in field.targets)


def foreign_relations(name: str) -> Iterator[tuple[str, str]]:
    """Keys of an action's elements that can name a model of another meeting, with each collection they can name."""
    for key in ACTIONS[name].payload.element_schema.get("properties", {}):
        field = relation_of(name, key)
        if field is None or not in_a_meeting(field.collection) or (name, key) in OTHER_NAMES or key == "meeting_id":
            continue
        if is_told(name, {*element(name)} - {key}):
            yield from ((key, target) for target in field.targets if in_a_meeting(target))


OTHER_NAMES = frozenset({("motion.create", "submitter_ids")})
"""Keys that don't name what the field of that name does: these are ids of users."""
REASONS = (
    "same meeting",
    "own meeting",
    f"meeting {MEETING + SHIFT}",
    "is not of the workflow",
    "must be the same as workflow_id",
    "would be below itself",
    "is not among what is to be sorted",
    "can only be changed by the service itself",
    "can not be changed",
    "can't be chosen",
    "can be dropped only",
)
"""Of refusals that don't name the foreign model."""


class TestModelsOfAnotherMeeting(IntegrationTest):
    @pytest.mark.parametrize("name", [name for name in NAMES if any(foreign_relations(name))])
    def test_no_action_takes_them(self, name: str) -> None:
        self.set_models(DATA)
        for key, target in foreign_relations(name):
            fqid = make_fqid(target, SHIFT + STORED[target][0])
            before = self.get_model(fqid)
            answer = self.request(name, {**element(name), key: naming(name, key, fqid)})
            assert answer.status in {400, 403}, (key, fqid)
            assert any(reason in answer.message for reason in (fqid, *REASONS)), (key, answer.message)
            if key in ACTIONS[name].model.fields and "same meeting" in answer.message and fqid in answer.message:
                assert answer.body["field"] == key
            assert self.get_model(fqid) == before
