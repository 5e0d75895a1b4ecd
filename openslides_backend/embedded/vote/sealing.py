"""Sealed ballots: what a ballot says is stored encrypted, so that the database alone tells nothing about it.

A database tells which rows were written together, and voters and ballots must be. Each round has a key of its own, made
of the secret key and of the round's random token.
"""

import secrets
from functools import lru_cache
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_CHECK_BYTES = 16
_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_ROUNDS_REMEMBERED = 64


class CannotOpen(Exception):
    """A ballot was sealed with another key, or changed since."""


class Seal:
    """Seals and opens the ballots of one round; `check` is stored with it and tells whether the key is the same."""

    def __init__(self, key: bytes, check: bytes) -> None:
        self._cipher = AESGCM(key)
        self.check = check

    def fits(self, check: bytes) -> bool:
        """Whether the ballots of a round with this check were sealed with the same key."""
        return compare_digest(self.check, check)

    def close(self, ballot_id: bytes, text: str, size: int) -> bytes:
        """The sealed ballot; padded to a multiple of `size` bytes, so that its length doesn't tell what it says."""
        content = text.encode()
        padded = len(content).to_bytes(_LENGTH_BYTES) + content
        padded += bytes(-len(padded) % size)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, padded, ballot_id)

    def open(self, ballot_id: bytes, sealed: bytes) -> str:
        """The text of a ballot.

        Raises CannotOpen.
        """
        nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            padded = self._cipher.decrypt(nonce, encrypted, ballot_id)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("A ballot can't be opened with this key.") from error
        length = int.from_bytes(padded[:_LENGTH_BYTES])
        return padded[_LENGTH_BYTES : _LENGTH_BYTES + length].decode()


class Sealer:
    """Makes the seals of rounds out of the secret key; safe to be shared between threads."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self.seal = lru_cache(maxsize=_ROUNDS_REMEMBERED)(self._seal)

    def _seal(self, token: bytes) -> Seal:
        derived = HKDF(SHA256(), _KEY_BYTES + _CHECK_BYTES, salt=token, info=b"ballots of a round").derive(self._key)
        return Seal(derived[:_KEY_BYTES], derived[_KEY_BYTES:])
