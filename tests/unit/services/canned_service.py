"""A service that gives the answers it is told to, behind the real pool of connections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from openslides_backend.services.http import HttpPool

URL = "http://service"


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class CannedService(BaseAdapter):
    """Answers every request with `status`, `body` and `headers`, or not at all if it is `down`."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    down: bool = False
    calls: list[Call] = field(default_factory=list)

    def pool(self) -> HttpPool:
        """A pool that reaches this service, and nothing else, at `URL`."""
        return HttpPool(adapters={URL: self})

    def answers(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        """Set the next answers; bytes are sent as they are, anything else as JSON."""
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = headers or {}

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """See BaseAdapter."""
        assert request.url is not None
        body = request.body or b""
        assert isinstance(body, bytes)
        self.calls.append(Call(request.url.removeprefix(URL), request.headers, body))
        if self.down:
            raise requests.ConnectionError
        response = requests.Response()
        response.status_code = self.status
        response.headers = CaseInsensitiveDict(self.headers)
        response._content = self.body
        return response

    def close(self) -> None:
        """See BaseAdapter."""
