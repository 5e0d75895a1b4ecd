"""Long JSON is the same text as if it were made at once, and no step makes much of it."""

import json
from typing import Any

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.shared.long_json import RUN, encode_long

STANDARD = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
SIMPLE = simplejson.JSONEncoder(separators=(",", ":"), allow_nan=False)

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
keys = st.text(max_size=3) | st.integers() | st.none() | st.booleans()
values = st.recursive(
    leaves,
    lambda parts: (
        st.lists(parts, max_size=4)
        | st.dictionaries(keys, parts, max_size=4)
        | parts.map(lambda part: [part] * (2 * RUN + 1))
        | parts.map(lambda part: {str(number): part for number in range(RUN + 1)})
    ),
    max_leaves=6,
)


@given(values)
def test_it_is_the_text_of_the_encoder(value: object) -> None:
    for encoder in (STANDARD, SIMPLE):
        assert encode_long(value, encoder) == encoder.encode(value)


@pytest.mark.parametrize("wrong", [float("nan"), object()])
def test_what_json_does_not_know_is_refused(wrong: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        encode_long({"rows": [{"a": 1}] * RUN + [{"a": wrong}]}, STANDARD)


class _Observed:
    """An encoder that tells the length of the longest text it was asked for."""

    item_separator = ","
    longest = 0

    def encode(self, value: Any, /) -> str:
        text = STANDARD.encode(value)
        self.longest = max(self.longest, len(text))
        return text


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda rows: rows,
        lambda rows: [{"events": [{"fields": {"id": 1, "result": {"rows": rows, "meeting_id": 1}}}], "locks": {}}],
        lambda rows: {"results": [[{"rows": rows, "state": "done"}]]},
        lambda rows: {"answers": [{"data": dict(enumerate(rows))}]},
    ],
)
def test_no_step_is_long(wrapped: Any) -> None:
    row, encoder = {"data": {"name": "a" * 100}}, _Observed()
    text = encode_long(wrapped([row] * 1_000), encoder)
    assert len(text) > 100_000
    assert encoder.longest < 10_000
