"""What the small embedded WSGI servers have in common: routes to methods, errors as JSON."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from openslides_backend.shared.exceptions import BackendError, BadRequest, ErrorCode
from openslides_backend.shared.fqid import MAX_ID
from openslides_backend.shared.json_body import parse_json
from openslides_backend.shared.request_log import note
from openslides_backend.shared.slices import cut_out_strings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

Endpoint = Callable[..., Response]
"""Takes the request and, by name, the variable parts of its route."""


def json_response(body: Mapping[str, object], status: int = 200) -> Response:
    """An answer with a JSON object that no cache keeps."""
    response = Response(json.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


_HEADERS = ("Allow", "Content-Range")
"""Headers of errors that tell more than the message."""
_CODES = {
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    500: ErrorCode.INTERNAL_ERROR,
}


def failure(message: str, status: int, code: ErrorCode) -> Response:
    """An answer in the JSON error form (http.md)."""
    return json_response({"success": False, "message": message, "code": code.value}, status)


def _error_response(error: BackendError) -> Response:
    response = json_response(error.as_json(), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def json_object(request: Request) -> dict[str, object]:
    """The body of a request, which must be a JSON object.

    Raises BadRequest.
    """
    return _json_object(request, parse_json)


def json_object_with_views(request: Request) -> dict[str, object]:
    """The same, but long plain strings are views of the body, so that no copy of a file is made.

    Raises BadRequest.
    """
    return _json_object(request, _parse_with_views)


def _json_object(request: Request, parse: Callable[[bytes], object]) -> dict[str, object]:
    if not request.is_json:
        raise BadRequest("The content type must be application/json.")
    body = parse(request.get_data(cache=False))
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _parse_with_views(body: bytes) -> object:
    rest, views = cut_out_strings(body)
    value = parse_json(rest)
    if not views or not isinstance(value, dict):
        return value
    # Only those of the object itself: nobody asks for deeper ones.
    return {key: views.get(item, item) if isinstance(item, str) else item for key, item in value.items()}


def positive_int(body: Mapping[str, object], key: str) -> int:
    """A positive integer out of a body.

    Raises BadRequest.
    """
    value = body.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_ID:
        raise BadRequest(f"'{key}' must be an integer from 1 to {MAX_ID}.", field=key)
    return value


def any_text(body: Mapping[str, object], key: str) -> str:
    """A string out of a body, which may hold lone surrogates.

    Raises BadRequest.
    """
    value = body.get(key)
    if not isinstance(value, str):
        raise BadRequest(f"'{key}' must be a string.", field=key)
    return value


def text(body: Mapping[str, object], key: str) -> str:
    """A string out of a body that can be stored and compared everywhere.

    Raises BadRequest.
    """
    value = any_text(body, key)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise BadRequest(f"'{key}' must not contain lone surrogates.", field=key)
    return value


class JsonApplication:
    """A WSGI application made of a table of routes; a trailing slash is accepted on each.

    Errors of the service answer with their status and message, anything unexpected is logged and answered with 500.
    `max_body` is the largest body in bytes.
    """

    def __init__(self, routes: Iterable[tuple[str, str, Endpoint]], max_body: int) -> None:
        rules = (Rule(path, methods=[method], endpoint=endpoint) for method, path, endpoint in routes)
        self._routes = Map(rules, strict_slashes=False, merge_slashes=False)
        self._max_body = max_body

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = self._max_body
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, arguments = self._routes.bind_to_environ(request.environ).match()
            response: Response = endpoint(request, **arguments)
        except BackendError as error:
            note(request.environ, reason=type(error).__name__)
            return _error_response(error)
        except HTTPException as error:
            note(request.environ, reason=type(error).__name__)
            response = failure(
                error.description or error.name, error.code or 500, _CODES.get(error.code or 500, ErrorCode.BAD_REQUEST)
            )
            response.headers.extend((key, value) for key, value in error.get_headers() if key in _HEADERS)
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            return failure("Internal error.", 500, ErrorCode.INTERNAL_ERROR)
        return response
