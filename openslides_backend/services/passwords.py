"""Hashing and verifying passwords (auth.md, "Passwords").

Stored form: Argon2id in its encoded form. An older form is still accepted: 64 characters of salt followed by the
base64 of SHA-512 over password then salt.
"""

import base64
import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# The parameters that OWASP recommends for Argon2id: a user waits tens of milliseconds, and an import of hundreds of
# accounts still ends within the timeout of a worker. Hashes made with other parameters are verified with theirs.
TIME_COST = 2
MEMORY_COST = 19 * 1024
PARALLELISM = 1

_LEGACY_SALT_LENGTH = 64
_LEGACY_LENGTH = 152

_hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_COST, parallelism=PARALLELISM)
_random_hasher = PasswordHasher(time_cost=1, memory_cost=4 * 1024, parallelism=PARALLELISM)


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, in encoded form, with a fresh salt; takes tens of milliseconds."""
    return _hasher.hash(_encoded(password))


def hash_random_password(password: str) -> str:
    """The Argon2id hash of a password that was drawn at random, some ten times cheaper than that of a chosen one.

    What makes a hash expensive protects passwords that can be guessed. A random one of ten characters can't be, and it
    stands beside its hash until its owner chooses another one; the first login replaces the hash (`needs_new_hash`).
    """
    return _random_hasher.hash(_encoded(password))


def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the stored hash; nothing that can't be a hash is ever matched.

    It takes as long for what is no hash, for none and for the older form as for an Argon2id hash of ours: the time
    doesn't tell which one is stored.
    """
    if stored and stored.startswith("$argon2"):
        return _verify_argon2(password, stored)
    hash_password(password)
    return stored is not None and len(stored) == _LEGACY_LENGTH and _verify_legacy(password, stored)


def needs_new_hash(stored: str) -> bool:
    """Whether a hash that a password belongs to is of the older form, or was made with other parameters."""
    try:
        return _hasher.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def _encoded(password: str) -> bytes:
    # JSON can carry lone surrogates, which plain UTF-8 refuses: they must not make a password fail with an error.
    return password.encode("utf-8", "surrogatepass")


def _verify_argon2(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, _encoded(password))
    except (InvalidHashError, UnicodeEncodeError):
        hash_password(password)
    except VerificationError:
        if needs_new_hash(stored):
            hash_password(password)
    return False


def _verify_legacy(password: str, stored: str) -> bool:
    salt, expected = stored[:_LEGACY_SALT_LENGTH], stored[_LEGACY_SALT_LENGTH:]
    digest = hashlib.sha512(_encoded(password) + _encoded(salt)).digest()
    return hmac.compare_digest(base64.b64encode(digest), _encoded(expected))
