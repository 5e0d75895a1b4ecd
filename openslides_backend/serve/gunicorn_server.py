"""Runs a component under Gunicorn: its own ASGI worker takes the requests, threads of ours have them answered."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from openslides_backend.environment import address
from openslides_backend.serve.bridge import Bridge, ServedApplication
from openslides_backend.serve.connections import KEEP_ALIVE, PunctualPolicy
from openslides_backend.serve.draining import Draining
from openslides_backend.serve.loading import prepare_to_serve
from openslides_backend.serve.processes import die_with_parent, name_process
from openslides_backend.serve.threads import QUEUE_SECONDS


@dataclass(frozen=True, slots=True)
class Server:
    """One application and how it is served.

    `load` makes the application, with `preload` before the workers are forked, so that they share its memory. That is
    not for applications that open databases or start threads, and has no effect together with `reload`. `binds` are
    addresses, `timeout` is in seconds; a worker that is stopped gets `timeout` seconds to finish requests. A request
    waits up to `patience` seconds for a thread. `draining` tells that the server is going to be stopped.
    """

    name: str
    binds: tuple[tuple[str, int], ...]
    load: Callable[[], ServedApplication]
    workers: int
    threads: int
    timeout: int
    reload: bool = False
    preload: bool = True
    patience: float = QUEUE_SECONDS
    draining: Draining = field(default_factory=Draining)

    def run(self) -> NoReturn:
        """Serve until this process is told to stop; always ends by SystemExit."""
        name_process(self.name)
        _GunicornApplication(self).run()
        raise SystemExit(0)


def _post_fork(_arbiter: Arbiter, worker: Worker) -> None:
    die_with_parent(worker.ppid)
    asyncio.set_event_loop_policy(PunctualPolicy())


class _GunicornLogger(Logger):
    """Sends Gunicorn's messages where all others go, and less of them; access is logged by the applications."""

    def setup(self, cfg: Config) -> None:
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(max(logging.getLogger().level, logging.WARNING))
        self.access_log.propagate = False


class _GunicornApplication(BaseApplication):
    def __init__(self, server: Server) -> None:
        self.server = server
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "proc_name": self.server.name,
            "bind": [address(*bind) for bind in self.server.binds],
            "worker_class": "asgi",
            "asgi_loop": "asyncio",
            "asgi_lifespan": "off",
            "workers": self.server.workers,
            "timeout": self.server.timeout,
            "graceful_timeout": self.server.timeout,
            "keepalive": KEEP_ALIVE,
            "reload": self.server.reload,
            "preload_app": self.server.preload and not self.server.reload,
            "logger_class": _GunicornLogger,
            "post_fork": _post_fork,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Bridge:
        application = Bridge(self.server.load(), self.server.threads, self.server.draining, self.server.patience)
        if self.cfg.preload_app:
            prepare_to_serve()
        return application
