"""One HTTP request and what the log is going to tell about it."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import werkzeug
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_options_header

from openslides_backend.http.codec import dump_json, parse_json
from openslides_backend.http.limits import refuse
from openslides_backend.http.request_log import RequestNotes
from openslides_backend.i18n.languages import DEFAULT_LANGUAGE, LANGUAGES
from openslides_backend.shared.exceptions import BadRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


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

    A body of up to `free_size` bytes is read whoever sends it; for a larger one `limit` is asked how large it may be.
    `fresh_token` is the access token that is handed back to the client, if the auth service issued one.
    """

    def __init__(self, environ: "WSGIEnvironment", free_size: int, limit: "Callable[[Request], int]") -> None:
        super().__init__(environ)
        self._free_size = free_size
        self._limit = limit
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
        if it is over the limit, and whatever is wrong with who sends it if it is large.
        """
        return parse_json(self.raw_json())

    def raw_json(self) -> bytes:
        """The body, not parsed; raises as `json_body`."""
        if not is_json(self.environ.get("CONTENT_TYPE", "")):
            raise BadRequest("Wrong media type. Use 'Content-Type: application/json' instead.")
        try:
            body = self._read_within_limit()
        except OSError:
            raise BadRequest("The body could not be read.") from None
        if not body:
            raise BadRequest("The request has no body.")
        return body

    def _read_within_limit(self) -> bytes:
        """The whole body; its length is announced, or the server ends the stream (chunked encoding)."""
        announced = self.content_length
        if announced is not None:
            if announced > self._free_size and announced > (limit := self._limit(self)):
                refuse(limit)
            body = self._read(announced)
            if len(body) < announced:
                raise BadRequest("The body is incomplete.")
            return body
        if not self.environ.get("wsgi.input_terminated"):
            return b""
        body = self._read(self._free_size + 1)
        if len(body) > self._free_size:
            limit = self._limit(self)
            body += self._read(limit + 1 - len(body))
            if len(body) > limit:
                refuse(limit)
        return body

    def _read(self, size: int) -> bytes:
        """Up to so many bytes; in one piece, without a copy, if they are there."""
        read: Callable[[int], bytes] = self.environ["wsgi.input"].read
        chunks = []
        while size > 0 and (chunk := read(size)):
            chunks.append(chunk)
            size -= len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def json_response(value: object, status: int = 200) -> werkzeug.Response:
    """An answer with a JSON body."""
    return werkzeug.Response(dump_json(value), status, mimetype="application/json")
