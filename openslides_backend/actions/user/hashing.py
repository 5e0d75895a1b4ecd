"""Makes and hashes passwords for many accounts at once (user_permissions.md, 14.4)."""

import os
import secrets
import string
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Semaphore, get_native_id

from openslides_backend.engine.run import Run
from openslides_backend.services.passwords import hash_password
from openslides_backend.shared import progress

LENGTH = 10
ALPHABET = "".join(
    character
    for character in string.ascii_lowercase + string.ascii_uppercase + string.digits
    if character not in "lIOQ01"
)
"""Characters that can't be taken for one another."""

_MAX_THREADS = 4
"""Each hash takes some ten megabytes while it is computed."""
_NICENESS = 15
"""How far the threads step back behind those that serve requests: thousands of hashes keep all cores busy for long."""

_places = Semaphore(_MAX_THREADS)
"""What all batches of the process together may hash at the same time."""


def generate_password() -> str:
    """A random password."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


@dataclass(slots=True)
class _Made:
    """What was made in any try of the batch: random passwords, and hashes by password."""

    passwords: list[str] = field(default_factory=list)
    hashes: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Used:
    """How much of it this try has handed out, by kind."""

    amounts: dict[str, int] = field(default_factory=dict)


class PasswordMaker:
    """Passwords of one batch. What it has made is handed out again when the batch is computed again after a conflict:
    hashing hundreds of passwords takes seconds, and would be out of date when it is done for the second time, too.
    """

    def __init__(self, run: Run) -> None:
        made = run.kept(_Made)
        self._generated = made.passwords
        self._hashes = made.hashes
        self._used = run.state(_Used).amounts

    def generate(self) -> str:
        """The next random password."""
        number = self._take("")
        if number == len(self._generated):
            self._generated.append(generate_password())
        return self._generated[number]

    def hash_all(self, passwords: Sequence[str]) -> list[str]:
        """The hashes of passwords, each with a salt of its own, computed in threads; its progress is told."""
        places = [(password, self._take(f"={password}")) for password in passwords]
        missing = [password for password, number in places if number >= len(self._hashes.get(password, ()))]
        hashes = progress.counted(_hash_in_threads(missing), len(missing))
        for password, hash_ in zip(missing, hashes, strict=True):
            self._hashes.setdefault(password, []).append(hash_)
        return [self._hashes[password][number] for password, number in places]

    def _take(self, key: str) -> int:
        number = self._used.get(key, 0)
        self._used[key] = number + 1
        return number


def _hash_in_threads(passwords: Sequence[str]) -> Iterator[str]:
    if len(passwords) < 2:
        yield from map(hash_password, passwords)
        return
    threads = min(_MAX_THREADS, os.cpu_count() or 1, len(passwords))
    with ThreadPoolExecutor(threads, "hashing", initializer=_step_back) as executor:
        yield from executor.map(_hash_in_turn, passwords)


def _hash_in_turn(password: str) -> str:
    with _places:
        return hash_password(password)


def _step_back() -> None:
    """Let the current thread work only while nobody else wants to, where threads have priorities of their own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
