"""Conversion of column values (imports.md, "Step 1")."""

from typing import Any

import pytest

from openslides_backend.actions.imports.conversion import ColumnType, ConversionError, convert, split_items


@pytest.mark.parametrize(
    ("type_", "value", "converted"),
    [
        ("string", " a,b ", " a,b "),
        ("string", None, None),
        ("boolean", "YES", True),
        ("boolean", "t", True),
        ("boolean", "1", True),
        ("boolean", "False", False),
        ("boolean", "n", False),
        ("boolean", True, True),
        ("boolean", False, False),
        ("integer", "12", 12),
        ("integer", "-3", -3),
        ("integer", 5, 5),
        ("integer", 5.0, 5),
        ("decimal", "1", "1.000000"),
        ("decimal", "-1.5", "-1.500000"),
        ("decimal", 2, "2.000000"),
        ("decimal", 0.25, "0.250000"),
        ("decimal", "1.1234567", "1.1234567"),
        ("decimal", 1e-7, "0.0000001"),
        ("date", "1970-01-02", 86400),
        ("date", "2024-02-29", 1709164800),
        ("date", "1969-12-31", -86400),
    ],
)
def test_converted(type_: ColumnType, value: Any, converted: Any) -> None:
    """The value in the type of its column, and of no other Python type."""
    result = convert(value, type_)
    assert result == converted
    assert type(result) is type(converted)


REFUSED: dict[ColumnType, list[Any]] = {
    "boolean": ["", "maybe", " yes", "2", 1, 0, None, []],
    "integer": ["", "x", "1.5", "1_000", "٣", "9" * 5000, 1.5, True, None, [], float("inf"), float("nan")],
    "decimal": ["", "1,5", "1e3", ".5", "1.", "nan", True, None, float("inf")],
    "date": ["", "2024-2-1", "20240201", "2023-02-29", "2024-02-01T00:00", 86400, None],
}


@pytest.mark.parametrize(("type_", "value"), [(type_, value) for type_, values in REFUSED.items() for value in values])
def test_not_convertible(type_: ColumnType, value: Any) -> None:
    """What is refused."""
    with pytest.raises(ConversionError):
        convert(value, type_)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ('"a, b",c', ["a, b", "c"]),
        ('"say ""hi""",x', ['say "hi"', "x"]),
        ('a, "b,c"', ["a", '"b', 'c"']),
        ('"a" b,c', ["a b", "c"]),
        ('"open, end', ["open, end"]),
        ("a\nb,c", ["a\nb", "c"]),
        ("a,", ["a", ""]),
        (" ", [""]),
    ],
)
def test_split(text: str, items: list[str]) -> None:
    """Items are separated by commas outside of quotes that stand directly behind a comma."""
    assert split_items(text) == items


def test_long_texts_are_split_in_linear_time() -> None:
    """Quotes that never end don't take forever, and no length is too long."""
    assert split_items('"' + '""' * 200_000) == ['"' * 200_000]


def test_lists() -> None:
    """JSON lists are taken as they are."""
    assert convert("a,b", "string", is_list=True) == ["a", "b"]
    assert convert(["a,b"], "string", is_list=True) == ["a,b"]
    assert convert(None, "string", is_list=True) is None
