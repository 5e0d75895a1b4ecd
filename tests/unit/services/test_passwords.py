"""Stored passwords in both forms."""

import base64
import hashlib

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from openslides_backend.services import passwords
from openslides_backend.services.passwords import (
    hash_password,
    hash_random_password,
    needs_new_hash,
    verify_password,
)

SALT = "4a7d1ed414474e4033ac29ccb8653d9b0c8a3e5b7f6d2e1908a7b6c5d4e3f201"


def legacy(password: str, salt: str = SALT) -> str:
    """The older stored form, made without the code under test."""
    return salt + base64.b64encode(hashlib.sha512((password + salt).encode()).digest()).decode()


def test_hash_and_verify() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert extract_parameters(stored).type is Type.ID
    assert verify_password("correct horse", stored)
    assert not verify_password("Correct horse", stored)
    assert not verify_password("", stored)


def test_each_hash_has_its_own_salt() -> None:
    assert hash_password("x") != hash_password("x")


@pytest.mark.parametrize("password", ["", "pässwörd ✓", "a\x00b", "\ud800", "x" * 10_000])
def test_any_text_is_a_password(password: str) -> None:
    assert verify_password(password, hash_password(password))
    assert not verify_password(password + "x", hash_password(password))


def test_hash_with_other_parameters() -> None:
    stored = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=4).hash("admin")
    assert verify_password("admin", stored)
    assert not verify_password("admin2", stored)


def test_older_form() -> None:
    stored = legacy("admin")
    assert len(stored) == 152
    assert verify_password("admin", stored)
    assert not verify_password("admin2", stored)
    assert not verify_password("", stored)


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "admin",
        "$argon2",
        "$argon2id$v=19$m=65536,t=3,p=4$rubbish",
        "$argon2id$é",
        "$argon2id$\ud800",
        legacy("admin")[:-1],
        legacy("admin") + "=",
        "\ud800" * 152,
        "é" * 152,
    ],
)
def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    assert not verify_password("admin", stored)
    assert not verify_password("", stored)


def test_which_hashes_are_to_be_replaced() -> None:
    assert not needs_new_hash(hash_password("x"))
    assert needs_new_hash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=4).hash("x"))
    assert needs_new_hash(legacy("x"))


@pytest.mark.parametrize("stored", [None, "", "rubbish", "$argon2rubbish", legacy("x")])
def test_all_forms_cost_a_hash(stored: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "hash_password", hashed.append)
    verify_password("x", stored)
    assert hashed == ["x"]


def test_random_passwords_are_hashed_anew_at_the_first_login() -> None:
    stored = hash_random_password("aB3dE5gH7j")
    assert verify_password("aB3dE5gH7j", stored)
    assert not verify_password("aB3dE5gH7k", stored)
    assert needs_new_hash(stored)


def test_a_wrong_password_takes_as_long_for_a_cheap_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "hash_password", hashed.append)
    assert not verify_password("wrong", hash_random_password("right"))
    assert hashed == ["wrong"]
