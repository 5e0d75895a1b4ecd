"""Large texts in slices: the outcome is that of the whole."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.shared import slices
from openslides_backend.shared.slices import LONG, SLICE, base64_slices, cut_out_strings, put_strings_back

LARGE = bytes(range(256)) * (LONG // 256)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet=st.sampled_from('aQ=",:]} \\\n€')) | st.text("a", min_size=10),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet=st.sampled_from('aQ=":\\')), inner),
)


def decoded(text: str | memoryview) -> bytes | None:
    try:
        return b"".join(base64_slices(text))
    except binascii.Error:
        return None


def decoded_as_a_whole(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("utf-8", "replace"))
    except binascii.Error:
        return None


def parsed(body: bytes) -> Any:
    """The value of a body, by way of what is left when long strings are cut out."""
    rest, views = cut_out_strings(body)
    return put_strings_back(json.loads(rest), {name: str(view, "ascii") for name, view in views.items()})


@pytest.fixture(scope="class")
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "SLICE", 8)
        patch.setattr(slices, "LONG", 12)
        yield


@pytest.mark.usefixtures("small")
class TestSmall:
    """With slices of a few bytes, so that small texts show what happens at their borders."""

    @given(st.text(alphabet=st.sampled_from("QUJDab+/=-_ \n€\ud800")))
    def test_base64_as_in_one_piece(self, text: str) -> None:
        assert decoded(text) == decoded_as_a_whole(text)

    @pytest.mark.parametrize("size", range(40))
    def test_base64_of_any_size(self, size: int) -> None:
        encoded = base64.b64encode(LARGE[:size])
        assert decoded(encoded.decode()) == decoded(memoryview(encoded)) == LARGE[:size]

    @given(VALUES, st.booleans(), st.sampled_from([None, 1]))
    def test_value_stays_the_same(self, value: Any, ascii_only: bool, indent: int | None) -> None:
        assert parsed(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value

    @given(VALUES, st.data())
    def test_what_is_no_json_stays_none(self, value: Any, data: st.DataObject) -> None:
        body = json.dumps(value)
        place = data.draw(st.integers(0, len(body)))
        broken = body[:place] + data.draw(st.sampled_from(['"', "\\", "a" * 20, "\n", ""])) + body[place + 1 :]
        try:
            as_a_whole = json.loads(broken)
        except ValueError:
            with pytest.raises(ValueError, match=r".+"):
                parsed(broken.encode())
        else:
            assert parsed(broken.encode()) == as_a_whole


def test_no_slice_is_large() -> None:
    pieces = list(base64_slices(base64.b64encode(LARGE).decode()))
    assert b"".join(pieces) == LARGE
    assert max(map(len, pieces)) <= SLICE


@pytest.mark.parametrize("before", [0, 1, LONG // 2 - 2, LONG])
def test_long_string_is_cut_out(before: int) -> None:
    long = "x" * LONG
    body = json.dumps([{"a": "y" * before, "file": long, "b": long + "1"}]).encode()
    rest, views = cut_out_strings(body)
    assert len(rest) < LONG
    assert {bytes(view) for view in views.values()} >= {long.encode(), f"{long}1".encode()}
    assert parsed(body) == json.loads(body)


@pytest.mark.parametrize("text", ["x" * (LONG - 1), "\n" * LONG, "x" * LONG + "€", '"' + "x" * LONG])
def test_others_stay(text: str) -> None:
    body = json.dumps([text], ensure_ascii=False).encode()
    assert cut_out_strings(body) == (body, {})
    assert parsed(body) == [text]


def test_long_key() -> None:
    body = json.dumps({"x" * LONG: 1}).encode()
    assert cut_out_strings(body)[1]
    assert parsed(body) == {"x" * LONG: 1}


def test_names_can_not_be_guessed() -> None:
    body = json.dumps(["x" * LONG]).encode()
    assert cut_out_strings(body)[1].keys() != cut_out_strings(body)[1].keys()
