"""How the embedded servers are served; one module each makes the application out of the environment."""

import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import NoReturn
from wsgiref.types import WSGIApplication

from openslides_backend.embedded.preparing import DATABASE_ERRORS, DatabaseNotReady, prepare_database, reason
from openslides_backend.environment import Environment
from openslides_backend.serve.addresses import binds
from openslides_backend.serve.bridge import PlainApplication
from openslides_backend.serve.granian_server import InternalServer
from openslides_backend.serve.gunicorn_server import Server
from openslides_backend.serve.loading import load_factory, prepare_to_serve
from openslides_backend.serve.processes import ChildDied, ProcessGroup, StopRequested
from openslides_backend.shared.request_log import LoggedApplication

logger = logging.getLogger(__name__)

SERVERS = ("datastore", "auth", "media", "vote")
PUBLIC_SERVERS = ("auth", "media", "vote")
"""Those that clients may reach; the others are for services only."""
_WITH_DATABASE = ("datastore", "auth", "vote")
"""Those whose module has a function `prepare`, which opens the database and closes it again."""
_THREADS = 8
_LOGIN_PATIENCE = 30.0
"""Seconds that a login waits for a thread: passwords are slow to judge, and people come all at once."""
_MANY_THREADS = {
    "media": 64,  # each download has one, for as long as the client takes
    "vote": 160,  # a rush of voters that wait for the same commit, and those who read live votes besides
}
_STOP_GRACE = 5
"""Seconds that the processes of a server get on top of the time that it gives its workers."""


def run_embedded_server(environment: Environment, name: str) -> NoReturn:
    """Serve until this process is told to stop; always ends by SystemExit.

    A server has a single worker, as it keeps its state in memory, and a process of its own for each address: one for
    the datastore reader, one for the writer. They live and die together.
    """
    _factory(name)  # once, before the processes are forked
    if name in _WITH_DATABASE:
        _prepare(environment, name)
    prepare_to_serve()
    if name == "auth":
        _auth_server(environment).run()
    servers = [_server(environment, name, host, port) for host, port in binds(environment, name)]
    if len(servers) == 1:
        servers[0].run()
    with ProcessGroup(environment.worker_timeout + _STOP_GRACE) as group:
        for server in servers:
            group.start(f"{name} on port {server.port}", server.run)
        try:
            while True:
                group.watch()
        except StopRequested:
            code = 0
        except ChildDied as death:
            logger.critical("%s, stopping", death)
            code = 1
    raise SystemExit(code)


def _auth_server(environment: Environment) -> Server:
    """By Gunicorn: anybody may send bodies to it, and slow ones must not hold the threads that all others wait for."""
    return Server(
        "auth",
        binds(environment, "auth"),
        partial(_load_auth, environment),
        workers=1,
        threads=_THREADS,
        timeout=environment.worker_timeout,
        preload=False,
        patience=_LOGIN_PATIENCE,
    )


def _server(environment: Environment, name: str, host: str, port: int) -> InternalServer:
    load: partial[WSGIApplication] = partial(_load, environment, name)
    threads = _MANY_THREADS.get(name, _THREADS)
    return InternalServer(name, host, port, load, workers=1, threads=threads, timeout=environment.worker_timeout)


def _factory(name: str) -> Callable[..., WSGIApplication]:
    return load_factory(f"{__name__}.{name}:create")


def _prepare(environment: Environment, name: str) -> None:
    prepare: Callable[[Environment], None] = import_module(f"{__name__}.{name}").prepare
    try:
        prepare_database(partial(prepare, environment))
    except StopRequested:
        raise SystemExit(0) from None
    except DatabaseNotReady as error:
        logger.critical("%s can't use its database: %s", name, error)
        raise SystemExit(1) from None


def _load_auth(environment: Environment) -> PlainApplication:
    max_body: int = import_module("openslides_backend.embedded.auth.application").MAX_BODY
    return PlainApplication(_load(environment, "auth"), max_body)


def _load(environment: Environment, name: str) -> WSGIApplication:
    try:
        return LoggedApplication(name, _factory(name)(environment))
    except DATABASE_ERRORS as error:
        logger.critical("%s can't use its database: %s", name, reason(error))
        raise SystemExit(1) from None
