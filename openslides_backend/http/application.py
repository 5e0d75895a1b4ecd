"""The WSGI application that both components are made of: routes, errors, the request log."""

from collections.abc import Callable, Collection, Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING

import werkzeug

from openslides_backend.environment import DEFAULT_ANONYMOUS_BODY_SIZE
from openslides_backend.http.errors import MethodNotAllowed, fault
from openslides_backend.http.request import Request, json_response
from openslides_backend.http.request_log import log_request
from openslides_backend.services.http import CallCounter
from openslides_backend.shared.exceptions import BackendError, NotFound
from openslides_backend.shared.faults import log_fault
from openslides_backend.shared.request_log import identified, is_health_route

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

View = Callable[[Request], werkzeug.Response]
Routes = Mapping[str, Mapping[str, View]]
"""Views by path (without trailing slash, the root being empty) and method."""


class Application:
    """A component of the service.

    `quick` are routes that are answered without asking other services or computing much. `raise_4xx` lets errors of
    the client propagate to the server as exceptions (http.md, OPENSLIDES_BACKEND_RAISE_4XX). Bodies of up to
    `anonymous_body` bytes are read whoever sends them, others as far as `body_limit` says, which may ask other services
    and raise BackendError. `calls` counts the calls to other services, for the request log.
    """

    def __init__(
        self,
        component: str,
        routes: Routes,
        *,
        quick: Collection[str] = (),
        raise_4xx: bool = False,
        anonymous_body: int = DEFAULT_ANONYMOUS_BODY_SIZE,
        body_limit: Callable[[Request], int] | None = None,
        calls: CallCounter | None = None,
    ) -> None:
        self._calls = calls or CallCounter()
        self._component = component
        self._routes = routes
        self._raise_4xx = raise_4xx
        self._quick = quick
        self._body_limit = body_limit or (lambda _request: anonymous_body)
        self.anonymous_body = anonymous_body

    @identified
    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = perf_counter()
        request = self._request(environ)
        with self._calls.measure() as request.notes.calls:
            response = self._answer(request)
        if request.fresh_token is not None:
            response.headers["authentication"] = request.fresh_token
        quiet = response.status_code == 200 and is_health_route(request.path)
        log_request(self._component, request.notes, response.status_code, perf_counter() - started, quiet=quiet)
        return response(environ, start_response)

    def body_limit(self, environ: "WSGIEnvironment") -> int:
        """The largest body of this request in bytes; 0 if it is refused anyway, as the answer is going to tell."""
        try:
            return self._body_limit(self._request(environ))
        except Exception:  # whatever it is, it comes up again when the request is answered, without its body
            return 0

    def is_quick(self, path: str) -> bool:
        """Whether a route is answered without asking other services or computing much."""
        return path.removesuffix("/") in self._quick

    def _request(self, environ: "WSGIEnvironment") -> Request:
        return Request(environ, self.anonymous_body, self._body_limit)

    def _answer(self, request: Request) -> werkzeug.Response:
        try:
            return self._view(request)(request)
        except BackendError as error:
            request.notes.reason = type(error).__name__
            if self._raise_4xx and error.status < 500:
                raise
            return _error_response(error)
        except Exception as error:  # nothing but an answer may leave the application
            log_fault(self._component, error)
            return _error_response(fault())

    def _view(self, request: Request) -> View:
        views = self._routes.get(request.path.removesuffix("/"))
        if views is None:
            raise NotFound("There is no such route.")
        view = views.get("GET" if request.method == "HEAD" else request.method)
        if view is None:
            raise MethodNotAllowed(sorted({*views, "HEAD"} if "GET" in views else views))
        return view


def _error_response(error: BackendError) -> werkzeug.Response:
    response = json_response(error.as_json(), error.status)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.allowed)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
