"""Lets the HTTP pool reach a WSGI application in the same process, without a network."""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiAdapter(BaseAdapter):
    """Mounted with `HttpPool.mount(prefix, WsgiAdapter(application))`; `requests` are those that came through."""

    def __init__(self, application: "WSGIApplication") -> None:
        super().__init__()
        self._application = application
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        """Call the application."""
        self.requests.append(request)
        response = requests.Response()
        response.request = request
        response.url = request.url or ""

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            code, _, response.reason = status.partition(" ")
            response.status_code = int(code)
            response.headers = CaseInsensitiveDict[str]()
            for name, value in headers:
                known = response.headers.get(name)
                response.headers[name] = value if known is None else f"{known}, {value}"

        body: Iterable[bytes] = self._application(_environ(request), start_response)
        response._content = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return response

    def close(self) -> None:
        """Nothing is open."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else body
    assert isinstance(content, bytes)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname or "localhost",
        "SERVER_PORT": str(url.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme or "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in (request.headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = str(value)
    return environ
