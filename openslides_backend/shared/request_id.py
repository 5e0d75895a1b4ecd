"""The id under which all services tell in their logs of the same request of a client.

It stands in the current context: who starts a thread for a request takes the context along (`copy_context`).
"""

import re
import secrets
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token

REQUEST_ID_HEADER = "X-Request-ID"
"""Header of requests and answers; clients and proxies may send one of their own."""

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that is being handled, None outside of any."""
    return _current.get()


def request_id_of(header: str | None) -> str:
    """The id that a request came with, or a new one.

    Up to 64 letters, digits, dots, hyphens and underscores are taken; anything else is replaced, as it is going to
    stand in logs and headers.
    """
    return header if header is not None and _ID.fullmatch(header) else secrets.token_hex(8)


class _Handling:
    """A context manager by hand: one made of a generator costs each request several times as much."""

    __slots__ = ("_request_id", "_token")

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._token: Token[str | None]

    def __enter__(self) -> None:
        self._token = _current.set(self._request_id)

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._token)


def handling_request(request_id: str) -> AbstractContextManager[None]:
    """What is done inside belongs to the request with this id."""
    return _Handling(request_id)
