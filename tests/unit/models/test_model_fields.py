"""What fields accept, convert and refuse (engine.md, "Field types")."""

from typing import Any

import fastjsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.models import fields
from openslides_backend.models.fields import MISSING, Field, FieldError, OnDelete

MAX_ID = 2**31 - 1


def bound(field: Field) -> Field:
    field.bind("fruit", "name", {})
    return field


CLEANED = [
    (fields.StringField(), "x" * 256, "x" * 256),
    (fields.StringField(), "", ""),
    (fields.StringField(), "tab\tand <b>", "tab\tand <b>"),
    (fields.StringField(max_length=300), "x" * 300, "x" * 300),
    (fields.StringField(enum=("a", "b")), "b", "b"),
    (fields.TextField(), "x" * 10_000, "x" * 10_000),
    (fields.HTMLStrictField(), "<p>a", "<p>a"),
    (fields.NumberField(minimum=-1), -1, -1),
    (fields.NumberField(maximum=3), 3, 3),
    (fields.NumberField(required=True), 0, 0),
    (fields.TimestampField(), 1_700_000_000, 1_700_000_000),
    (fields.FloatField(minimum=1.0), 1.5, 1.5),
    (fields.FloatField(), 2, 2),
    (fields.DecimalField(minimum="0.000001"), "0.000001", "0.000001"),
    (fields.DecimalField(), "-12.345678", "-12.345678"),
    (fields.ColorField(), "#00ff7f", "#00ff7f"),
    (fields.JSONField(), {"a": [1, 2.5, None, {"b": True}]}, {"a": [1, 2.5, None, {"b": True}]}),
    (fields.JSONField(), [], []),
    (fields.StringListField(items_enum=("a", "b")), ["b", "a"], ["b", "a"]),
    (fields.TextListField(), ["x" * 300], ["x" * 300]),
    (fields.NumberListField(), [2, 1, 2], [2, 1, 2]),
    (fields.RelationField(to="tree.fruit_ids"), MAX_ID, MAX_ID),
    (fields.RelationListField(to="tree.fruit_ids"), [3, 1], [3, 1]),
    (fields.GenericRelationField(to=("tree.fruit_id", "bush.fruit_id")), "bush/7", "bush/7"),
    (fields.GenericRelationListField(to=("tree.fruit_ids",)), ["tree/2", "tree/1"], ["tree/2", "tree/1"]),
]


@pytest.mark.parametrize(("field", "value", "cleaned"), CLEANED)
def test_clean(field: Field, value: Any, cleaned: Any) -> None:
    assert bound(field).clean(value) == cleaned


@pytest.mark.parametrize(("field", "value", "cleaned"), CLEANED)
def test_what_is_clean_may_be_stored_and_passes_the_payload_schema(field: Field, value: Any, cleaned: Any) -> None:
    bound(field).check(cleaned)
    assert fastjsonschema.validate(field.payload_schema(False), value) == value


