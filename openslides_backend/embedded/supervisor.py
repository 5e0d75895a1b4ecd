"""Starts the whole service on one machine: datastore, auth, media, vote, permission, then action and presenter.

All of them live and die together; none of them outlives the supervisor.
"""

import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import NoReturn

from openslides_backend.embedded.local_folder import local_secrets, lock_folder
from openslides_backend.embedded.welcome import welcome
from openslides_backend.environment import Environment
from openslides_backend.serve.addresses import check_ports_are_free
from openslides_backend.serve.logs import setup_logging
from openslides_backend.serve.probe import is_filled, is_healthy
from openslides_backend.serve.processes import ChildDied, ProcessGroup, StopRequested

_PATIENCE = 90.0
"""Seconds until all must be healthy: longer than a server waits for its database."""
_INTERVAL = 0.02
_STOP_GRACE = 15
"""Seconds that all services together get on top of the time that a worker has for its requests."""
_SUPERVISED = ("PERMISSION", "DATASTORE_READER", "DATASTORE_WRITER", "MEDIA", "AUTH", "ACTION", "PRESENTER", "VOTE")
_WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A process of the stack: its arguments to Python, what it changes in the variables, the URLs of its health routes.

    `where` tells people its addresses; a service asks only those of lower levels, and is stopped before them.
    """

    name: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]
    health: tuple[str, ...]
    where: str
    level: int


class ServiceNotHealthy(Exception):
    """A service did not become healthy in time."""


def stack_variables(variables: Mapping[str, str], environment: Environment) -> dict[str, str]:
    """The variables for all processes of the stack: they meet each other on this machine, whatever else is set.

    Only the vote service can be done without: if `VOTE_HOST` is given and empty.
    """
    host = "127.0.0.1" if environment.embedded_host in _WILDCARDS else environment.embedded_host
    dropped = {f"{prefix}_{part}" for prefix in _SUPERVISED for part in ("PROTOCOL", "PATH")}
    result = {name: value for name, value in variables.items() if name not in dropped}
    result |= {f"{prefix}_HOST": host for prefix in _SUPERVISED}
    if variables.get("VOTE_HOST") == "":
        result["VOTE_HOST"] = ""
    result["OPENSLIDES_DATA_FOLDER"] = str(environment.data_folder)
    return result


def stack_services(environment: Environment) -> tuple[Service, ...]:
    """The processes of the stack in the order of their start."""
    reader, writer = environment.datastore_reader_url, environment.datastore_writer_url
    auth, media, permission = environment.auth_url, environment.media_url, environment.permission_url
    embedded = ("-m", "openslides_backend.embedded.servers")
    action, presenter = (f"http://127.0.0.1:{port}" for port in (environment.action_port, environment.presenter_port))
    services = [
        Service(
            "datastore",
            (*embedded, "datastore"),
            {},
            (f"{reader}/health", f"{writer}/health"),
            f"{reader} (reader), {writer} (writer)",
            level=0,
        ),
        Service("auth", (*embedded, "auth"), {}, (f"{auth}/system/auth/health",), auth, level=1),
        Service("media", (*embedded, "media"), {}, (f"{media}/health",), media, level=1),
    ]
    if vote := environment.vote_public_url:
        services.append(Service("vote", (*embedded, "vote"), {}, (f"{vote}/health",), vote, level=2))
    services.append(
        Service(
            "backend",
            ("-m", "openslides_backend.embedded.backend"),
            {"OPENSLIDES_BACKEND_COMPONENT": "all"},
            (f"{permission}/health", f"{action}/system/action/health", f"{presenter}/system/presenter/health"),
            f"{action} (action), {presenter} (presenter), {permission} (permission)",
            level=3,
        )
    )
    return tuple(services)


def run_stack(variables: Mapping[str, str]) -> int:
    """Run everything until a signal ends it (0) or a service ends by itself or doesn't become healthy (1).

    Raises ConfigurationError if a value can't be used, a port is taken or another stack uses the data folder.
    """
    outline = Environment.from_mapping(variables, secrets=False)
    lock_folder(outline.data_folder)
    if not outline.development:
        variables = {**variables, **local_secrets(outline.data_folder, variables)}
    variables = stack_variables(variables, outline)
    environment = Environment.from_mapping(variables)
    services = stack_services(environment)
    vote = ("vote",) if environment.vote_url else ()
    check_ports_are_free(environment, ("datastore", "auth", "media", *vote, "permission", "action", "presenter"))
    setup_logging("supervisor", environment.loglevel, environment.log_format)
    with ProcessGroup(environment.shutdown_delay + environment.worker_timeout + _STOP_GRACE) as group:
        return _supervise(group, services, environment, variables)


def _supervise(
    group: ProcessGroup, services: tuple[Service, ...], environment: Environment, variables: Mapping[str, str]
) -> int:
    try:
        started = time.monotonic()
        for service in services:
            group.start(service.name, partial(_execute, service, variables), level=service.level)
        _wait_until_healthy(group, services, started)
        if environment.create_initial_data:
            _wait_until_filled(group, environment, started)
        _say(welcome(environment, time.monotonic() - started))
        while True:
            group.watch()
    except StopRequested:
        _say("Stopping.")
        return 0
    except (ChildDied, ServiceNotHealthy) as error:
        sys.stderr.write(f"openslides_backend: {error}; stopping all.\n")
        return 1


def _execute(service: Service, variables: Mapping[str, str]) -> NoReturn:
    os.execve(sys.executable, [sys.executable, *service.arguments], {**variables, **service.variables})  # noqa: S606


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _wait_until_healthy(group: ProcessGroup, services: tuple[Service, ...], started: float) -> None:
    """Ask all in turn, and tell of each as soon as it answers."""
    waiting = {service.name: service for service in services}
    while waiting:
        for service in list(waiting.values()):
            if all(map(is_healthy, service.health)):
                del waiting[service.name]
                _say(f"{service.name:<10} ready after {time.monotonic() - started:.2f} s at {service.where}")
        if waiting:
            _give_up_after_a_while(started, f"{', '.join(waiting)} not healthy")
            group.watch(_INTERVAL)


def _wait_until_filled(group: ProcessGroup, environment: Environment, started: float) -> None:
    while not _is_filled(environment):
        _give_up_after_a_while(started, "no data imported")
        group.watch(_INTERVAL)


def _is_filled(environment: Environment) -> bool:
    try:
        return is_filled(environment)
    except (OSError, HTTPException, ValueError) as error:
        _logger.debug("asking for the data: %s", error)
        return False


def _give_up_after_a_while(started: float, what: str) -> None:
    if time.monotonic() - started > _PATIENCE:
        raise ServiceNotHealthy(f"{what} after {_PATIENCE:g} seconds")
