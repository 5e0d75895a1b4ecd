"""JSON of many megabytes, made piece by piece: no step holds the interpreter for long.

An encoder makes all of a text at once: for a table of thousands of rows all other threads wait a tenth of a second.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Protocol

RUN = 64
"""Entries of a list or an object that are encoded at once; what has more is long."""
LEVELS = 6
"""How deep long lists and objects are looked for: the rows of a preview are in fields of an event of a request."""

_CONTAINERS = (list, dict)


class Encoder(Protocol):
    """An encoder of the standard library or of simplejson."""

    item_separator: str

    def encode(self, value: Any, /) -> str: ...


def encode_long(value: object, encoder: Encoder) -> str:
    """The text that the encoder makes of the value; raises what it raises."""
    if not _holds_long(value, LEVELS):
        return encoder.encode(value)
    return "".join(_pieces(value, encoder, LEVELS))


def _holds_long(value: object, levels: int) -> bool:
    """Whether the value is a long list or object, or holds one where these are looked for."""
    if not isinstance(value, _CONTAINERS):
        return False
    if len(value) > RUN:
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and any(_holds_long(part, levels - 1) for part in parts if isinstance(part, _CONTAINERS))


def _pieces(value: Any, encoder: Encoder, levels: int) -> Iterator[str]:
    if not _holds_long(value, levels):
        yield encoder.encode(value)
        return
    brackets = "{}" if isinstance(value, dict) else "[]"
    yield brackets[0]
    for number, entry in enumerate(_entries(value, encoder, levels)):
        if number:
            yield encoder.item_separator
        yield from entry
    yield brackets[1]


def _entries(value: Any, encoder: Encoder, levels: int) -> Iterator[Iterable[str]]:
    """The pieces of each entry, or of many at once where there are many."""
    if len(value) > RUN:
        yield from ([encoder.encode(run)[1:-1]] for run in _runs(value))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield chain([encoder.encode({key: 0})[1:-2]], _pieces(part, encoder, levels - 1))
    else:
        yield from (_pieces(part, encoder, levels - 1) for part in value)


def _runs(value: Any) -> Iterator[Any]:
    """A long list or object in parts."""
    entries = iter(value.items() if isinstance(value, dict) else value)
    while run := list(islice(entries, RUN)):
        yield dict(run) if isinstance(value, dict) else run
