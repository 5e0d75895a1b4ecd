"""JSON text to values and back, for what is stored and what goes over the wire."""

import json
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any

from openslides_backend.shared.long_json import encode_long

CACHED_FROM = 512
"""Texts of at least so many characters are decoded once and remembered: meetings and users are read again and again."""

_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False)
encode = _encoder.encode
encode_large = partial(encode_long, encoder=_encoder)
"""The same for what may be megabytes, such as an answer or a preview."""
decode = json.loads

_decode_cached = lru_cache(maxsize=512)(decode)


def decode_shared(text: str) -> dict[str, Any]:
    """The fields of a stored model. The object may be shared: it must not be changed."""
    fields: dict[str, Any] = _decode_cached(text) if len(text) >= CACHED_FROM else decode(text)
    return fields


def encode_items(items: Iterable[Any]) -> list[str]:
    """The texts of a list's items, to be stored one by one; mostly ids, whose text is known without an encoder."""
    return [str(item) if type(item) is int else encode(item) for item in items]


def decode_items(items: list[str]) -> list[Any]:
    """The values of a list whose items are stored one by one."""
    values: list[Any] = decode(f"[{','.join(items)}]")
    return values
