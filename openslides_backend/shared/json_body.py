"""The JSON that internal services are sent, read from the raw WSGI environment."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from openslides_backend.shared.exceptions import BadRequest, PayloadTooLarge


def read_body(environ: Mapping[str, Any], limit: int) -> bytes:
    """The body, of at most `limit` bytes; only as much as its announced length, as WSGI demands.

    Raises BadRequest or PayloadTooLarge.
    """
    announced = environ.get("CONTENT_LENGTH") or ""
    if not announced and not environ.get("wsgi.input_terminated"):
        raise BadRequest("The length of the body must be given.")
    if announced and not (announced.isascii() and announced.isdigit() and len(announced) < _LONGEST_LENGTH):
        raise BadRequest("The length of the body must be a number.")
    length = int(announced) if announced else limit + 1
    if announced and length > limit:
        raise PayloadTooLarge("The body is too large.")
    body: bytes = environ["wsgi.input"].read(length)
    if len(body) > limit:
        raise PayloadTooLarge("The body is too large.")
    return body


def parse_json(body: bytes) -> Any:
    """The value that a body holds, which is JSON by the letter: no NaN, no infinity.

    Raises BadRequest.
    """
    try:
        return _decoder.decode(body.decode())
    except (ValueError, RecursionError):
        raise BadRequest("The body is no JSON, or nested too deeply.") from None


_LONGEST_LENGTH = 20
"""Digits."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
"""Made once: `json.loads` makes a new one each time, which takes as long as reading a small body."""
