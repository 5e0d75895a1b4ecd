"""HTTP to the other services: timeouts, repeats, and one kind of error for whatever goes wrong."""

import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from openslides_backend.services.kept_connections import KeptConnections
from openslides_backend.services.outages import Outages
from openslides_backend.services.transport import (
    ConnectionLost,
    HttpAnswer,
    HttpRequest,
    NotSent,
    SlicedBody,
    Transport,
    TransportError,
    service_error,
)
from openslides_backend.services.web_session import WebSession
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.request_id import REQUEST_ID_HEADER, current_request_id

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_SECONDS = 3.0
READ_TIMEOUT_SECONDS = 10.0
PATIENCE_SECONDS = 5.0
"""How long requests wait for a service that can't be reached: as long as it takes to start anew."""
_JSON_CONTENT = {"Content-Type": "application/json"}


class CallCounter:
    """Counts calls by service, within the context (thread) that measures them."""

    def __init__(self) -> None:
        self._counters: ContextVar[tuple[Counter[str], ...]] = ContextVar("call_counters", default=())

    @contextmanager
    def measure(self) -> Iterator[Counter[str]]:
        """The counter that is yielded grows with each call made inside: `counter["datastore reader"]`."""
        counter: Counter[str] = Counter()
        token = self._counters.set((*self._counters.get(), counter))
        try:
            yield counter
        finally:
            self._counters.reset(token)

    def count(self, service: str) -> None:
        """Count one call."""
        for counter in self._counters.get():
            counter[service] += 1


class HttpPool:
    """Sends requests to services; safe to be shared between threads.

    `begin` is for the calls that every request makes, and for those that must end in time whatever the other side
    does: it goes over kept connections, and other things can be done until the answer is there. `get` and `post` are
    for all others, and go through a session of requests.
    `connect_timeout` and `read_timeout` are in seconds, the latter for the whole answer with all repeats; `patience` is
    the longest time in seconds in which requests are repeated because their service can't be reached. `transports`
    answer URLs that begin with their key instead of the network. `calls` counts what is sent. `headers` go along with
    each request.
    """

    def __init__(
        self,
        connect_timeout: float = CONNECT_TIMEOUT_SECONDS,
        read_timeout: float = READ_TIMEOUT_SECONDS,
        patience: float = PATIENCE_SECONDS,
        transports: Mapping[str, Transport] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.calls = CallCounter()
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._outages = Outages(patience)
        self._kept = KeptConnections()
        self._session = WebSession()
        self._transports = dict(transports or {})
        self._headers = dict(headers or {})

    def mount(self, prefix: str, transport: Transport) -> None:
        """Let the transport answer URLs that begin with the prefix."""
        self._transports[prefix] = transport

    def get(self, service: str, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """The answer to a GET request, see `begin`; it is repeated if the connection fails."""
        request = self._request("GET", url, None, headers, None)
        return self._begin(self._session, service, request, True).result()

    def post(
        self,
        service: str,
        url: str,
        body: bytes | SlicedBody,
        headers: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
        read_timeout: float | None = None,
    ) -> HttpAnswer:
        """The answer to a POST request, see `begin`; the content type is JSON unless the headers say otherwise."""
        request = self._request("POST", url, body, headers, read_timeout)
        return self._begin(self._session, service, request, repeatable).result()

    def begin(
        self,
        service: str,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        read_timeout: float | None = None,
    ) -> Pending[HttpAnswer]:
        """Send a request; the result is the answer, whatever its status. Redirects are not followed.

        `service` names the other side in errors, logs and counts. A request that has certainly not reached the service
        is sent again for a while, a `repeatable` one also if its connection was lost; nothing is sent again because an
        answer is late or unusable. The result is a ServiceError if there is no answer; the log has the reason, without
        payloads.
        """
        request = self._request(method, url, body, headers, read_timeout)
        return self._begin(self._kept, service, request, repeatable)

    def close(self) -> None:
        """Close all idle connections."""
        self._kept.close()
        self._session.close()

    def _request(
        self,
        method: str,
        url: str,
        body: bytes | SlicedBody | None,
        headers: Mapping[str, str] | None,
        read_timeout: float | None,
    ) -> HttpRequest:
        together = {**self._headers, **({} if body is None else _JSON_CONTENT), **(headers or {})}
        if request_id := current_request_id():
            together[REQUEST_ID_HEADER] = request_id
        deadline = time.monotonic() + (read_timeout or self._read_timeout)
        return HttpRequest(method, url, together, body or b"", self._connect_timeout, deadline)

    def _begin(self, network: Transport, service: str, request: HttpRequest, repeatable: bool) -> Pending[HttpAnswer]:
        call = _Exchange(service, request, self._transport(request.url) or network, self.calls)
        call.begin()
        return Pending(partial(self._outcome, call, repeatable), call.give_up)

    def _transport(self, url: str) -> Transport | None:
        return next((found for prefix, found in self._transports.items() if url.startswith(prefix)), None)

    def _outcome(self, call: "_Exchange", repeatable: bool) -> HttpAnswer:
        """The answer to a call, to a later try if need be; raises ServiceError."""
        tries = 0
        while True:
            try:
                answer = call.finish()
            except TransportError as error:
                pause = None
                if isinstance(error, NotSent) or (repeatable and isinstance(error, ConnectionLost)):
                    pause = self._outages.pause(call.service, tries, call.request.deadline)
                if pause is None:
                    raise _failed(call, error) from None
                if not tries:
                    logger.info("%s: %s is repeated after %s", call.service, call.request.method, _reason(error))
            else:
                self._outages.end(call.service)
                return answer
            tries += 1
            time.sleep(pause)
            call.begin()


class _Exchange:
    """A request to a service, which may be sent again."""

    def __init__(self, service: str, request: HttpRequest, transport: Transport, counter: CallCounter) -> None:
        self.service = service
        self.request = request
        self._transport = transport
        self._counter = counter
        self._pending: Pending[HttpAnswer] | None = None
        self._error: TransportError | None = None

    def begin(self) -> None:
        """Send it; an error is told by `finish`."""
        self._counter.count(self.service)
        self._pending = self._error = None
        try:
            self._pending = self._transport.begin(self.service, self.request)
        except TransportError as error:
            self._error = error

    def finish(self) -> HttpAnswer:
        """The answer; raises TransportError."""
        if self._pending is None:
            raise self._error or NotSent("not begun")
        return self._pending.result()

    def give_up(self) -> None:
        """Give up on the answer."""
        if self._pending is not None:
            self._pending.give_up()


def _failed(call: _Exchange, error: TransportError) -> ServiceError:
    logger.warning("%s: %s failed: %s", call.service, call.request.method, _reason(error))
    return service_error(call.service)


def _reason(error: TransportError) -> str:
    return f"{type(error).__name__}, {error}"
