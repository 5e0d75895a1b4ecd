"""How the embedded servers are served; one module each makes the application out of the environment."""

from wsgiref.types import WSGIApplication

from openslides_backend.addresses import binds
from openslides_backend.environment import Environment
from openslides_backend.serving import INTERNAL_KEEP_ALIVE, Server, load_factory

SERVERS = ("datastore", "auth", "media")
_THREADS = 8


def embedded_server(environment: Environment, name: str) -> Server:
    """How one of the embedded servers is served: by a single worker, as they keep their state in its memory."""

    def load() -> WSGIApplication:
        return load_factory(f"{__name__}.{name}:create")(environment)

    return Server(
        name=name,
        binds=binds(environment, name),
        load=load,
        workers=1,
        threads=_THREADS,
        timeout=environment.worker_timeout,
        keep_alive=INTERNAL_KEEP_ALIVE,
        reload=environment.reload,
        preload=False,
    )
