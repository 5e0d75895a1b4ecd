"""One line a request, the same from every service; and lines for events that people watch for."""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from openslides_backend.shared.request_id import REQUEST_ID_HEADER, handling_request, request_id_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

_REQUEST_ID_KEY = f"HTTP_{REQUEST_ID_HEADER.upper().replace('-', '_')}"
_NOTES_KEY = "openslides.notes"
_HARMLESS = re.compile(r"[\w.,:+/-]{1,100}", re.ASCII)
_HEALTH = ("/health", "/ready")

DISCREET = frozenset({"poll.vote"})
"""Actions of which no service's line tells who calls them (poll_vote.md, "Handing over to the vote service")."""

T = TypeVar("T")


def note(environ: "WSGIEnvironment", **facts: object) -> None:
    """Have the line of this request tell these facts: names and numbers, nothing of what was sent.

    They become attributes of the log record, whose own names (`name`, `message`) can't be used.
    """
    environ.setdefault(_NOTES_KEY, {}).update(facts)


def is_health_route(path: str) -> bool:
    """Whether a path is one that probes ask, in all services."""
    return path.rstrip("/").endswith(_HEALTH)


def harmless(value: object) -> object:
    """The value, if it is a number or a short word; anything else could be what must not be logged."""
    return value if not isinstance(value, str) or _HARMLESS.fullmatch(value) else "?"


def told(facts: Mapping[str, object]) -> str:
    """Facts as they stand in a line of text."""
    return " ".join(f"{name}={value}" for name, value in facts.items())


def log_line(log: logging.Logger, level: int, line: str, facts: Mapping[str, object]) -> None:
    """Log a line as it stands, and its facts as attributes of the record, if the level is enabled already.

    Unlike `Logger.log` this doesn't look for the line of code that it was called from: half of the price.
    """
    log.handle(log.makeRecord(log.name, level, "", 0, line, (), None, extra=facts))


def log_event(log: logging.Logger, event: str, **facts: object) -> None:
    """Log a warning that can be looked for by the name of the event."""
    safe = {name: harmless(value) for name, value in facts.items()}
    log.warning("%s %s", event, told(safe), extra={"event": event, **safe})


def identified(
    call: Callable[[T, "WSGIEnvironment", "StartResponse"], Iterable[bytes]],
) -> Callable[[T, "WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """For the `__call__` of a WSGI application: requests have an id, as long as they are handled and in the answer."""

    @wraps(call)
    def identified_call(self: T, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = request_id_of(environ.get(_REQUEST_ID_KEY))

        # In quotes: annotations of an inner function are made anew at each call, and these are dear.
        def start(status: str, headers: "list[tuple[str, str]]", *error: Any) -> "Callable[[bytes], object]":
            return start_response(status, [*headers, (REQUEST_ID_HEADER, request_id)], *error)

        with handling_request(request_id):
            return call(self, environ, start)

    return identified_call


class LoggedApplication:
    """A WSGI application around another one, whose requests it logs.

    The time is that until the answer begins, the reason (of a refusal) and whatever else is told are what `note` was
    called with. Probes of a healthy service are told at level debug.
    """

    def __init__(self, component: str, application: "WSGIApplication") -> None:
        self.application = application
        self._component = component

    @identified
    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started, status = perf_counter(), 500

        def start(status_line: str, *rest: Any) -> "Callable[[bytes], object]":
            nonlocal status
            status = int(status_line[:3])
            return start_response(status_line, *rest)

        try:
            return self.application(environ, start)
        finally:
            self._log(environ, status, perf_counter() - started)

    def _log(self, environ: "WSGIEnvironment", status: int, seconds: float) -> None:
        path = environ.get("PATH_INFO", "")
        level = logging.DEBUG if status == 200 and is_health_route(path) else logging.INFO
        if not logger.isEnabledFor(level):
            return
        notes = {name: harmless(value) for name, value in environ.get(_NOTES_KEY, {}).items()}
        method, shown = harmless(environ["REQUEST_METHOD"]), harmless(path)
        ms = round(seconds * 1000, 1)
        details = f" {told(notes)}" if notes else ""
        line = f"{self._component} {method} {shown}{details} status={status} ms={ms}"
        facts = {"component": self._component, "method": method, "path": shown, **notes, "status": status, "ms": ms}
        log_line(logger, level, line, facts)
