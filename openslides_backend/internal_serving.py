"""Runs a WSGI application under Granian: servers that only the service's own components talk to.

An action asks five times for something over HTTP, so what such a call costs decides how many actions a second are
possible. Granian takes a fifth of what Gunicorn does for it; docs/operations.md has the figures.
"""

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from openslides_backend.processes import die_with_parent, name_process

_THREAD_IDLE_SECONDS = 600
"""Threads keep a connection to the database each: they shall not come and go."""
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class InternalServer:
    """One application and how it is served.

    `load` makes the application, in each worker. A worker that dies is replaced; one that is stopped gets `timeout`
    seconds to finish its requests.
    """

    name: str
    host: str
    port: int
    load: Callable[[], WSGIApplication]
    workers: int
    threads: int
    timeout: int

    def run(self) -> NoReturn:
        """Serve until this process is told to stop; always ends by SystemExit."""
        name_process(self.name)
        multiprocessing.set_start_method("fork", force=True)
        main_process = os.getpid()

        def load(_target: str) -> WSGIApplication:
            die_with_parent(main_process)
            return self.load()

        server = Granian(
            self.name,
            address=self.host,
            port=self.port,
            interface=Interfaces.WSGI,
            workers=self.workers,
            blocking_threads=self.threads,
            blocking_threads_idle_timeout=_THREAD_IDLE_SECONDS,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(keep_alive=True),
            backlog=_BACKLOG,
            websockets=False,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            workers_kill_timeout=self.timeout,
        )
        server.serve(target_loader=load)
        raise SystemExit(0 if server.interrupt_signal else 1)
