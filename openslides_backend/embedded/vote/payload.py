"""Queries and bodies of requests (vote_service.md, "Routes" and "Ballot")."""

import json
import re
from dataclasses import dataclass
from typing import Any

from openslides_backend.embedded.vote.errors import Invalid, NotAllowed
from openslides_backend.voting.ballot import InvalidBallot, Value, parse_value

MAX_BODY = 1024 * 1024
"""Bytes of a ballot."""
MAX_IDS = 1000
"""How many polls may be asked for at once."""
MAX_ID = 2**31 - 1
"""No larger id is looked for: there is none."""

_ID = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Payload:
    """A ballot as it came: for whom (None: the acting user himself) and its value, not judged yet."""

    user_id: int | None
    value: Value


def parse_id(text: str | None) -> int:
    """The `id` of a query. Raises Invalid."""
    if text is None or not _ID.fullmatch(text):
        raise Invalid("'id' must be a decimal integer.")
    return int(text)


def parse_ids(text: str | None) -> list[int]:
    """The `ids` of a query. Raises Invalid."""
    parts = (text or "").split(",")
    if len(parts) > MAX_IDS or not all(map(_ID.fullmatch, parts)):
        raise Invalid(f"'ids' must be up to {MAX_IDS} decimal integers, separated by commas.")
    return [int(part) for part in parts]


def parse_payload(body: bytes) -> Payload | Invalid | NotAllowed:
    """The body of a ballot, or what is wrong with it (checks 6 and 7): other checks come before that."""
    try:
        content = json.loads(body, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Invalid("The body is no JSON, or names a key twice.")
    if not isinstance(content, dict):
        return Invalid("The body must be a JSON object.")
    user_id = content.get("user_id")
    if user_id is not None and type(user_id) is not int:
        return Invalid("'user_id' must be an integer.")
    try:
        value = parse_value(content.get("value"))
    except InvalidBallot as error:
        return Invalid(error.message)
    if "user_id" in content and not user_id:
        return NotAllowed("'user_id' must be the id of a user.")
    return Payload(user_id, value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two values was meant can't be told."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key that is there twice")
    return content


def _refuse(_constant: str) -> None:
    raise ValueError("a number that isn't JSON")
