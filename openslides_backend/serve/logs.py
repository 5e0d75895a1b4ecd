"""Logging to stderr, as text or as JSON lines.

No payload, token, cookie or password may get into a line.
"""

import logging
import sys
import time
from functools import lru_cache

from pythonjsonlogger.json import JsonFormatter

from openslides_backend.shared.request_id import current_request_id

_QUIET_LOGGERS = ("urllib3", "asyncio")
"""Libraries whose debug lines tell more about requests than a log may hold."""


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    """UTC, as it begins all lines of a second: making it anew takes as long as the rest of a line."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _tell_request_id(record: logging.LogRecord) -> bool:
    """Whatever is logged while a request is handled tells its id."""
    request_id = current_request_id()
    if request_id is not None:
        record.request_id = request_id
    return True


class TextFormatter(logging.Formatter):
    """`time LEVEL service[pid] message request=ID`, a trace on the lines below."""

    def __init__(self, service: str) -> None:
        line = f"%(asctime)s.%(msecs)03dZ %(levelname)s {service}[%(process)d] %(message)s"
        super().__init__(line)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return _second(int(record.created))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that the library calls
        record.message = _one_line(record.message)
        line = super().formatMessage(record)
        request_id = getattr(record, "request_id", None)
        return line if request_id is None else f"{line} request={request_id}"


def _json_formatter(service: str) -> logging.Formatter:
    """One JSON object a line; facts that a line is logged with (`extra`) are keys of their own."""
    return JsonFormatter(
        ["levelname", "process", "name", "message"],
        rename_fields={"levelname": "level", "process": "pid", "name": "logger", "exc_info": "trace"},
        static_fields={"service": service},
        timestamp="time",
    )


def setup_logging(service: str, level: str, log_format: str) -> None:
    """Send all log lines of this process to stderr.

    `service` names the process in every line; `level` and `log_format` are those of the environment.
    """
    # No line tells these, and asking for them takes a good part of the time of a line.
    logging.logThreads = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json_formatter(service) if log_format == "json" else TextFormatter(service))
    handler.addFilter(_tell_request_id)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
