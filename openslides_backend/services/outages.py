"""How long to wait for services that can't be reached."""

import random
import time
from dataclasses import dataclass

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.25


@dataclass(slots=True)
class _Outage:
    """An outage since and, as far as is known, until a point of time by `time.monotonic`."""

    since: float
    last: float


class Outages:
    """Knows since when services can't be reached; safe to be shared between threads.

    A service that is started anew is waited for, up to `patience` seconds. One that is away for longer isn't: each
    request is tried once then, so that threads that wait for it don't pile up.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._outages: dict[str, _Outage] = {}

    def pause(self, service: str, tries: int, deadline: float) -> float | None:
        """A try has failed, after `tries` others: the seconds until the next one, None if there is to be none.

        The deadline is by `time.monotonic`.
        """
        now = time.monotonic()
        outage = self._outages.get(service)
        if outage is None or now - outage.last > self._patience:
            outage = self._outages[service] = _Outage(now, now)
        outage.last = now
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 10)) * random.uniform(0.5, 1)  # noqa: S311 - jitter
        return pause if now + pause < min(outage.since + self._patience, deadline) else None

    def end(self, service: str) -> None:
        """The service has answered."""
        self._outages.pop(service, None)
