"""The routes of the presenter component (http.md, "Routes")."""

import werkzeug

from openslides_backend.http.action_views import health, ready, version
from openslides_backend.http.application import Routes
from openslides_backend.http.credentials import authenticate, is_logged_in
from openslides_backend.http.limits import BodyLimits
from openslides_backend.http.request import Request, json_response
from openslides_backend.presenting.handler import PresenterHandler
from openslides_backend.services.auth import Authenticator

QUICK = ("/health", "/system/presenter/health", "/system/presenter/ready", "/system/presenter/version")
"""Routes that are answered whatever the component has to do."""


class PresenterViews:
    """Answers the requests to the presenter component."""

    def __init__(self, handler: PresenterHandler, authenticator: Authenticator, limits: BodyLimits) -> None:
        self._handler = handler
        self._authenticator = authenticator
        self._limits = limits

    def routes(self) -> Routes:
        """The views by path and method; questions may be asked with GET and a body."""
        return {
            "": {"GET": self.handle_request, "POST": self.handle_request},
            "/system/presenter/handle_request": {"GET": self.handle_request, "POST": self.handle_request},
            "/health": {"GET": health},
            "/system/presenter/health": {"GET": health},
            "/system/presenter/ready": {"GET": ready},
            "/system/presenter/version": {"GET": version},
        }

    def body_limit(self, request: Request) -> int:
        """The largest body of a request, in bytes."""
        return self._limits.small if is_logged_in(request, self._authenticator) else self._limits.anonymous

    def handle_request(self, request: Request) -> werkzeug.Response:
        """A batch of questions, in the order of work of presenters.md."""
        questions = self._handler.parse(request.json_body())
        request.notes.names = [question.presenter.name for question in questions]
        return json_response(self._handler.handle(questions, authenticate(request, self._authenticator)))
