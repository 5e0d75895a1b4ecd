"""Runs a WSGI application under Granian: servers that only the service's own components talk to.

An action asks five times for something over HTTP, so what such a call costs decides how many actions a second are
possible. Granian takes a fifth of what Gunicorn does for it; docs/performance.md has the figures.
"""

import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import AbstractServer

from openslides_backend.serve.processes import die_with_parent, how_it_ended, name_process

_BACKLOG = 1024
_LOG = logging.getLogger("_granian")
_LOG_CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")},
}
"""Granian's few lines go where all others go."""
_SHORT_LIFE_SECONDS = 8.0
_MAX_SHORT_LIVES = 5
"""How often in a row it is started anew after so short a time."""


class _Deaths(logging.Filter):
    """Completes Granian's line about a worker that died by what it died of."""

    def __init__(self, server: AbstractServer[Any]) -> None:
        super().__init__()
        self._server = server

    def filter(self, record: logging.LogRecord) -> bool:
        tells = record.getMessage().startswith("Unexpected exit")
        codes = [worker.inner.exitcode for worker in self._server.wrks] if tells else []
        reasons = [f"a worker {how_it_ended(code)}" for code in codes if code is not None]
        if reasons:
            record.msg, record.args = f"{', '.join(reasons)} and is replaced", ()
        return True


@dataclass(frozen=True, slots=True)
class InternalServer:
    """One application and how it is served.

    `load` makes the application, in each worker. A worker that dies is replaced; one that is stopped gets `timeout`
    seconds to finish its requests. Threads come with the requests, up to `threads`, and end when they had nothing to do
    for `thread_idle` seconds, of which Granian takes no less than 5.
    """

    name: str
    host: str
    port: int
    load: Callable[[], WSGIApplication]
    workers: int
    threads: int
    timeout: int
    thread_idle: int = 60

    def run(self) -> NoReturn:
        """Serve until this process is told to stop; always ends by SystemExit.

        Granian replaces workers that die, but gives up when that happens twice within seconds. Such deaths come from
        outside, so it is started anew, unless the workers can't even start.
        """
        name_process(self.name)
        multiprocessing.set_start_method("fork", force=True)
        short_lives = 0
        while short_lives < _MAX_SHORT_LIVES:
            started = time.monotonic()
            server = self._server()
            _LOG.filters[:] = [_Deaths(server)]
            with suppress(SystemExit):
                server.serve(target_loader=partial(self._load, os.getpid()))
            if server.interrupt_signal:
                raise SystemExit(0)
            short_lives = short_lives + 1 if time.monotonic() - started < _SHORT_LIFE_SECONDS else 0
        raise SystemExit(1)

    def _load(self, main_process: int, _target: str) -> WSGIApplication:
        die_with_parent(main_process)
        return self.load()

    def _server(self) -> AbstractServer[Any]:
        return Granian(
            self.name,
            address=self.host,
            port=self.port,
            interface=Interfaces.WSGI,
            workers=self.workers,
            blocking_threads=self.threads,
            blocking_threads_idle_timeout=self.thread_idle,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(keep_alive=True),
            backlog=_BACKLOG,
            websockets=False,
            log_level=LogLevels.error,
            log_dictconfig=_LOG_CONFIG,
            respawn_failed_workers=True,
            workers_kill_timeout=self.timeout,
        )
