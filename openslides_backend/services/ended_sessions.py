"""What the authenticator asks about sessions that were ended (auth.md)."""

from collections.abc import Sequence
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
