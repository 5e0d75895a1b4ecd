"""Makes the client of the message bus."""

from importlib import import_module

from openslides_backend.services.ended_sessions import Logouts


def message_bus(address: tuple[str, int] | None) -> Logouts | None:
    """The message bus at host and port, if there is one.

    Only then the Redis client is loaded, which costs a tenth of the start.
    """
    if address is None:
        return None
    bus: Logouts = import_module("openslides_backend.services.logouts").MessageBus(*address)
    return bus