REFUSED = [
    (fields.StringField(), "x" * 257),
    (fields.StringField(), 1),
    (fields.StringField(), ["x"]),
    (fields.StringField(), "a\0b"),
    (fields.StringField(), "a\ud800"),
    (fields.StringField(max_length=3), "abcd"),
    (fields.StringField(min_length=1), ""),
    (fields.StringField(enum=("a", "b")), "c"),
    (fields.StringField(enum=("a", "b")), ""),
    (fields.TextField(), False),
    (fields.TextField(), "\udfff"),
    (fields.HTMLStrictField(), 1),
    (fields.HTMLStrictField(), "<p>\0</p>"),
    (fields.NumberField(), True),
    (fields.NumberField(), "1"),
    (fields.NumberField(), 1.0),
    (fields.NumberField(minimum=0), -1),
    (fields.NumberField(maximum=3), 4),
    (fields.NumberField(enum=(10, 11)), 12),
    (fields.TimestampField(), 1.5),
    (fields.FloatField(), True),
    (fields.FloatField(), "1.5"),
    (fields.FloatField(), float("nan")),
    (fields.FloatField(), float("inf")),
    (fields.FloatField(minimum=1.0), 0.5),
    (fields.DecimalField(), 1),
    (fields.DecimalField(), "1.0"),
    (fields.DecimalField(), "01.000000"),
    (fields.DecimalField(), "1.000000\n"),
    (fields.DecimalField(), "\u0661.000000"),
    (fields.DecimalField(minimum="0.000001"), "0.000000"),
    (fields.DecimalField(minimum="0.000001"), "-5.000000"),
    (fields.BooleanField(), 2),
    (fields.BooleanField(), 1.0),
    (fields.BooleanField(), "on"),
    (fields.BooleanField(), []),
    (fields.ColorField(), "#00FF7F"),
    (fields.ColorField(), "#fff"),
    (fields.ColorField(), "#000000\n"),
    (fields.JSONField(), "text"),
    (fields.JSONField(), {"a": ["\0"]}),
    (fields.JSONField(), {"a\ud800": 1}),
    (fields.JSONField(), [{"a": float("inf")}]),
    (fields.JSONField(), [object()]),
    (fields.StringListField(), "text"),
    (fields.StringListField(), [None]),
    (fields.StringListField(), ["x" * 257]),
    (fields.StringListField(items_enum=("a",)), ["a", "b"]),
    (fields.TextListField(), ["\0"]),
    (fields.NumberListField(), [1, True]),
    (fields.NumberListField(minimum=0), [-1]),
    (fields.RelationField(to="tree.fruit_ids"), 0),
    (fields.RelationField(to="tree.fruit_ids"), True),
    (fields.RelationField(to="tree.fruit_ids"), MAX_ID + 1),
    (fields.RelationField(to="tree.fruit_ids"), "tree/1"),
    (fields.RelationListField(to="tree.fruit_ids"), 1),
    (fields.RelationListField(to="tree.fruit_ids"), [1, 1]),
    (fields.RelationListField(to="tree.fruit_ids"), [None]),
    (fields.GenericRelationField(to=("tree.fruit_id",)), 1),
    (fields.GenericRelationField(to=("tree.fruit_id",)), "stone/1"),
    (fields.GenericRelationField(to=("tree.fruit_id",)), "tree/0"),
    (fields.GenericRelationListField(to=("tree.fruit_id",)), ["tree/1", "tree/1"]),
    (fields.GenericRelationListField(to=("tree.fruit_id",)), ["stone/1"]),
]


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_refused_in_payloads(field: Field, value: Any) -> None:
    with pytest.raises(FieldError, match=r"^fruit\.name "):
        bound(field).clean(value)


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_refused_in_store(field: Field, value: Any) -> None:
    with pytest.raises(FieldError, match=r"^fruit\.name "):
        bound(field).check(value)


def test_html_is_cleaned_when_asked_for() -> None:
    strict, permissive = fields.HTMLStrictField(), fields.HTMLPermissiveField()
    assert strict.clean_html("<p>a\t<script>b</script><video>") == "<p>a</p>"
    assert permissive.clean_html("<p>a\t<script>b</script><video>") == "<p>a<video></video></p>"
    assert strict.clean_html("<!-- nothing -->") == ""


@pytest.mark.parametrize(("text", "message"), [("<!-- nothing -->", "not be empty"), ("<div>" * 9000, "nested")])
def test_html_that_can_not_be_stored(text: str, message: str) -> None:
    field = fields.HTMLStrictField(required=True)
    bound(field)
    with pytest.raises(FieldError, match=rf"^fruit\.name must .*{message}"):
        field.clean_html(text)


@pytest.mark.parametrize("value", [True, 1, "1", "true", "TRUE", "Yes", "t", "Y"])
def test_true(value: Any) -> None:
    assert bound(fields.BooleanField()).clean(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "false", "False", "NO", "f", "n"])
def test_false(value: Any) -> None:
    assert bound(fields.BooleanField()).clean(value) is False


@pytest.mark.parametrize("value", [1, "true"])
def test_booleans_are_stored_as_booleans_only(value: Any) -> None:
    with pytest.raises(FieldError, match="must be a boolean"):
        bound(fields.BooleanField()).check(value)


@pytest.mark.parametrize("field", [case[0] for case in CLEANED if not case[0].required])
def test_null_unsets(field: Field) -> None:
    bound(field).check(None)
    assert field.clean(None) is None
    assert fastjsonschema.validate(field.payload_schema(False), None) is None


REQUIRED: list[tuple[Field, list[Any]]] = [
    (fields.StringField(required=True), [None, ""]),
    (fields.TextField(required=True), [None, ""]),
    (fields.HTMLStrictField(required=True), [None, ""]),
    (fields.NumberField(required=True), [None]),
    (fields.BooleanField(required=True), [None]),
    (fields.DecimalField(required=True), [None]),
    (fields.JSONField(required=True), [None, []]),
    (fields.NumberListField(required=True), [None, []]),
    (fields.RelationField(to="tree.fruit_ids", required=True), [None]),
    (fields.RelationListField(to="tree.fruit_ids", required=True), [None, []]),
    (fields.GenericRelationListField(to=("tree.fruit_ids",), required=True), [None, []]),
]


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in REQUIRED for value in values])
def test_required_fields_take_nothing_empty(field: Field, value: Any) -> None:
    with pytest.raises(FieldError, match=r"^fruit\.name must not be empty"):
        bound(field).clean(value)


