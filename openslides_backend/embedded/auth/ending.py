"""How sessions end: at once in the store, and soon on the message bus (auth.md, "Ended sessions")."""

import logging
from collections.abc import Sequence

from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.services.ended_sessions import Logouts, MessageBusError
from openslides_backend.services.retries import Retries

logger = logging.getLogger(__name__)


class SessionEnding:
    """Ends sessions and tells of it; safe to be shared between threads.

    What can't be told at once is kept in the store, and tried again until it is told, after a restart, too.
    """

    def __init__(self, store: SessionStore, logouts: Logouts | None) -> None:
        self._store = store
        self._logouts = logouts
        self._retries = Retries(self._announce, MessageBusError)
        if logouts is not None and store.unannounced():
            self._retries.begin()

    def end(self, session_ids: Sequence[str]) -> None:
        """End the sessions; unknown ones are no error."""
        if not session_ids:
            return
        self._store.end(session_ids, announce=self._logouts is not None)
        try:
            self._announce()
        except MessageBusError as error:
            logger.warning("ended sessions are not on the message bus yet: %s", error)
            self._retries.begin()

    def _announce(self) -> None:
        """Raises MessageBusError."""
        if self._logouts is not None and (session_ids := self._store.unannounced()):
            self._logouts.publish(session_ids)
            self._store.announced(session_ids)
