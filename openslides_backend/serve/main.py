"""The master process: one Gunicorn application a component, forked."""

import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import starmap
from typing import Any, NoReturn

from openslides_backend.environment import ConfigurationError, Environment, address
from openslides_backend.serve.addresses import binds, check_ports_are_free
from openslides_backend.serve.bridge import PlainApplication
from openslides_backend.serve.draining import Draining
from openslides_backend.serve.granian_server import InternalServer
from openslides_backend.serve.gunicorn_server import Server
from openslides_backend.serve.initial_data import create_initial_data
from openslides_backend.serve.internal_door import check_password_is_there
from openslides_backend.serve.loading import load_factory, prepare_to_serve
from openslides_backend.serve.logs import setup_logging
from openslides_backend.serve.migrating import migrate_on_start
from openslides_backend.serve.processes import ChildDied, ProcessGroup, StopRequested

_STOP_GRACE = 5
"""Seconds that a component gets on top of the time that it gives its workers."""

_FACTORIES = {
    "action": "openslides_backend.wsgi:create_action_application",
    "presenter": "openslides_backend.wsgi:create_presenter_application",
    "permission": "openslides_backend.wsgi:create_permission_application",
}

_logger = logging.getLogger(__name__)


def component_server(environment: Environment, component: str, draining: Draining) -> Server | InternalServer:
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
        load=load if component != "permission" else partial(_load_internal, environment, component),
        workers=workers,
        threads=threads,
        timeout=timeout,
        reload=environment.reload,
        draining=draining,
    )


def _load(environment: Environment, component: str) -> Any:
    return load_factory(_FACTORIES[component])(environment)


def _load_internal(environment: Environment, component: str) -> PlainApplication:
    return PlainApplication(_load(environment, component))


def run_components(environment: Environment, components: Sequence[str]) -> int:
    """Run the components until a signal ends them (0) or one of them ends by itself (1)."""
    if not environment.reload:
        for component in components:
            load_factory(_FACTORIES[component])
        prepare_to_serve()
    draining = Draining()
    with ProcessGroup(environment.worker_timeout + _STOP_GRACE) as group:
        for component in components:
            level = 0 if component == "permission" else 1
            group.start(component, partial(_run_component, environment, component, draining), level=level)
            _logger.info("%s listens on %s", component, " ".join(starmap(address, binds(environment, component))))
        if "action" in components:
            group.start("migration", partial(_run_migration, environment), may_end=True)
        if environment.create_initial_data and "action" in components:
            group.start("initial data", partial(_run_initial_data, environment), may_end=True)
        try:
            while True:
                group.watch()
        except StopRequested as request:
            if not request.at_once:
                _drain(group, draining, environment.shutdown_delay)
            _logger.info("stopping")
            return 0
        except ChildDied as death:
            _logger.critical("%s, stopping", death)
            return 1


def _drain(group: ProcessGroup, draining: Draining, seconds: float) -> None:
    """Announce the end, and go on until others have taken note of it; a second signal or a death cuts that short."""
    draining.begin()
    deadline = time.monotonic() + seconds
    with suppress(StopRequested, ChildDied):
        while (left := deadline - time.monotonic()) > 0:
            group.watch(left)


def _run_component(environment: Environment, component: str, draining: Draining) -> NoReturn:
    setup_logging(component, environment.loglevel, environment.log_format)
    component_server(environment, component, draining).run()


def _run_migration(environment: Environment) -> NoReturn:
    sys.exit(migrate_on_start(environment))


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
