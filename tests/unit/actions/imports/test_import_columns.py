"""Payload and headers that columns make (imports.md, "Step 1")."""

from typing import Any

import pytest

from openslides_backend.actions.imports.columns import MAX_ITEMS, Column, UploadPayload
from openslides_backend.shared.exceptions import PayloadError

PAYLOAD = UploadPayload(
    (
        Column("name", required=True, is_object=True, limits={"maxLength": 5}),
        Column("note", nullable=True),
        Column("tags", is_list=True, is_object=True),
        Column("weight", "decimal"),
        Column("active", "boolean"),
    )
)


def test_headers() -> None:
    """Flags that don't apply are left out."""
    assert PAYLOAD.headers[:4] == [
        {"property": "name", "type": "string", "is_object": True},
        {"property": "note", "type": "string"},
        {"property": "tags", "type": "string", "is_object": True, "is_list": True},
        {"property": "weight", "type": "decimal"},
    ]


def test_clean() -> None:
    """Unknown columns are dropped, the others converted; the payload itself isn't touched."""
    row = {"name": "a", "note": None, "tags": "x, y", "weight": "1", "active": "no", "unknown": {"a": 1}}
    element = {"data": [row, {"name": "a"}, {"name": "a"}]}
    cleaned = {"name": "a", "note": None, "tags": ["x", "y"], "weight": "1.000000", "active": False}
    assert PAYLOAD.clean(element) == {"data": [cleaned, {"name": "a"}, {"name": "a"}]}
    assert row["tags"] == "x, y"


@pytest.mark.parametrize(
    "element",
    [
        None,
        {},
        {"data": None},
        {"data": []},
        {"data": {"name": "a"}},
        {"data": ["a"]},
        {"data": [{}]},
        {"data": [{"name": None}]},
        {"data": [{"name": "abcdef"}]},
        {"data": [{"name": "a", "tags": "x,x"}]},
        {"data": [{"name": "a", "tags": "x,"}]},
        {"data": [{"name": "a", "tags": 5}]},
        {"data": [{"name": "a", "weight": "01"}]},
        {"data": [{"name": "a", "weight": "1.1234567"}]},
        {"data": [{"name": "a"}], "meeting_id": 1},
    ],
)
def test_refused(element: Any) -> None:
    """What doesn't fit the schema of a row, or of the element."""
    with pytest.raises(PayloadError):
        PAYLOAD.clean(element)


def test_the_column_is_named() -> None:
    """An error of the conversion says where it is."""
    with pytest.raises(PayloadError, match="active: 'maybe' is no boolean"):
        PAYLOAD.clean({"data": [{"name": "a", "active": "maybe"}]})


def test_a_value_that_can_not_be_converted_is_named_with_its_row() -> None:
    payload = UploadPayload([Column("active", "boolean")])
    with pytest.raises(PayloadError, match=r"^data\[1\]\.active: 'maybe' is no boolean"):
        payload.clean({"data": [{"active": "1"}, {"active": "maybe"}]})


@pytest.mark.parametrize("text", ["\0", "a\0é", "\ud800", "a\udc00"])
@pytest.mark.parametrize("column", ["name", "note", "tags"])
def test_texts_that_can_not_be_stored_are_named_with_their_row(column: str, text: str) -> None:
    """PostgreSQL has no such texts."""
    for value in (text, [text]) if column == "tags" else (text,):
        with pytest.raises(PayloadError, match=rf"^data\[1\]\.{column} must not contain NUL") as caught:
            PAYLOAD.clean({"data": [{"name": "\U0001f600"}, {"name": "a", column: value}]})
        assert caught.value.field == column


def test_limits_of_lists_are_those_of_their_items() -> None:
    payload = UploadPayload([Column("tags", is_list=True, limits={"maxLength": 3})])
    assert payload.clean({"data": [{"tags": "abc,def"}]}) == {"data": [{"tags": ["abc", "def"]}]}
    with pytest.raises(PayloadError):
        payload.clean({"data": [{"tags": "abc,defg"}]})


def test_trimmed_texts() -> None:
    payload = UploadPayload([Column("name", blank_is_absent=True, trimmed=True)])
    element = {"data": [{"name": "\u00a0a b\t"}, {"name": " "}]}
    assert payload.clean(element) == {"data": [{"name": "a b"}, {}]}


@pytest.mark.parametrize("blank", [None, ""])
def test_blank_cells_may_count_as_absent(blank: str | None) -> None:
    payload = UploadPayload([Column("name", blank_is_absent=True), Column("title")])
    assert payload.clean({"data": [{"name": blank, "title": ""}]})["data"] == [{"title": ""}]


def test_what_is_split_is_bounded_before_it_is() -> None:
    """Texts aren't counted by how many values JSON may hold, but become as many."""
    payload = UploadPayload([Column("name", is_list=True), Column("note")])
    half = "," * (MAX_ITEMS // 2)
    with pytest.raises(PayloadError, match="name: all lists together"):
        payload.clean({"data": [{"name": half}, {"name": half}, {"name": ","}]})
    assert payload.clean({"data": [{"name": "a,b", "note": "," * (MAX_ITEMS + 1)}]})["data"][0]["name"] == ["a", "b"]
