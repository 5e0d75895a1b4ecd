"""Runs a WSGI application under Gunicorn: the components and the embedded servers alike."""

import errno
import gc
import importlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from openslides_backend.environment import ConfigurationError, address
from openslides_backend.processes import die_with_parent, name_process

KEEP_ALIVE = 75
"""Seconds that an idle connection is kept open: longer than the proxies in front usually keep theirs."""
INTERNAL_KEEP_ALIVE = 3600
"""Seconds for servers whose only clients are our own pools, so that these don't meet closed connections."""


@dataclass(frozen=True, slots=True)
class Server:
    """One application and how it is served.

    `load` makes the application; without `reload` it is called once, before the workers are forked, so that they share
    its memory. `binds` are addresses, `timeout` and `keep_alive` seconds. A worker that is stopped gets `timeout`
    seconds to finish its requests.
    """

    name: str
    binds: tuple[tuple[str, int], ...]
    load: Callable[[], WSGIApplication]
    workers: int
    threads: int
    timeout: int
    keep_alive: int = KEEP_ALIVE
    reload: bool = False

    def run(self) -> NoReturn:
        """Serve until this process is told to stop; always ends by SystemExit."""
        name_process(self.name)
        _GunicornApplication(self).run()
        raise SystemExit(0)


def load_factory(path: str) -> Callable[..., WSGIApplication]:
    """The function that `package.module:function` names.

    Imported by name and not at the top so that a process loads only the applications that it serves, and with
    Gunicorn's reload only in the worker, which is replaced when the code changes.
    """
    module, _, function = path.partition(":")
    factory: Callable[..., WSGIApplication] = getattr(importlib.import_module(module), function)
    return factory


def check_ports_are_free(servers: dict[str, tuple[tuple[str, int], ...]]) -> None:
    """Raises ConfigurationError, naming port and server, if an address can't be bound."""
    for name, binds in servers.items():
        for host, port in binds:
            try:
                _try_bind(host, port)
            except OSError as error:
                reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
                raise ConfigurationError(f"{name} can't listen on {address(host, port)}: {reason}.") from error


def _try_bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        candidate.bind((host, port))


def _post_fork(_arbiter: Arbiter, worker: Worker) -> None:
    die_with_parent(worker.ppid)


class _GunicornLogger(Logger):
    """Sends Gunicorn's messages where all others go, and less of them; access is logged by the applications."""

    def setup(self, cfg: Config) -> None:
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(max(logging.getLogger().level, logging.INFO))
        self.access_log.propagate = False


class _GunicornApplication(BaseApplication):
    def __init__(self, server: Server) -> None:
        self.server = server
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "proc_name": self.server.name,
            "bind": [address(*bind) for bind in self.server.binds],
            "worker_class": "gthread",
            "workers": self.server.workers,
            "threads": self.server.threads,
            "timeout": self.server.timeout,
            "graceful_timeout": self.server.timeout,
            "keepalive": self.server.keep_alive,
            "reload": self.server.reload,
            "preload_app": not self.server.reload,
            "logger_class": _GunicornLogger,
            "post_fork": _post_fork,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        application = self.server.load()
        if not self.server.reload:
            # What is loaded stays: untouched by the collector, its pages stay shared with the workers.
            gc.collect()
            gc.freeze()
        return application
