"""Slows down those who try again and again; what is kept is bounded, whatever is tried."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

FORGET_AFTER_SECONDS = 15 * 60
MAX_ENTRIES = 20_000

_FIRST_DELAY_SECONDS = 1.0
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` failures cost nothing; each one after that doubles the delay, up to `longest` seconds."""

    free: int
    longest: float

    def delay(self, failures: int) -> float:
        """Seconds until the next try after this many failures."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.longest, _FIRST_DELAY_SECONDS * 2.0 ** min(over, 30))


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last: float = 0.0


@dataclass(slots=True)
class Throttle:
    """Counts failures by keys, any texts; in memory, safe to be shared between threads.

    A try counts as failed from the moment it begins, so that many at once don't get more tries than one after another.
    Records are forgotten 15 minutes after the last failure.
    """

    clock: Callable[[], float] = time.monotonic
    _records: "OrderedDict[bytes, _Record]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, limits: Mapping[str, Limit]) -> float:
        """Seconds to wait before one may try; 0 means go on, and counts as failed for all keys until taken back."""
        now = self.clock()
        digests = {_digest(key): limit for key, limit in limits.items()}
        with self._lock:
            self._forget(now)
            wait = max(self._wait(digest, limit, now) for digest, limit in digests.items())
            if wait > 0:
                return wait
            for digest in digests:
                record = self._records.setdefault(digest, _Record())
                record.failures += 1
                record.last = now
                self._records.move_to_end(digest)
            return 0.0

    def forgive(self, keys: Iterable[str]) -> None:
        """Forget all failures of the keys."""
        with self._lock:
            for key in keys:
                self._records.pop(_digest(key), None)

    def take_back(self, keys: Iterable[str]) -> None:
        """One try of each key was no failure."""
        with self._lock:
            for digest in map(_digest, keys):
                if (record := self._records.get(digest)) is not None:
                    record.failures -= 1
                    if record.failures <= 0:
                        del self._records[digest]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._records.clear()

    def _wait(self, digest: bytes, limit: Limit, now: float) -> float:
        record = self._records.get(digest)
        return 0.0 if record is None else max(0.0, record.last + limit.delay(record.failures) - now)

    def _forget(self, now: float) -> None:
        while self._records:
            digest, record = next(iter(self._records.items()))
            if record.last + FORGET_AFTER_SECONDS > now and len(self._records) <= MAX_ENTRIES:
                return
            del self._records[digest]


@dataclass(slots=True)
class Pause:
    """Lets something happen once in `seconds` for each key; in memory, safe to be shared between threads.

    With more keys than are kept, the oldest may happen again earlier.
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _ends: "OrderedDict[bytes, float]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def may(self, key: str) -> bool:
        """Whether it may happen now; if so, it counts as having happened."""
        now, digest = self.clock(), _digest(key)
        with self._lock:
            while self._ends and next(iter(self._ends.values())) <= now:
                self._ends.popitem(last=False)
            if digest in self._ends:
                return False
            self._ends[digest] = now + self.seconds
            if len(self._ends) > MAX_ENTRIES:
                self._ends.popitem(last=False)
            return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._ends.clear()


def _digest(key: str) -> bytes:
    """What is kept of a key, which may be long, and secret."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
