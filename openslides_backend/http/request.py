"""One HTTP request and what the log is going to tell about it."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

import werkzeug
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_options_header

from openslides_backend.http.codec import dump_json, parse_json
from openslides_backend.http.request_log import RequestNotes
from openslides_backend.shared.exceptions import BadRequest, PayloadTooLarge

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LANGUAGES = frozenset({"en", "de", "it", "es", "ru", "cs", "fr"})
DEFAULT_LANGUAGE = "en"

BODY_TIMEOUT = 30.0
"""Seconds that a client may pause while it sends a body."""
_MAX_DRAIN = 1024 * 1024 * 1024
_CHUNK = 1024 * 1024


@lru_cache(maxsize=256)
def preferred_language(header: str) -> str:
    """The first language by quality in an `Accept-Language` header that the service knows, else English."""
    for tag, quality in parse_accept_header(header, LanguageAccept):
        primary = re.split("[-_]", tag, maxsplit=1)[0].lower()
        if quality > 0 and primary in LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE


@lru_cache(maxsize=64)
def is_json(content_type: str) -> bool:
    """Whether a `Content-Type` header says that the body is JSON; parameters such as a charset don't matter."""
    return parse_options_header(content_type)[0].lower() == "application/json"


class Request(werkzeug.Request):
    """A request with its JSON body, its language and its notes for the log.

    `fresh_token` is the access token that is handed back to the client, if the auth service issued one.
    """

    def __init__(self, environ: "WSGIEnvironment", max_body_size: int) -> None:
        super().__init__(environ)
        self._max_body_size = max_body_size
        self.notes = RequestNotes()
        self.fresh_token: str | None = None

    @property
    def language(self) -> str:
        """The language of texts that are written into the data for this client."""
        header = self.environ.get("HTTP_ACCEPT_LANGUAGE")
        return preferred_language(header) if header else DEFAULT_LANGUAGE

    def json_body(self) -> object:
        """The value in the body.

        Raises BadRequest if the content type isn't JSON, the body is empty, incomplete or malformed, PayloadTooLarge
        if it is over the limit.
        """
        if not is_json(self.environ.get("CONTENT_TYPE", "")):
            raise BadRequest("Wrong media type. Use 'Content-Type: application/json' instead.")
        body = self._read_body()
        if not body:
            raise BadRequest("The request has no body.")
        return parse_json(body)

    def _read_body(self) -> bytes:
        # Only Gunicorn tells its socket: a client that stops in the middle of a body must not hold the thread for ever.
        connection = self.environ.get("gunicorn.socket")
        if connection is not None:
            connection.settimeout(BODY_TIMEOUT)
        try:
            return self._read_within_limit()
        except OSError:
            raise BadRequest("The body could not be read.") from None
        finally:
            if connection is not None:
                connection.settimeout(None)

    def _read_within_limit(self) -> bytes:
        """The whole body; its length is announced, or the server ends the stream (chunked encoding)."""
        announced = self.content_length
        if announced is None and not self.environ.get("wsgi.input_terminated"):
            return b""
        if announced is not None and announced > self._max_body_size:
            self._drain(announced)
            raise PayloadTooLarge(f"The body is larger than {self._max_body_size} bytes.")
        body = self._read(self._max_body_size + 1 if announced is None else announced)
        if announced is None and len(body) > self._max_body_size:
            self._drain(_MAX_DRAIN)
            raise PayloadTooLarge(f"The body is larger than {self._max_body_size} bytes.")
        if announced is not None and len(body) < announced:
            raise BadRequest("The body is incomplete.")
        return body

    def _read(self, size: int) -> bytes:
        read: Callable[[int], bytes] = self.environ["wsgi.input"].read
        chunks = []
        while size > 0 and (chunk := read(min(size, _CHUNK))):
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)

    def _drain(self, size: int) -> None:
        """Throw away what the client is still sending, within bounds, since few clients read the answer before."""
        read: Callable[[int], bytes] = self.environ["wsgi.input"].read
        left = min(size, _MAX_DRAIN)
        with suppress(OSError):
            while left > 0 and (chunk := read(min(left, _CHUNK))):
                left -= len(chunk)


def json_response(value: object, status: int = 200) -> werkzeug.Response:
    """An answer with a JSON body."""
    return werkzeug.Response(dump_json(value), status, mimetype="application/json")
