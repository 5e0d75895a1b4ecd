"""HTTP to the other services: kept-alive connections, timeouts, and one kind of error for whatever goes wrong.

There is no `Session` of requests around them. It would add cookies, redirects, proxies and hooks, of which
service-to-service calls want nothing, at several times the price of the call itself.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from openslides_backend.services.http_connections import Connections, Exchange
from openslides_backend.shared.exceptions import ServiceError
from openslides_backend.shared.pending import Pending

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_SECONDS = 3.0
READ_TIMEOUT_SECONDS = 10.0
POOL_SIZE = 64
"""Idle connections kept for each host."""
_JSON_CONTENT = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a service answered, whatever its status; `headers` by their names in lower case."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes

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


def service_error(service: str) -> ServiceError:
    """The error that names the service and nothing else."""
    return ServiceError(f"The service '{service}' failed or can't be reached.")


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
    """Sends requests to services over kept-alive connections; safe to be shared between threads.

    `connect_timeout` and `read_timeout` are in seconds. `adapters` answer URLs that begin with their key instead of the
    network. `calls` counts what is sent. `headers` go along with each request.
    """

    def __init__(
        self,
        connect_timeout: float = CONNECT_TIMEOUT_SECONDS,
        read_timeout: float = READ_TIMEOUT_SECONDS,
        pool_size: int = POOL_SIZE,
        adapters: Mapping[str, BaseAdapter] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.calls = CallCounter()
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._network = Connections(pool_size)
        self._adapters = dict(adapters or {})
        self._headers = dict(headers or {})

    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        """Let the adapter answer URLs that begin with the prefix."""
        self._adapters[prefix] = adapter

    def get(self, service: str, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """The answer to a GET request, see `begin`; it is repeated once if the connection fails."""
        return self.begin(service, "GET", url, headers=headers, repeatable=True).result()

    def post(
        self,
        service: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
        read_timeout: float | None = None,
    ) -> HttpAnswer:
        """The answer to a POST request, see `begin`; the content type is JSON unless the headers say otherwise."""
        return self.begin(
            service, "POST", url, body, headers=headers, repeatable=repeatable, read_timeout=read_timeout
        ).result()

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

        `service` names the other side in errors, logs and counts. Only a `repeatable` request is sent a second
        time, when the connection failed. The result is a ServiceError if there is no answer; the log has the reason,
        without payloads.
        """
        timeout = (self._connect_timeout, read_timeout or self._read_timeout)
        content = {} if body is None else _JSON_CONTENT
        message = _Message(method, url, {**self._headers, **content, **(headers or {})}, body or b"", timeout)
        call = _Call(service, message, self._adapter(url), self.calls)
        call.begin()
        return Pending(partial(_outcome, call, repeatable), call.close)

    def close(self) -> None:
        """Close all idle connections."""
        self._network.close()

    def _adapter(self, url: str) -> BaseAdapter | Connections:
        for prefix, adapter in self._adapters.items():
            if url.startswith(prefix):
                return adapter
        return self._network


class _Message(NamedTuple):
    """A request; `timeout` is the pair of connect and read timeout in seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: tuple[float, float]


class _Call:
    """A request to a service, which may be sent again."""

    def __init__(
        self, service: str, message: _Message, adapter: BaseAdapter | Connections, counter: CallCounter
    ) -> None:
        self.service = service
        self.method = message.method
        self._message = message
        self._adapter = adapter
        self._counter = counter
        self._exchange: Exchange | None = None
        self._error: requests.RequestException | None = None

    def begin(self) -> None:
        """Send it, unless the adapter can only answer at once; an error is told by `finish`."""
        self._counter.count(self.service)
        self._exchange = self._error = None
        if isinstance(self._adapter, Connections):
            try:
                self._exchange = self._adapter.begin(*self._message)
            except requests.RequestException as error:
                self._error = error

    def finish(self) -> HttpAnswer:
        """The answer; raises requests.RequestException."""
        if self._error is not None:
            raise self._error
        if self._exchange is not None:
            reply = self._exchange.finish()
            return HttpAnswer(self.service, reply.status, reply.headers, reply.body)
        return _answer_at_once(self.service, self._message, self._adapter)

    def close(self) -> None:
        """Give up on the answer."""
        if self._exchange:
            self._exchange.close()


def _answer_at_once(service: str, message: _Message, adapter: Any) -> HttpAnswer:
    """The answer of an adapter that stands in for the network; raises requests.RequestException."""
    request = requests.PreparedRequest()
    request.method, request.url, request.body = message.method, message.url, message.body
    request.headers = CaseInsensitiveDict({"Content-Length": str(len(message.body)), **message.headers})
    response = adapter.send(request, timeout=message.timeout)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(service, response.status_code, headers, response.content)


def _outcome(call: _Call, repeatable: bool) -> HttpAnswer:
    """The answer to a call, to the second try if need be; raises ServiceError."""
    try:
        return call.finish()
    except requests.ConnectionError as error:
        if not repeatable or isinstance(error, requests.Timeout):
            raise _failed(call, error) from None
        logger.info("%s: %s is repeated after %s", call.service, call.method, type(error).__name__)
    except requests.RequestException as error:
        raise _failed(call, error) from None
    try:
        call.begin()
        return call.finish()
    except requests.RequestException as error:
        raise _failed(call, error) from None


def _failed(call: _Call, error: Exception) -> ServiceError:
    logger.warning("%s: %s failed: %s", call.service, call.method, _reason(error))
    return service_error(call.service)


def _reason(error: Exception) -> str:
    """Types of the error and its causes: their texts may quote URLs or payloads."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 5:
        names.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(names)
