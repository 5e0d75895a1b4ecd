"""What it means to send an HTTP request to a service: the request, the answer, what can go wrong, who carries it."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.pending import Pending

logger = logging.getLogger(__name__)

MAX_ANSWER = 512 * 1024 * 1024
"""The largest body of an answer in bytes: the datastore may tell everything it has."""


class TransportError(Exception):
    """There is no proper answer. The message names what happened, never what was sent or answered."""


class NotSent(TransportError):
    """The server wasn't reached: it has certainly not begun with the request."""


class ConnectionLost(TransportError):
    """The connection ended before the answer came: the server may have done the work, or part of it."""


class TimedOut(TransportError):
    """The answer didn't come in time; whether the work was done is unknown."""


class BadAnswer(TransportError):
    """What came is no answer that can be used."""


class BadRequestData(TransportError):
    """The URL or a header can't be sent to anybody."""


class SlicedBody(Protocol):
    """A large body that is made slice by slice, anew each time it is sent; its length in bytes is known before."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. `connect_timeout` and `deadline` (for the whole answer, by `time.monotonic`) are in seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | SlicedBody = field(repr=False)
    connect_timeout: float
    deadline: float


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a service answered, whatever its status; `headers` by their names in lower case."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON; raises ServiceError if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            logger.warning("%s: the answer with status %s is no JSON", self.service, self.status)
            raise service_error(self.service) from None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Transport(Protocol):
    """Carries requests to services; safe to be shared between threads."""

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """Send a request once, or get ready to; redirects are not followed.

        The result is the answer, or a TransportError. Raises NotSent, ConnectionLost, TimedOut or BadRequestData if it
        can't be sent.
        """

    def close(self) -> None:
        """Close what is kept for further requests."""


def service_error(service: str) -> ServiceError:
    """The error that names the service and nothing else."""
    return ServiceError(f"The service '{service}' failed or can't be reached.")
