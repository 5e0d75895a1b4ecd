"""JSON bodies: what is accepted, and that nothing else can do harm."""

import json

import pytest

from openslides_backend.http.codec import MAX_DEPTH, dump_json, parse_json
from openslides_backend.shared.exceptions import BadRequest


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[]", []),
        (b" null ", None),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"1.5e3", 1500.0),
        ('"äöü €"'.encode(), "äöü €"),
        (b'"\\ud800"', "\ud800"),
        (b'"a\\u0000b"', "a\0b"),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_parse(body: bytes, value: object) -> None:
    assert parse_json(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[1,]",
        b"{'a': 1}",
        b"[1] x",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"a\x00b"',
        b"\xef\xbb\xbf[]",
        "[]".encode("utf-16"),
        b"1" * 5000,
    ],
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(BadRequest, match="Malformed JSON"):
        parse_json(body)


def test_message_does_not_hold_the_document() -> None:
    with pytest.raises(BadRequest) as info:
        parse_json(b'{"password": "secret" x')
    assert "secret" not in info.value.message
    assert info.value.__cause__ is None


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_depth(opening: bytes, closing: bytes) -> None:
    levels = 2 if opening.startswith(b"[{") else 1

    def nested(depth: int) -> bytes:
        return opening * (depth // levels) + b"1" + closing * (depth // levels)

    parse_json(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + levels, 100_000, 1_000_000):
        with pytest.raises(BadRequest, match="nested too deeply"):
            parse_json(nested(depth))


def test_unclosed_depth() -> None:
    with pytest.raises(BadRequest):
        parse_json(b"[" * 1_000_000)


def test_brackets_in_strings_are_no_depth() -> None:
    text = "[{" * 1000
    assert parse_json(json.dumps([text]).encode()) == [text]


def test_wide_is_not_deep() -> None:
    assert len(parse_json(b"[" + b",".join([b"{}"] * 10_000) + b"]")) == 10_000  # type: ignore[arg-type]


def test_dump_is_ascii_and_reversible() -> None:
    value = {"a": ["ä\ud800\0", 1, 1.5, None, True]}
    assert parse_json(dump_json(value)) == value


def test_dump_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dump_json(float("nan"))


@pytest.mark.parametrize("body", [b"[" + b"[]," * 1_000_001 + b"1]", b"[" + b'{"a":1},' * 600_000 + b"1]"])
def test_too_many_values(body: bytes) -> None:
    with pytest.raises(BadRequest, match="too many values: more than 1,000,000"):
        parse_json(body)


@pytest.mark.parametrize("text", ["," * 1_000_001, '[{\\",' * 300_000, "\\\\" * 10 + "[" * 1_000_001])
def test_marks_in_texts_are_no_values(text: str) -> None:
    assert parse_json(b'["' + text.encode() + b'"]') == [text.replace('\\"', '"').replace("\\\\", "\\")]


@pytest.mark.parametrize("unit", [b'"', b'\\"', b"\\", b'",', b'"\\', b",\\"])
def test_odd_quotes_are_judged_in_linear_time(unit: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_json(b"[" * 1_000_001 + b'"' + unit * 1_000_000)
