"""The routes of the presenter component (http.md, "Routes")."""

import werkzeug

from openslides_backend.http.action_views import health, version
from openslides_backend.http.application import Routes
from openslides_backend.http.credentials import authenticate
from openslides_backend.http.request import Request, json_response
from openslides_backend.presenting.handler import PresenterHandler
from openslides_backend.services.auth import Authenticator


class PresenterViews:
    """Answers the requests to the presenter component."""

    def __init__(self, handler: PresenterHandler, authenticator: Authenticator) -> None:
        self._handler = handler
        self._authenticator = authenticator

    def routes(self) -> Routes:
        """The views by path and method; questions may be asked with GET and a body."""
        return {
            "": {"GET": self.handle_request, "POST": self.handle_request},
            "/system/presenter/handle_request": {"GET": self.handle_request, "POST": self.handle_request},
            "/health": {"GET": health},
            "/system/presenter/health": {"GET": health},
            "/system/presenter/version": {"GET": version},
        }

    def handle_request(self, request: Request) -> werkzeug.Response:
        """A batch of questions, in the order of work of presenters.md."""
        questions = self._handler.parse(request.json_body())
        request.notes.names = [question.presenter.name for question in questions]
        return json_response(self._handler.handle(questions, authenticate(request, self._authenticator)))
