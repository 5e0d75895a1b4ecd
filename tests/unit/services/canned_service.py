"""A service that gives the answers it is told to, behind the real pool of connections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openslides_backend.services.http import HttpPool
from openslides_backend.services.transport import ConnectionLost, HttpAnswer, HttpRequest
from openslides_backend.shared.pending import Pending
from tests.whole_body import whole_body

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
class CannedService:
    """Answers every request with `status`, `body` and `headers`, or not at all if it is `down`."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    down: bool = False
    calls: list[Call] = field(default_factory=list)

    def pool(self) -> HttpPool:
        """A pool that reaches this service, and nothing else, at `URL`."""
        return HttpPool(patience=0, transports={URL: self})

    def answers(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        """Set the next answers; bytes are sent as they are, anything else as JSON."""
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = headers or {}

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """See Transport."""
        return Pending(lambda: self._answer(service, request))

    def _answer(self, service: str, request: HttpRequest) -> HttpAnswer:
        headers = dict(request.headers)
        self.calls.append(Call(request.url.removeprefix(URL), headers, whole_body(request)))
        if self.down:
            raise ConnectionLost("down")
        answered = {name.lower(): value for name, value in self.headers.items()}
        return HttpAnswer(service, self.status, answered, self.body)

    def close(self) -> None:
        """See Transport."""
