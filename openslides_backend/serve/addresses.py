"""Where each server of the service listens (http.md), and whether it can."""

import errno
import socket
from collections.abc import Iterable

from openslides_backend.environment import ConfigurationError, Environment, address

Bind = tuple[str, int]
"""Host and port to listen on."""

_ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - the contract of both public components (http.md)


def binds(environment: Environment, server: str) -> tuple[Bind, ...]:
    """The addresses of a server: a component, or datastore (reader and writer), auth, media or vote.

    Only action and presenter are public.
    """
    own = environment.embedded_host
    listening: dict[str, tuple[Bind, ...]] = {
        "action": ((_ALL_INTERFACES, environment.action_port),),
        "presenter": ((_ALL_INTERFACES, environment.presenter_port),),
        "permission": ((own, environment.permission_port),),
        "datastore": ((own, environment.datastore_reader_port), (own, environment.datastore_writer_port)),
        "auth": ((own, environment.auth_port),),
        "media": ((own, environment.media_port),),
        "vote": ((own, environment.vote_port),),
    }
    return listening[server]


def check_ports_are_free(environment: Environment, servers: Iterable[str]) -> None:
    """Raises ConfigurationError, naming port and server, if one of the servers can't listen where it has to."""
    for server in servers:
        for host, port in binds(environment, server):
            try:
                _try_bind(host, port)
            except OSError as error:
                reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
                raise ConfigurationError(f"{server} can't listen on {address(host, port)}: {reason}.") from error


def _try_bind(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        candidate.bind((host, port))
