"""Slows down the guessing of passwords."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

FORGET_AFTER_SECONDS = 15 * 60
MAX_ENTRIES = 20_000

_FIRST_DELAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; each one after that doubles the delay, up to `longest` seconds."""

    free: int
    longest: float

    def delay(self, failures: int) -> float:
        """Seconds until the next try after this many failures."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.longest, _FIRST_DELAY_SECONDS * 2.0 ** min(over, 30))


# Somebody who guesses one password from one place is stopped quickly. The limits for a username from everywhere and for
# a place with all its users are wide and their delays short: an attacker must not be able to lock others out, nor must
# a hall of people behind one address lock out itself.
PAIR = Limit(free=5, longest=300.0)
USERNAME = Limit(free=50, longest=10.0)
ADDRESS = Limit(free=200, longest=10.0)


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last: float = 0.0


@dataclass(slots=True)
class LoginThrottle:
    """Counts failed logins per username and address; in memory, safe to be shared between threads.

    A login counts as failed from the moment it begins, so that many at once don't get more tries than one after
    another. Records are forgotten 15 minutes after the last failure.
    """

    clock: Callable[[], float] = time.monotonic
    _records: "OrderedDict[str, _Record]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, username: str, address: str) -> float:
        """Seconds to wait before a login may be tried; 0 means go on, and counts as failed until `succeeded`."""
        now = self.clock()
        with self._lock:
            self._forget(now)
            limits = _limits(username, address)
            wait = max(self._wait(key, limit, now) for key, limit in limits.items())
            if wait > 0:
                return wait
            for key in limits:
                record = self._records.setdefault(key, _Record())
                record.failures += 1
                record.last = now
                self._records.move_to_end(key)
            return 0.0

    def succeeded(self, username: str, address: str) -> None:
        """The login that `begin` let through was good: forgive the username, and take back what the address got."""
        pair, name, place = _limits(username, address)
        with self._lock:
            self._records.pop(pair, None)
            self._records.pop(name, None)
            self._take_back(place)

    def abandoned(self, username: str, address: str) -> None:
        """The login that `begin` let through could not be judged: it doesn't count."""
        with self._lock:
            for key in _limits(username, address):
                self._take_back(key)

    def _take_back(self, key: str) -> None:
        if (record := self._records.get(key)) is None:
            return
        record.failures -= 1
        if record.failures <= 0:
            del self._records[key]

    def _wait(self, key: str, limit: Limit, now: float) -> float:
        record = self._records.get(key)
        return 0.0 if record is None else max(0.0, record.last + limit.delay(record.failures) - now)

    def _forget(self, now: float) -> None:
        while self._records:
            key, record = next(iter(self._records.items()))
            if record.last + FORGET_AFTER_SECONDS > now and len(self._records) <= MAX_ENTRIES:
                return
            del self._records[key]


def _limits(username: str, address: str) -> dict[str, Limit]:
    return {f"pair {address} {username}": PAIR, f"username {username}": USERNAME, f"address {address}": ADDRESS}
