import io
from typing import Any

import pytest

from openslides_backend.shared.exceptions import BadRequest, PayloadTooLarge
from openslides_backend.shared.json_body import parse_json, read_body


def environ(body: bytes, length: str | None = None) -> dict[str, Any]:
    return {"wsgi.input": io.BytesIO(body), **({} if length is None else {"CONTENT_LENGTH": length})}


def test_only_the_announced_length_is_read() -> None:
    assert read_body(environ(b"12345", "3"), 4) == b"123"
    assert read_body(environ(b"12345", "0"), 4) == b""


def test_an_input_with_an_end_needs_no_length() -> None:
    assert read_body({**environ(b"1234"), "wsgi.input_terminated": True}, 4) == b"1234"
    with pytest.raises(PayloadTooLarge):
        read_body({**environ(b"12345"), "wsgi.input_terminated": True}, 4)


def test_too_large() -> None:
    with pytest.raises(PayloadTooLarge):
        read_body(environ(b"12345", "5"), 4)


@pytest.mark.parametrize("length", [None, "", "-1", "x", "1.5", "+1", "\u0663", "9" * 5000])
def test_no_proper_length(length: str | None) -> None:
    with pytest.raises(BadRequest):
        read_body(environ(b"12345", length), 4)


def test_json() -> None:
    assert parse_json(b'{"a": [1, "\xc3\xa4"]}') == {"a": [1, "ä"]}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"NaN", b"[Infinity]", b"[" * 100_000, b"\xff", b"9" * 5000, '"ä"'.encode("utf-16"), b"\xef\xbb\xbf{}"],
)
def test_no_json(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_json(body)
