"""JSON as it comes in and goes out."""

import json
import math
import re
from typing import NoReturn

import simplejson

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.long_json import encode_long
from openslides_backend.shared.slices import cut_out_strings, put_strings_back

MAX_DEPTH = 100
"""Most levels of arrays and objects that a body may have."""
MAX_VALUES = 1_000_000
"""Most values that a body may hold: each takes up to a hundred bytes of memory.

A meeting with 5,000 motions, 2,000 participants and 50,000 votes has so many; its import takes half a gigabyte of each
of two processes (docs/performance.md).
"""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadRequest("Malformed JSON: a number is too large.")
    return number


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"Malformed JSON: {name} is no number.")


_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
_encoder = simplejson.JSONEncoder(separators=(",", ":"), allow_nan=False, use_decimal=False, namedtuple_as_object=False)


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent if isinstance(parent, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _is_too_wide(body: bytes) -> bool:
    """Whether a body holds too many values, judged before any of them is made."""
    # Each value but the first comes after a bracket or a comma (or a colon, and then after a key, which does).
    return _marks(body) > MAX_VALUES and _marks(_STRING.sub(b"", body)) > MAX_VALUES


def _marks(body: bytes) -> int:
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def parse_json(body: bytes) -> object:
    """The value that a body holds. Of a long string, such as a file in base64, no copy is made but the value's own.

    Lone surrogates written as escapes and NUL characters are passed on: the fields they are meant for judge them.
    Raises BadRequest if it isn't UTF-8, no JSON in the strict sense (NaN and infinite numbers aren't), or nested deeper
    than `MAX_DEPTH`, or more than `MAX_VALUES` values.
    """
    rest, cut_out = cut_out_strings(body)
    value = _parse(rest)
    if not cut_out:
        return value
    return put_strings_back(value, {name: str(view, "ascii") for name, view in cut_out.items()})


def _parse(body: bytes) -> object:
    if _is_too_wide(body):
        raise BadRequest(f"The JSON holds too many values: more than {MAX_VALUES:,}. Send less at once.")
    try:
        value: object = _decoder.decode(body.decode())
    except RecursionError:
        raise BadRequest("Malformed JSON: it is nested too deeply.") from None
    except ValueError:
        # Neither the decoder's message nor its exception is passed on: both hold the document.
        raise BadRequest("Malformed JSON: the body could not be parsed.") from None
    # A body with few brackets can't be deep, so that the usual one isn't walked through.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_too_deep(value):
        raise BadRequest("Malformed JSON: it is nested too deeply.")
    return value


def dump_json(value: object) -> bytes:
    """The JSON text of a value, in ASCII: whatever strings hold can be sent.

    Raises ValueError for NaN and infinite numbers, TypeError for what JSON doesn't know.
    """
    return encode_long(value, _encoder).encode("ascii")
