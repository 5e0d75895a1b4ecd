"""The WSGI application that both components are made of: routes, errors, the request log."""

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING

import werkzeug

from openslides_backend.environment import DEFAULT_MAX_BODY_SIZE
from openslides_backend.http.errors import FAULT_MESSAGE, MethodNotAllowed, error_body, log_fault
from openslides_backend.http.request import Request, json_response
from openslides_backend.http.request_log import log_request
from openslides_backend.services.http import CallCounter
from openslides_backend.shared.exceptions import BackendError, NotFound

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

View = Callable[[Request], werkzeug.Response]
Routes = Mapping[str, Mapping[str, View]]
"""Views by path (without trailing slash, the root being empty) and method."""


class ClosingResponse(werkzeug.Response):
    """An answer after which the connection can't be used for the next request."""


class Application:
    """A component of the service.

    `raise_4xx` lets errors of the client propagate to the server as exceptions (http.md, OPENSLIDES_BACKEND_RAISE_4XX);
    `max_body_size` is in bytes; `calls` counts the calls to other services, for the request log.
    """

    def __init__(
        self,
        component: str,
        routes: Routes,
        *,
        raise_4xx: bool = False,
        max_body_size: int = DEFAULT_MAX_BODY_SIZE,
        calls: CallCounter | None = None,
    ) -> None:
        self._calls = calls or CallCounter()
        self._component = component
        self._routes = routes
        self._raise_4xx = raise_4xx
        self._max_body_size = max_body_size

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = perf_counter()
        request = Request(environ, self._max_body_size)
        with self._calls.measure() as request.notes.calls:
            response = self._answer(request)
        if request.fresh_token is not None:
            response.headers["authentication"] = request.fresh_token
        log_request(self._component, request.notes, response.status_code, perf_counter() - started)
        if isinstance(response, ClosingResponse):
            _close_connection(start_response)
        return response(environ, start_response)

    def _answer(self, request: Request) -> werkzeug.Response:
        try:
            return self._view(request)(request)
        except BackendError as error:
            if self._raise_4xx and error.status < 500:
                raise
            response = json_response(error_body(error), error.status)
            if isinstance(error, MethodNotAllowed):
                response.headers["Allow"] = ", ".join(error.allowed)
            return response
        except Exception as error:  # nothing but an answer may leave the application
            log_fault(self._component, error)
            return json_response({"success": False, "message": FAULT_MESSAGE}, 500)

    def _view(self, request: Request) -> View:
        views = self._routes.get(request.path.removesuffix("/"))
        if views is None:
            raise NotFound("There is no such route.")
        view = views.get("GET" if request.method == "HEAD" else request.method)
        if view is None:
            raise MethodNotAllowed(sorted({*views, "HEAD"} if "GET" in views else views))
        return view


def _close_connection(start_response: "StartResponse") -> None:
    """Have the server answer with `Connection: close`.

    PEP 3333 forbids applications to send this header and Gunicorn drops it, but the response object behind its
    `start_response` can be told.
    """
    force_close = getattr(getattr(start_response, "__self__", None), "force_close", None)
    if force_close is not None:
        force_close()
