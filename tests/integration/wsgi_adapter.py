"""Lets the HTTP pool call WSGI applications in process."""

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiAdapter(BaseAdapter):
    """Answers all requests with an application; `called` gets the path of each."""

    def __init__(self, application: "WSGIApplication") -> None:
        super().__init__()
        self.application = application

    def called(self, path: str) -> None:
        """Hook: a request is about to be handled."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """Handle the request at once, in this thread."""
        url = urlsplit(request.url or "")
        self.called(url.path)
        body = request.body or b""
        environ = EnvironBuilder(
            path=url.path,
            query_string=url.query,
            method=request.method or "GET",
            headers=list(request.headers.items()),
            input_stream=io.BytesIO(body if isinstance(body, bytes) else str(body).encode()),
        ).get_environ()
        chunks, status, headers = run_wsgi_app(self.application, environ, buffered=True)
        response = requests.Response()
        response.status_code = int(status.split()[0])
        response.headers.update(headers)
        response._content = b"".join(chunks)
        response.url, response.request = request.url or "", request
        return response

    def close(self) -> None:
        """Nothing is kept open."""
