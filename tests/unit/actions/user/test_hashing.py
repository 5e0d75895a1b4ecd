"""Passwords of a batch."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, get_native_id
from typing import cast

import pytest

from openslides_backend.actions.user import hashing
from openslides_backend.actions.user.hashing import ALPHABET, LENGTH, PasswordMaker, generate_password
from openslides_backend.engine.run import Run
from openslides_backend.engine.states import States
from openslides_backend.shared import progress


class FakeTry:
    """One try of a batch: `state` is new for each, `kept` stays."""

    def __init__(self, kept: States) -> None:
        self.kept = kept.of
        self.state = States().of


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed; the hash is the password with its number."""
    passwords: list[str] = []

    def hash_password(password: str) -> str:
        passwords.append(password)
        return f"{password}#{len(passwords)}"

    monkeypatch.setattr(hashing, "hash_password", hash_password)
    return passwords


def maker(kept: States) -> PasswordMaker:
    return PasswordMaker(cast(Run, FakeTry(kept)))


def test_generated_passwords() -> None:
    password = generate_password()

    assert len(password) == LENGTH == 10
    assert set(password) <= set(ALPHABET)
    assert len(ALPHABET) == 25 + 23 + 8
    assert not set("lIOQ01") & set(ALPHABET)
    assert password != generate_password()


def test_each_password_gets_a_hash_of_its_own(hashed: list[str]) -> None:
    hashes = maker(States()).hash_all(["a", "b", "a"])

    assert sorted(hashed) == ["a", "a", "b"]
    assert len(set(hashes)) == 3
    assert [hash_[0] for hash_ in hashes] == ["a", "b", "a"]


def test_another_try_gets_the_same(hashed: list[str]) -> None:
    kept = States()
    first = maker(kept)
    generated = [first.generate(), first.generate()]
    hashes = [*first.hash_all(generated), *first.hash_all(["a", "a"])]

    second = maker(kept)
    assert [second.generate(), second.generate()] == generated
    assert [*second.hash_all(generated), *second.hash_all(["a", "a"])] == hashes
    assert len(hashed) == 4
    second.hash_all(["a"])
    assert len(hashed) == 5
    assert second.generate() not in generated


@pytest.mark.parametrize("number", [1, 5])
def test_progress_is_told(hashed: list[str], monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(progress, "tell", lambda done, total: told.append((done, total)))

    maker(States()).hash_all(["a"] * number)

    assert told == [(done, number) for done in range(number + 1)]
    assert len(hashed) == number


@pytest.mark.skipif(sys.platform != "linux", reason="Threads have priorities of their own on Linux only.")
@pytest.mark.parametrize(("number", "step_back"), [(1, False), (5, False), (100, True)])
def test_the_threads_of_many_step_back_behind_others(
    number: int, step_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.getpriority(os.PRIO_PROCESS, get_native_id())
    seen: list[int] = []

    def hash_password(password: str) -> str:
        seen.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))
        return password

    monkeypatch.setattr(hashing, "hash_password", hash_password)
    maker(States()).hash_all(["a"] * number)

    assert len(seen) == number
    assert {niceness > before for niceness in seen} == {step_back}
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == before


def test_all_batches_together_have_few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, lock = 0, 0, Lock()

    def hash_password(password: str) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1
        return password

    monkeypatch.setattr(hashing, "hash_password", hash_password)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    with ThreadPoolExecutor(6) as executor:
        batches = [executor.submit(maker(States()).hash_all, ["a"] * 20) for _ in range(6)]
        assert [len(batch.result()) for batch in batches] == [20] * 6

    assert 1 < most <= 4
