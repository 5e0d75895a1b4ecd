"""Whether mails can be sent, for everybody who asks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from openslides_backend.services.mail import Mailer, MailServerUnavailable

VALID_SECONDS = 10.0


@dataclass(slots=True)
class MailServerCheck:
    """Connects to the mail server once in `seconds`, however many ask; in memory, safe to be shared between threads.

    Who asks during a check waits for its outcome: there is one connection at a time.
    """

    seconds: float = VALID_SECONDS
    clock: Callable[[], float] = time.monotonic
    _is_usable: bool = False
    _until: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_usable(self, mailer: Mailer) -> bool:
        """Whether the server could be used, and a login succeeded where it needs one, some seconds ago or now."""
        with self._lock:
            if self._until is None or self.clock() >= self._until:
                self._is_usable = _connects(mailer)
                self._until = self.clock() + self.seconds
            return self._is_usable

    def clear(self) -> None:
        """Check anew next time."""
        with self._lock:
            self._until = None


def _connects(mailer: Mailer) -> bool:
    try:
        with mailer.connect():
            return True
    except MailServerUnavailable:
        return False
