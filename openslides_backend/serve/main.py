"""The master process: one Gunicorn application a component, forked."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import starmap
from typing import NoReturn
from wsgiref.types import WSGIApplication

from openslides_backend.environment import ConfigurationError, Environment, address
from openslides_backend.serve.addresses import binds, check_ports_are_free
from openslides_backend.serve.granian_server import InternalServer
from openslides_backend.serve.gunicorn_server import INTERNAL_KEEP_ALIVE, KEEP_ALIVE, Server
from openslides_backend.serve.initial_data import create_initial_data
from openslides_backend.serve.internal_door import check_password_is_there
from openslides_backend.serve.loading import load_factory, share_memory_with_children
from openslides_backend.serve.logs import setup_logging
from openslides_backend.serve.processes import ChildDied, ProcessGroup, StopRequested

_STOP_GRACE = 5
"""Seconds that a component gets on top of the time that it gives its workers."""

_FACTORIES = {
    "action": "openslides_backend.wsgi:create_action_application",
    "presenter": "openslides_backend.wsgi:create_presenter_application",
    "permission": "openslides_backend.wsgi:create_permission_application",
}

_logger = logging.getLogger(__name__)


def component_server(environment: Environment, component: str) -> Server | InternalServer:
    """How a component is served.

    Action and presenter by Gunicorn. The permission service, which only those two ask, by Granian, unless the code is
    to be reloaded when it changes, which Gunicorn does.
    """
    load = partial(_load, environment, component)
    workers, threads, timeout = environment.num_workers, environment.num_threads, environment.worker_timeout
    if component == "permission" and not environment.reload:
        ((host, port),) = binds(environment, component)
        return InternalServer(component, host, port, load, workers, threads, timeout)
    return Server(
        name=component,
        binds=binds(environment, component),
        load=load,
        workers=workers,
        threads=threads,
        timeout=timeout,
        keep_alive=INTERNAL_KEEP_ALIVE if component == "permission" else KEEP_ALIVE,
        reload=environment.reload,
    )


def _load(environment: Environment, component: str) -> WSGIApplication:
    return load_factory(_FACTORIES[component])(environment)


def run_components(environment: Environment, components: Sequence[str]) -> int:
    """Run the components until a signal ends them (0) or one of them ends by itself (1)."""
    if not environment.reload:
        for component in components:
            load_factory(_FACTORIES[component])
        share_memory_with_children()
    with ProcessGroup(environment.worker_timeout + _STOP_GRACE) as group:
        for component in components:
            level = 0 if component == "permission" else 1
            group.start(component, partial(_run_component, environment, component), level=level)
            _logger.info("%s listens on %s", component, " ".join(starmap(address, binds(environment, component))))
        if environment.create_initial_data and "action" in components:
            group.start("initial data", partial(_run_initial_data, environment), may_end=True)
        try:
            while True:
                group.watch()
        except StopRequested:
            _logger.info("stopping")
            return 0
        except ChildDied as death:
            _logger.critical("%s, stopping", death)
            return 1


def _run_component(environment: Environment, component: str) -> NoReturn:
    setup_logging(component, environment.loglevel, environment.log_format)
    component_server(environment, component).run()


def _run_initial_data(environment: Environment) -> NoReturn:
    sys.exit(create_initial_data(environment))


def main(variables: Mapping[str, str] = os.environ, *also: str) -> int:
    """Start the components that the environment asks for, and `also` others; the exit code of the master."""
    try:
        environment = Environment.from_mapping(variables)
        components = (*also, *environment.components)
        if "permission" in components:
            check_password_is_there(environment, has_public_routes=False)
        check_ports_are_free(environment, components)
    except ConfigurationError as error:
        sys.stderr.write(f"openslides_backend: {error}\n")
        return 1
    setup_logging("master", environment.loglevel, environment.log_format)
    return run_components(environment, components)
