"""The JSON Web Tokens of the auth service: HS256, one key for each kind of token (auth.md)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ACCESS_TOKEN_SECONDS = 10 * 60
REFRESH_TOKEN_SECONDS = 24 * 60 * 60
AUTHORIZATION_TOKEN_SECONDS = 10 * 60
COOKIE_NAME = "refreshId"

_ALGORITHM = "HS256"
_BEARER = "bearer "
_MAX_LENGTH = 4096
_CACHE_SIZE = 2048
_LATEST_EXPIRY = 2**40
"""Seconds since the epoch; beyond it times are no times."""


class InvalidToken(Exception):
    """The token isn't one that was signed with this key, or has not the form or the claims it must have."""


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """What an access or refresh token says; `expires` in seconds since the epoch."""

    user_id: int
    session_id: str
    expires: float

    @property
    def expired(self) -> bool:
        """Whether the token's time is over by the clock of this machine."""
        return self.expires <= time.time()


class TokenKey:
    """Signs and verifies tokens with one secret; safe to be shared between threads.

    `session_claims(token)` gives the claims of a well-signed access or refresh token, expired or not (its caller has to
    ask each time), and raises InvalidToken for anything else. It remembers a bounded number of good tokens, because
    every request brings the same two again.
    """

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("An empty secret can't sign anything.")
        self._key = OctKey.import_key(secret)
        self.session_claims = lru_cache(maxsize=_CACHE_SIZE)(self._session_claims)

    def sign(self, claims: Mapping[str, object], lifetime: int) -> str:
        """A token with these claims that expires in `lifetime` seconds."""
        now = int(time.time())
        return jwt.encode({"alg": _ALGORITHM, "typ": "JWT"}, {**claims, "exp": now + lifetime, "iat": now}, self._key)

    def sign_session(self, user_id: int, session_id: str, lifetime: int) -> str:
        """An access or refresh token."""
        return self.sign({"userId": user_id, "sessionId": session_id}, lifetime)

    def verify(self, token: str) -> tuple[dict[str, object], float]:
        """The claims of a well-signed, unexpired token, and when it expires (seconds since the epoch).

        Raises InvalidToken.
        """
        claims, expires = self._decode(token)
        if expires <= time.time():
            raise InvalidToken("expired")
        return claims, expires

    def _decode(self, token: str) -> tuple[dict[str, object], float]:
        """Claims and time of expiry of a well-signed token, expired or not."""
        if len(token) > _MAX_LENGTH:
            raise InvalidToken("too long")
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken(type(error).__name__) from error
        if not isinstance(claims, dict):
            raise InvalidToken("no claims")
        expires = claims.get("exp")
        # Compared so that NaN, which json accepts as a number, is refused: it would never expire.
        if isinstance(expires, bool) or not isinstance(expires, int | float) or not abs(expires) <= _LATEST_EXPIRY:
            raise InvalidToken("no time of expiry")
        return claims, expires

    def _session_claims(self, token: str) -> SessionClaims:
        claims, expires = self._decode(token)
        user_id, session_id = claims.get("userId"), claims.get("sessionId")
        if isinstance(user_id, bool) or not isinstance(user_id, int) or user_id < 1:
            raise InvalidToken("no user id")
        if not isinstance(session_id, str) or not session_id:
            raise InvalidToken("no session id")
        return SessionClaims(user_id, session_id, expires)


def bearer(token: str) -> str:
    """The form in which tokens travel."""
    return _BEARER + token


def from_bearer(value: str) -> str:
    """The token of a `bearer JWT` value.

    Raises InvalidToken for any other form.
    """
    if not value.startswith(_BEARER):
        raise InvalidToken("not in the form 'bearer JWT'")
    return value.removeprefix(_BEARER)


def from_quoted_bearer(value: str) -> str:
    """The token of a URL-quoted `bearer JWT` value, as cookies and links carry it.

    Raises InvalidToken for any other form.
    """
    return from_bearer(unquote(value))


@lru_cache(maxsize=_CACHE_SIZE)
def cookie_header(value: str) -> str:
    """The `Cookie` header that passes a refresh cookie on, however it was quoted when it came."""
    return f"{COOKIE_NAME}={quote(unquote(value))}"
