"""Large texts in slices: no step holds the interpreter for long, and none needs a copy of the whole."""

import base64
import binascii
import secrets
import string
from collections.abc import Iterator, Mapping
from typing import Any

SLICE = 256 * 1024
"""Bytes or characters that are worked on at once: a few milliseconds."""
LONG = 1024 * 1024
"""From so many bytes on a string is cut out of JSON before that is parsed."""

_ALPHABET = (string.ascii_letters + string.digits + "+/").encode("ascii")
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET) - {ord("=")})
_PLAIN = bytes(set(range(0x20, 0x7F)) - {ord('"'), ord("\\")})
"""What stands in a JSON string for itself, of ASCII."""
_AFTER_STRING = b",:]} \t\r\n"


def base64_slices(encoded: str | memoryview) -> Iterator[bytes]:
    """The decoded content, slice by slice; as `base64.b64decode` does it, characters outside the alphabet are skipped.

    Only what comes after padding that isn't at the end is decoded in one piece.

    Raises binascii.Error.
    """
    rest = b""
    for start in range(0, len(encoded), SLICE):
        piece = rest + _base64_only(encoded[start : start + SLICE])
        if b"=" in piece:
            yield base64.b64decode(piece + _base64_only(encoded[start + SLICE :]))
            return
        whole = len(piece) - len(piece) % 4
        yield binascii.a2b_base64(piece[:whole])
        rest = piece[whole:]
    yield base64.b64decode(rest)


def _base64_only(encoded: str | memoryview) -> bytes:
    raw = encoded.encode("ascii", "replace") if isinstance(encoded, str) else bytes(encoded)
    return raw.translate(None, _NOT_BASE64)


def is_plain(raw: bytes) -> bool:
    """Whether a text is its own JSON: ASCII, without quotation marks, backslashes and control characters."""
    return not raw.translate(None, _PLAIN)


def cut_out_strings(body: bytes) -> tuple[bytes, dict[str, memoryview]]:
    """The JSON without its long plain strings, and these by the names that stand in their places.

    What is left is JSON exactly if the body is. The names can't be guessed.
    """
    nonce, found = secrets.token_hex(16), dict[str, memoryview]()
    view, parts, end = memoryview(body), list[bytes | memoryview](), 0
    position = LONG // 2
    # A long string can't hide between two of these positions.
    while position < len(body):
        first = body.rfind(b'"', end, position) + 1
        last = body.find(b'"', position)
        if last < 0:
            break
        if first and last - first >= LONG and _is_plain_string(body, first, last):
            name = f"L{nonce}{len(found)}"
            found[name] = view[first:last]
            parts += [view[end:first], name.encode("ascii")]
            end = last
        position = max(last + 1, position + LONG // 2)
    return (b"".join([*parts, view[end:]]) if found else body), found


def _is_plain_string(body: bytes, first: int, last: int) -> bool:
    """Whether what is between two quotation marks is a plain string; no other mark is between them."""
    # After the end of a string comes something else, if the body is JSON at all, and so it does in what is left.
    if body[first] in _AFTER_STRING or body[first - 2 : first - 1] == b"\\":
        return False
    return all(is_plain(body[start : min(start + SLICE, last)]) for start in range(first, last, SLICE))


def put_strings_back(value: Any, strings: Mapping[str, object]) -> Any:
    """The value of the JSON that `cut_out_strings` left, with these strings in the places of their names."""
    if isinstance(value, str):
        return strings.get(value, value)
    if isinstance(value, list):
        return [put_strings_back(item, strings) for item in value]
    if isinstance(value, dict):
        return {strings.get(key, key): put_strings_back(item, strings) for key, item in value.items()}
    return value
