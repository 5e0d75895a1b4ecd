"""Passwords of a batch."""

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
