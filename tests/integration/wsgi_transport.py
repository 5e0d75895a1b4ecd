"""Lets the HTTP pool call WSGI applications in process."""

import io
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import EnvironBuilder, run_wsgi_app

from openslides_backend.services.transport import HttpAnswer, HttpRequest
from openslides_backend.shared.pending import Pending
from tests.whole_body import whole_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiTransport:
    """Answers all requests with an application; `called` gets the path of each."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def called(self, path: str) -> None:
        """Hook: a request is about to be handled."""

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """See Transport: the request is handled when its result is asked for, in that thread."""
        return Pending(partial(self._answer, service, request))

    def _answer(self, service: str, request: HttpRequest) -> HttpAnswer:
        url = urlsplit(request.url)
        self.called(url.path)
        body = whole_body(request)
        environ = EnvironBuilder(
            path=url.path,
            query_string=url.query,
            method=request.method,
            headers=list(request.headers.items()),
            input_stream=io.BytesIO(body),
            content_length=len(body),
        ).get_environ()
        chunks, status, headers = run_wsgi_app(self.application, environ, buffered=True)
        answered = {name.lower(): value for name, value in headers.items()}
        return HttpAnswer(service, int(status.split()[0]), answered, b"".join(chunks))

    def close(self) -> None:
        """Nothing is kept open."""
