"""Runs a WSGI application under Gunicorn: the components and the embedded servers alike."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from openslides_backend.environment import address
from openslides_backend.serve.loading import share_memory_with_children
from openslides_backend.serve.processes import die_with_parent, name_process
from openslides_backend.serve.worker import PatientWorker

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept open: longer than the proxies in front usually keep theirs."""
INTERNAL_KEEP_ALIVE = 3600
"""Seconds for servers whose only clients are our own pools, so that these don't meet closed connections."""


@dataclass(frozen=True, slots=True)
class Server:
    """One application and how it is served.

    `load` makes the application, with `preload` before the workers are forked, so that they share its memory. That is
    not for applications that open databases or start threads, and has no effect together with `reload`. `binds` are
    addresses, `timeout` and `keep_alive` seconds; a worker that is stopped gets `timeout` seconds to finish requests.
    """

    name: str
    binds: tuple[tuple[str, int], ...]
    load: Callable[[], WSGIApplication]
    workers: int
    threads: int
    timeout: int
    keep_alive: int = KEEP_ALIVE
    reload: bool = False
    preload: bool = True

    def run(self) -> NoReturn:
        """Serve until this process is told to stop; always ends by SystemExit."""
        name_process(self.name)
        _GunicornApplication(self).run()
        raise SystemExit(0)


def _post_fork(_arbiter: Arbiter, worker: Worker) -> None:
    die_with_parent(worker.ppid)


def _is_no_slow_client(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], TimeoutError))


class _GunicornLogger(Logger):
    """Sends Gunicorn's messages where all others go, and less of them; access is logged by the applications."""

    def setup(self, cfg: Config) -> None:
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(max(logging.getLogger().level, logging.WARNING))
        self.error_log.addFilter(_is_no_slow_client)
        self.access_log.propagate = False


class _GunicornApplication(BaseApplication):
    def __init__(self, server: Server) -> None:
        self.server = server
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "proc_name": self.server.name,
            "bind": [address(*bind) for bind in self.server.binds],
            "worker_class": PatientWorker,
            "workers": self.server.workers,
            "threads": self.server.threads,
            "timeout": self.server.timeout,
            "graceful_timeout": self.server.timeout,
            "keepalive": self.server.keep_alive,
            "reload": self.server.reload,
            "preload_app": self.server.preload and not self.server.reload,
            "logger_class": _GunicornLogger,
            "post_fork": _post_fork,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        application = self.server.load()
        if self.cfg.preload_app:
            share_memory_with_children()
        return application
