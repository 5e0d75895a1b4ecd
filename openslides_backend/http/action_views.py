"""The routes of the action component (http.md, "Routes")."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import werkzeug

from openslides_backend.http.action_worker import Accepted, ActionWorker, Body, batch_names
from openslides_backend.http.application import Routes
from openslides_backend.http.codec import dump_json, parse_json
from openslides_backend.http.credentials import InternalPassword, authenticate, is_logged_in
from openslides_backend.http.limits import BodyLimits
from openslides_backend.http.request import Request, json_response
from openslides_backend.services.auth import Authenticator
from openslides_backend.shared.context import DRAINING, INTERNAL, RequestContext
from openslides_backend.version import VERSION

QUICK = (
    "/health",
    "/system/action/info",
    "/system/action/health",
    "/system/action/ready",
    "/system/action/version",
)
"""Routes that are answered whatever the component has to do."""


class HandledActions(Protocol):
    """What the engine gives back: one entry an action of the batch."""

    @property
    def results(self) -> Sequence[Any]: ...


class ActionHandling(Protocol):
    """The engine as the routes see it."""

    def handle(self, batch: object, context: RequestContext) -> HandledActions: ...

    def handle_separately(self, batch: object, context: RequestContext) -> HandledActions: ...

    def health(self) -> Mapping[str, object]: ...


Handle = Callable[[object, RequestContext], HandledActions]


class ActionViews:
    """Answers the requests to the action component.

    `development` makes backend-internal actions reachable over the internal route.
    """

    def __init__(
        self,
        handler: ActionHandling,
        authenticator: Authenticator,
        worker: ActionWorker,
        password: InternalPassword,
        limits: BodyLimits,
        *,
        development: bool,
    ) -> None:
        self._handler = handler
        self._authenticator = authenticator
        self._worker = worker
        self._password = password
        self._limits = limits
        self._development = development

    def routes(self) -> Routes:
        """The views by path and method."""
        return {
            "": {"POST": self.handle_request},
            "/system/action/handle_request": {"POST": self.handle_request},
            "/system/action/handle_separately": {"POST": self.handle_separately},
            "/internal/handle_request": {"POST": self.handle_internally},
            "/health": {"GET": self.info},
            "/system/action/info": {"GET": self.info},
            "/system/action/health": {"GET": health},
            "/system/action/ready": {"GET": ready},
            "/system/action/version": {"GET": version},
        }

    def body_limit(self, request: Request) -> int:
        """The largest body of a request; large ones only of those who are logged in or have the internal password."""
        match request.path.removesuffix("/"):
            case "/internal/handle_request":
                self._password.check(request.headers.get("Authorization"))
                return self._limits.large
            case "" | "/system/action/handle_request" | "/system/action/handle_separately":
                return self._limits.large if is_logged_in(request, self._authenticator) else self._limits.anonymous
            case _:
                return self._limits.anonymous

    def handle_request(self, request: Request) -> werkzeug.Response:
        """An atomic batch of a user."""
        return self._handle_public(request, self._handler.handle)

    def handle_separately(self, request: Request) -> werkzeug.Response:
        """A batch of a user whose actions are transactions of their own."""
        return self._handle_public(request, self._handler.handle_separately)

    def handle_internally(self, request: Request) -> werkzeug.Response:
        """An atomic batch of another service, which holds the internal password."""
        self._password.check(request.headers.get("Authorization"))
        request.notes.user_id = INTERNAL
        context = RequestContext(INTERNAL, request.language, internal=True, internal_actions=self._development)
        return self._handle(request, request.json_body(), self._handler.handle, context)

    def info(self, _request: Request) -> werkzeug.Response:
        """All actions with their schemas."""
        return werkzeug.Response(self._info, mimetype="application/json")

    @cached_property
    def _info(self) -> bytes:
        return dump_json(self._handler.health())

    def _handle_public(self, request: Request, handle: Handle) -> werkzeug.Response:
        batch = self._parsed(request)
        return self._handle(request, batch, handle, authenticate(request, self._authenticator))

    def _parsed(self, request: Request) -> object:
        """The batch, without the body that it came in: nobody holds both any longer."""
        body = request.raw_json()
        self._limits.judge_unparsed(body)
        batch = parse_json(body)
        self._limits.judge_batch(len(body), batch_names(batch))
        return batch

    def _handle(self, request: Request, batch: object, handle: Handle, context: RequestContext) -> werkzeug.Response:
        request.notes.names = batch_names(batch) or ()

        def job() -> Body:
            return success_body(handle(batch, context).results)

        answer = self._worker.work(job, batch, context)
        return json_response(answer.body, 202) if isinstance(answer, Accepted) else json_response(answer)


def success_body(results: Sequence[Any]) -> Body:
    """The body of the answer to a batch that was handled."""
    return {"status_code": 200, "success": True, "message": "Actions handled successfully", "results": list(results)}


def health(_request: Request) -> werkzeug.Response:
    """That the component runs."""
    return json_response({"status": "running"})


def ready(request: Request) -> werkzeug.Response:
    """Whether the component is going to take further requests: not if it was told to end."""
    return json_response({"status": "stopping"}, 503) if request.environ.get(DRAINING) else health(request)


def version(_request: Request) -> werkzeug.Response:
    """The version of the service."""
    return json_response({"version": VERSION})
