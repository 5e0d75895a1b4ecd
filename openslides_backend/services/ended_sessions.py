"""What the authenticator asks about sessions that were ended (auth.md)."""

from typing import Protocol


class MessageBusError(Exception):
    """The message bus can't be reached or doesn't answer properly."""


class EndedSessions(Protocol):
    """Knows the sessions that were ended while their access tokens may still be unexpired."""

    def ended(self, session_id: str) -> bool:
        """Whether the session was ended up to now.

        Raises MessageBusError.
        """
