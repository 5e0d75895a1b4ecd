"""What the authenticator asks about sessions that were ended (auth.md)."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol


class MessageBusError(Exception):
    """The message bus can't be reached or doesn't answer properly."""


class EndedSessions(Protocol):
    """Knows the sessions that were ended while their access tokens may still be unexpired."""

    def ended(self, session_id: str) -> bool:
        """Whether the session was ended up to now.

        Raises MessageBusError.
        """


class Logouts(EndedSessions, Protocol):
    """Tells of ended sessions, too."""

    def publish(self, session_ids: Sequence[str]) -> None:
        """Tell all who listen that these sessions have ended.

        Raises MessageBusError.
        """


def message_bus(address: tuple[str, int] | None) -> Logouts | None:
    """The message bus at host and port, if there is one.

    Only then the Redis client is loaded, which costs a tenth of the start.
    """
    if address is None:
        return None
    bus: Logouts = import_module("openslides_backend.services.logouts").MessageBus(*address)
    return bus