@pytest.mark.parametrize("field", [field for field, _ in REQUIRED if not isinstance(field, fields.BooleanField)])
@pytest.mark.parametrize("insist", [False, True])
def test_the_payload_schema_of_a_required_field_refuses_null(field: Field, insist: bool) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.validate(field.payload_schema(insist), None)


@pytest.mark.parametrize(
    "field",
    [
        fields.StringField(),
        fields.StringField(enum=("a",)),
        fields.JSONField(),
        fields.RelationListField(to="tree.fruit_ids"),
    ],
)
def test_a_payload_may_insist_on_a_value(field: Field) -> None:
    assert fastjsonschema.validate(field.payload_schema(False), None) is None
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.validate(field.payload_schema(True), None)


@pytest.mark.parametrize(
    ("kind", "empty"), [(fields.StringField, ""), (fields.HTMLStrictField, ""), (fields.NumberListField, [])]
)
def test_whether_a_value_may_be_empty_is_up_to_the_model(kind: type[Field], empty: Any) -> None:
    assert fastjsonschema.validate(kind().payload_schema(True), empty) == empty
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.validate(kind(required=True).payload_schema(False), empty)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (fields.NumberField(), True),
        (fields.NumberField(minimum=0), -1),
        (fields.FloatField(), False),
        (fields.RelationField(to="tree.fruit_ids"), True),
        (fields.RelationField(to="tree.fruit_ids"), MAX_ID + 1),
        (fields.RelationListField(to="tree.fruit_ids"), [True]),
        (fields.RelationListField(to="tree.fruit_ids"), [2, 2]),
        (fields.NumberListField(), [True]),
        (fields.StringField(), "x" * 257),
        (fields.StringField(enum=("a",)), "b"),
        (fields.StringListField(items_enum=("a",)), ["b"]),
        (fields.ColorField(), "#FFFFFF"),
        (fields.DecimalField(), "1.0"),
        (fields.GenericRelationField(to=("tree.fruit_id",)), "tree/01"),
    ],
)
def test_the_payload_schema_refuses(field: Field, value: Any) -> None:
    with pytest.raises(fastjsonschema.JsonSchemaException):
        fastjsonschema.validate(field.payload_schema(False), value)


@pytest.mark.parametrize("value", [1, "yes", "rubbish", [], None])
def test_the_payload_schema_of_booleans_leaves_judging_to_cleaning(value: Any) -> None:
    assert fastjsonschema.validate(fields.BooleanField(required=True).payload_schema(True), value) == value


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        (fields.StringField(), {"": True, None: True, "0": False}),
        (fields.NumberField(), {0: False, None: True}),
        (fields.TimestampField(), {0: False, None: True}),
        (fields.FloatField(), {0.0: False, None: True}),
        (fields.BooleanField(), {False: False, None: True}),
        (fields.RelationField(to="tree.fruit_ids"), {0: True, None: True, 1: False}),
    ],
)
def test_is_empty(field: Field, empty: dict[Any, bool]) -> None:
    assert {value: field.is_empty(value) for value in empty} == empty


def test_empty_lists_are_empty_and_objects_are_not() -> None:
    assert fields.RelationListField(to="tree.fruit_ids").is_empty([])
    assert not fields.JSONField().is_empty({})


def test_defaults() -> None:
    assert fields.StringField().default is MISSING
    assert fields.BooleanField(default=False).default is False


def test_a_default_that_can_be_changed_is_new_each_time() -> None:
    field = fields.StringListField(default=[])
    field.default.append("x")
    assert field.default == []


def test_relations_know_their_targets() -> None:
    field = fields.GenericRelationListField(
        to=("tree.fruit_ids", "bush.berry_ids"), on_delete=OnDelete.CASCADE, equal_fields=("garden_id",)
    )
    assert field.targets == {"tree": "fruit_ids", "bush": "berry_ids"}
    assert (field.is_list, field.is_generic, field.on_delete, field.equal_fields) == (
        True,
        True,
        "CASCADE",
        ("garden_id",),
    )


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@pytest.mark.parametrize("field", [case[0] for case in CLEANED])
@given(value=JSON_VALUES)
def test_anything_is_either_refused_or_may_be_stored(field: Field, value: Any) -> None:
    try:
        cleaned = bound(field).clean(value)
    except FieldError:
        return
    field.check(cleaned)
    assert field.clean(cleaned) == cleaned
