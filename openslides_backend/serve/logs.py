"""Logging with the standard library: to stderr, as text or as JSON lines, one line a request.

No payload, token, cookie or password may get into a line.
"""

import json
import logging
import sys
import time
from typing import Any

_QUIET_LOGGERS = ("urllib3", "asyncio")
"""Libraries whose debug lines tell more about requests than a log may hold."""


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


class TextFormatter(logging.Formatter):
    """`time LEVEL service[pid] message`, a trace on the lines below."""

    def __init__(self, service: str) -> None:
        line = f"%(asctime)s.%(msecs)03dZ %(levelname)s {service}[%(process)d] %(message)s"
        super().__init__(line, "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that the library calls
        record.message = _one_line(record.message)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; facts that a line is logged with (`extra={"facts": {...}}`) are keys of their own."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "service": self.service,
            "pid": record.process,
            "logger": record.name,
        }
        facts = getattr(record, "facts", None)
        entry |= {"message": record.getMessage()} if facts is None else facts
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def setup_logging(service: str, level: str, log_format: str) -> None:
    """Send all log lines of this process to stderr.

    `service` names the process in every line; `level` and `log_format` are those of the environment.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(service) if log_format == "json" else TextFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
