"""Queries and bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.embedded.vote.errors import Invalid, NotAllowed
from openslides_backend.embedded.vote.payload import Payload, parse_id, parse_ids, parse_payload


def test_payloads() -> None:
    assert parse_payload(b'{"value": "Y", "other": {"a": 1}}') == Payload(None, "Y")
    assert parse_payload(b'{"value": {"1": 2}, "user_id": 5}') == Payload(5, {"1": 2})
    assert isinstance(parse_payload(b'{"value": "Y", "user_id": 0}'), NotAllowed)
    assert isinstance(parse_payload(b'{"value": "Y", "user_id": null}'), NotAllowed)
    assert isinstance(parse_payload(b'{"value": 5, "user_id": null}'), Invalid)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_anything_else_is_refused_without_being_quoted(body: bytes) -> None:
    parsed = parse_payload(body)
    assert isinstance(parsed, Invalid | NotAllowed | Payload)
    if isinstance(parsed, Invalid):
        assert parsed.message.isascii()


def test_ids() -> None:
    assert (parse_id("7"), parse_id("-7"), parse_id("007")) == (7, -7, 7)
    assert parse_ids("1,2,1") == [1, 2, 1]
    for text in (None, "", "\u0661", "1_0", "+1", "0x1"):
        with pytest.raises(Invalid):
            parse_id(text)
        with pytest.raises(Invalid):
            parse_ids(text)
