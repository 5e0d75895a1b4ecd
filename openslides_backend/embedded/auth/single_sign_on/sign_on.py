"""A login by single sign-on, from the browser's first request to the account, and logouts by the provider."""

import hashlib
from dataclasses import dataclass

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.auth.sessions import ProviderSession, SessionStore
from openslides_backend.embedded.auth.single_sign_on import PATH
from openslides_backend.embedded.auth.single_sign_on.login_state import COOKIE_NAME, LIFETIME_SECONDS, LoginStates
from openslides_backend.embedded.auth.single_sign_on.provider import Provider
from openslides_backend.embedded.auth.single_sign_on.saving import AccountSaving
from openslides_backend.environment import OidcSettings
from openslides_backend.services.tokens import TokenKey
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Who has logged in, and with which session of the provider."""

    user_id: int
    session: ProviderSession


class SingleSignOn:
    """Logins over OpenID Connect; safe to be shared between threads."""

    def __init__(self, settings: OidcSettings, saving: AccountSaving, key: TokenKey, store: SessionStore) -> None:
        self._settings = settings
        self._provider = Provider(settings)
        self._states = LoginStates(key, store)
        self._store = store
        self._saving = saving

    def begin(self) -> Response:
        """Send the browser to the provider. Raises ServiceError."""
        login, cookie = self._states.begin()
        response = redirect(self._provider.authorization_url(login.state, login.nonce, login.verifier), 303)
        # Lax, not strict: the provider sends the browser back by a link.
        response.set_cookie(
            COOKIE_NAME,
            cookie,
            max_age=LIFETIME_SECONDS,
            path=PATH,
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def finish(self, request: Request) -> SignedOn:
        """Who came back from the provider.

        Raises AuthenticationFailed or ServiceError.
        """
        login = self._states.finish(request.cookies.get(COOKIE_NAME, ""), request.args.get("state", ""))
        if request.args.get("iss", self._settings.issuer) != self._settings.issuer:
            raise AuthenticationFailed("The answer comes from another identity provider (RFC 9207).")
        if not (code := request.args.get("code", "")):
            raise AuthenticationFailed("The identity provider has not logged anybody in.")
        claims = self._provider.redeem(code, login.nonce, login.verifier)
        session = ProviderSession(_digest(claims["sub"]), _digest(claims.get("sid")))
        return SignedOn(self._saving.save(claims), session)

    def welcome(self) -> Response:
        """Send the browser to where people go on after a login; its login is over."""
        response = redirect(self._settings.after_login_url, 303)
        response.delete_cookie(COOKIE_NAME, path=PATH, secure=self.secure, httponly=True, samesite="Lax")
        response.headers["Cache-Control"] = "no-store"
        return response

    def logged_out(self, request: Request) -> list[str]:
        """The sessions that the provider ends by the logout token of a request (Back-Channel Logout, section 2.7).

        Raises BadRequest, or ServiceError.
        """
        try:
            claims = self._provider.logout_claims(request.form.get("logout_token", ""))
        except AuthenticationFailed as error:
            raise BadRequest(error.message) from error
        if not self._store.use_token(_digest(f"logout {claims['jti']}"), float(claims["exp"])):
            raise BadRequest("The logout token has been used before.")
        return self._store.of_provider(_digest(claims.get("sub")), _digest(claims.get("sid")))

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self._settings.redirect_url.startswith("https:")


def create_single_sign_on(
    settings: OidcSettings, saving: tuple[str, str], key: TokenKey, store: SessionStore
) -> SingleSignOn:
    """Single sign-on for an auth service with this key of cookies and store of sessions.

    `saving` is the base URL of the action component and the internal password.
    """
    return SingleSignOn(settings, AccountSaving(*saving), key, store)


def _digest(value: object) -> str:
    """What is kept of a name that the provider gave, of any length; empty for none."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest() if isinstance(value, str) else ""
