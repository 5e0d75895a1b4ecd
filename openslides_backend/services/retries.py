"""What must be done in the end, although it can't be done now."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


@dataclass(slots=True)
class Retries:
    """Does `work` again and again in a thread of its own, until it doesn't raise `error`; safe to be shared.

    The pauses in between grow from one second to half a minute. What is left when the process ends isn't done.
    """

    work: Callable[[], None]
    error: type[Exception]
    first_pause: float = FIRST_PAUSE_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: bool = False
    _again: bool = False

    def begin(self) -> None:
        """Do the work in a moment; work that is under way already is done once more afterwards."""
        with self._lock:
            self._again = True
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="retries", daemon=True).start()

    def _run(self) -> None:
        pause = self.first_pause
        while self._goes_on():
            threading.Event().wait(pause)
            try:
                self.work()
            except self.error as error:
                logger.warning("still failing, tried again later: %s", error)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                with self._lock:
                    self._again = True

    def _goes_on(self) -> bool:
        with self._lock:
            self._running, self._again = self._again, False
            return self._running
