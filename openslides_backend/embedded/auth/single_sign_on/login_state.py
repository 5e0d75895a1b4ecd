"""What a browser that is sent to the identity provider has to bring back, and how (RFC 6749, section 10.12)."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.services.tokens import InvalidToken, TokenKey
from openslides_backend.shared.exceptions import AuthenticationFailed

COOKIE_NAME = "oidcLogin"
LIFETIME_SECONDS = 10 * 60

_PURPOSE = "oidc login"


@dataclass(frozen=True, slots=True)
class LoginState:
    """One login: `state` comes back in the URL, `nonce` in the ID token, `verifier` proves who began it."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class LoginStates:
    """Keeps the state of a login in a signed cookie of its browser; each can be used once, on all replicas."""

    def __init__(self, key: TokenKey, store: SessionStore) -> None:
        self._key = key
        self._store = store

    def begin(self) -> tuple[LoginState, str]:
        """A new login, and the value of the cookie that holds it."""
        login = LoginState(*(secrets.token_urlsafe(48) for _ in range(3)))
        claims = {"purpose": _PURPOSE, "state": login.state, "nonce": login.nonce, "verifier": login.verifier}
        return login, self._key.sign(claims, LIFETIME_SECONDS)

    def finish(self, cookie: str, state: str) -> LoginState:
        """The login that the browser began, by its cookie and the state in the URL.

        Raises AuthenticationFailed if they don't belong together, it took too long, or was used before.
        """
        try:
            claims, expires = self._key.verify(cookie)
        except InvalidToken as error:
            raise AuthenticationFailed("This browser has not begun a login, or took too long.") from error
        known = (claims.get("state"), claims.get("nonce"), claims.get("verifier"))
        if claims.get("purpose") != _PURPOSE or not all(isinstance(value, str) for value in known):
            raise AuthenticationFailed("This browser has not begun a login, or took too long.")
        login = LoginState(*map(str, known))
        if not hmac.compare_digest(login.state.encode(), state.encode("utf-8", "surrogatepass")):
            raise AuthenticationFailed("The login does not belong to this browser.")
        if not self._store.use_token(hashlib.sha256(login.state.encode()).hexdigest(), expires):
            raise AuthenticationFailed("The login has been used before.")
        return login
