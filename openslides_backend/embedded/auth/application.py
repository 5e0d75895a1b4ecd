"""The routes of the auth service (auth.md)."""

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.auth.accounts import Account, Accounts, UserStore
from openslides_backend.embedded.auth.ending import SessionEnding
from openslides_backend.embedded.auth.last_logins import LastLogins
from openslides_backend.embedded.auth.sessions import ProviderSession, SessionStore
from openslides_backend.embedded.auth.single_sign_on import PATH as OIDC_PATH
from openslides_backend.embedded.auth.throttle import LoginThrottle
from openslides_backend.embedded.json_application import (
    Endpoint,
    JsonApplication,
    any_text,
    failure,
    json_object,
    json_response,
    positive_int,
    text,
)
from openslides_backend.services.ended_sessions import Logouts
from openslides_backend.services.message_bus import message_bus
from openslides_backend.services.passwords import hash_password, verify_password
from openslides_backend.services.tokens import (
    ACCESS_TOKEN_SECONDS,
    AUTHORIZATION_TOKEN_SECONDS,
    COOKIE_NAME,
    REFRESH_TOKEN_SECONDS,
    InvalidToken,
    SessionClaims,
    TokenKey,
    bearer,
    from_bearer,
    from_quoted_bearer,
)
from openslides_backend.shared.client_address import Network, client_address, network_of
from openslides_backend.shared.exceptions import AuthenticationFailed, ErrorCode, ServiceError
from openslides_backend.shared.request_log import log_event, note

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    from openslides_backend.embedded.auth.single_sign_on.sign_on import SingleSignOn

MAX_BODY = 64 * 1024
_DONE = "Action handled successfully"


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """`database_url` as for SessionStore; `message_bus` host and port of the Redis that is told of ended sessions.

    `trusted_proxies` are those whose `X-Forwarded-For` is believed. `single_sign_on` makes it, if there is one.
    """

    token_key: str = field(repr=False)
    cookie_key: str = field(repr=False)
    database_url: str = field(repr=False)
    message_bus: tuple[str, int] | None = None
    trusted_proxies: tuple[Network, ...] = ()
    single_sign_on: "Callable[[TokenKey, SessionStore], SingleSignOn] | None" = None


@dataclass(frozen=True, slots=True)
class _Session:
    """Who sent a request: the user, its sessions (one, rarely two), the access token if it had to be renewed."""

    user_id: int
    ids: tuple[str, ...]
    fresh_token: str | None


class AuthApplication(JsonApplication):
    """The auth service; users are read from the datastore, sessions are kept in a store of its own."""

    def __init__(
        self,
        token_key: TokenKey,
        cookie_key: TokenKey,
        store: SessionStore,
        datastore: UserStore,
        logouts: Logouts | None = None,
        *,
        trusted_proxies: Sequence[Network] = (),
        sign_on: "SingleSignOn | None" = None,
    ) -> None:
        oidc_routes = self._oidc_routes(sign_on) if sign_on else ()
        super().__init__((*self._all_routes(), *oidc_routes), MAX_BODY)
        self._token_key = token_key
        self._cookie_key = cookie_key
        self._store = store
        self._accounts = Accounts(datastore)
        self._last_logins = LastLogins(datastore)
        self._ending = SessionEnding(store, logouts)
        self._trusted_proxies = trusted_proxies
        self._throttle = LoginThrottle()

    def _all_routes(self) -> Sequence[tuple[str, str, Endpoint]]:
        public, secure, internal = "/system/auth", "/system/auth/secure", "/internal/auth"
        return (
            ("GET", "/health", self._health),
            ("GET", f"{public}/health", self._health),
            ("GET", f"{internal}/health", self._health),
            ("POST", f"{public}/login", self._login),
            ("POST", f"{public}/who-am-i", self._who_am_i),
            ("POST", f"{secure}/logout", self._logout),
            ("GET", f"{secure}/list-sessions", self._list_sessions),
            ("POST", f"{secure}/clear-session-by-id", self._clear_session_by_id),
            ("POST", f"{secure}/clear-all-sessions-except-themselves", self._clear_other_sessions),
            ("POST", f"{secure}/clear-all-sessions", self._clear_all_sessions),
            ("POST", f"{internal}/authenticate", self._authenticate),
            ("POST", f"{internal}/hash", self._hash),
            ("POST", f"{internal}/is-equals", self._is_equals),
            ("POST", f"{internal}/create-authorization-token", self._create_authorization_token),
            ("POST", f"{internal}/verify-authorization-token", self._verify_authorization_token),
            ("POST", f"{internal}/clear-sessions-by-user-id", self._clear_sessions_by_user_id),
        )

    def _health(self, _request: Request) -> Response:
        return _success(status="running")

    # -- logging in and out

    def _login(self, request: Request) -> Response:
        body = json_object(request)
        username, password, address = text(body, "username"), any_text(body, "password"), self._place(request)
        if wait := self._throttle.begin(username, address):
            log_event(logger, "login_throttled", address=address, seconds=ceil(wait))
            note(request.environ, reason="Throttled")
            response = failure("Too many failed logins. Please try again later.", 403, ErrorCode.TOO_MANY_LOGINS)
            response.headers["Retry-After"] = str(ceil(wait))
            return response
        try:
            account = self._accounts.check_login(username, password)
        except ServiceError:
            self._throttle.abandoned(username, address)
            raise
        except AuthenticationFailed:
            log_event(logger, "login_failed", address=address)
            raise
        self._throttle.succeeded(username, address)
        response = _success()
        self._log_in(response, account, secure=_is_secure(request))
        return response

    def _log_in(
        self, response: Response, account: Account, *, secure: bool, provider_session: ProviderSession | None = None
    ) -> None:
        """Begin a session, and let the response tell it.

        The account is looked at once more when its session is there: one that was deactivated meanwhile, or got another
        password, had no session yet that could have been ended.

        Raises AuthenticationFailed.
        """
        session_id = self._store.create(account.id, provider_session)
        if not self._accounts.is_unchanged(account):
            self._ending.end([session_id])
            raise AuthenticationFailed("The account was changed during the login.")
        self._last_logins.note(account)
        self._set_access_token(response, account.id, session_id)
        refresh_token = self._cookie_key.sign_session(account.id, session_id, REFRESH_TOKEN_SECONDS)
        response.set_cookie(COOKIE_NAME, quote(bearer(refresh_token)), httponly=True, secure=secure, samesite="Lax")

    # -- single sign-on

    def _oidc_routes(self, sign_on: "SingleSignOn") -> Sequence[tuple[str, str, Endpoint]]:
        return (
            ("GET", f"{OIDC_PATH}/login", lambda _request: sign_on.begin()),
            ("GET", f"{OIDC_PATH}/callback", partial(self._oidc_callback, sign_on)),
            ("POST", f"{OIDC_PATH}/backchannel-logout", partial(self._oidc_logout, sign_on)),
        )

    def _oidc_callback(self, sign_on: "SingleSignOn", request: Request) -> Response:
        signed_on = sign_on.finish(request)
        account, response = self._accounts.signed_on(signed_on.user_id), sign_on.welcome()
        self._log_in(response, account, secure=sign_on.secure, provider_session=signed_on.session)
        return response

    def _oidc_logout(self, sign_on: "SingleSignOn", request: Request) -> Response:
        self._ending.end(sign_on.logged_out(request))
        return _success()

    def _place(self, request: Request) -> str:
        """Where a login comes from, as far as it can be believed."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        return network_of(client_address(request.remote_addr or "", forwarded, self._trusted_proxies))

    def _who_am_i(self, request: Request) -> Response:
        try:
            claims = self._cookie_claims(request)
            self._check_account(claims.user_id)
        except AuthenticationFailed:
            return _success(message="anonymous")
        response = _success()
        self._set_access_token(response, claims.user_id, claims.session_id)
        return response

    def _logout(self, request: Request) -> Response:
        session = self._session(request)
        self._ending.end(session.ids)
        return _without_cookie(_success(), request)

    # -- the sessions of a user

    def _list_sessions(self, request: Request) -> Response:
        session = self._session(request)
        return self._renewed(_success(sessions=self._store.of_user(session.user_id)), session)

    def _clear_session_by_id(self, request: Request) -> Response:
        session = self._session(request)
        session_id = text(json_object(request), "sessionId")
        if self._store.is_active(session.user_id, session_id):
            self._ending.end([session_id])
        return self._renewed(_success(), session)

    def _clear_other_sessions(self, request: Request) -> Response:
        session = self._session(request)
        self._ending.end([other for other in self._store.of_user(session.user_id) if other not in session.ids])
        return self._renewed(_success(), session)

    def _clear_all_sessions(self, request: Request) -> Response:
        session = self._session(request)
        self._ending.end(self._store.of_user(session.user_id))
        return _without_cookie(_success(), request)

    # -- internal routes

    def _authenticate(self, request: Request) -> Response:
        if not request.headers.get("authentication") or not request.cookies.get(COOKIE_NAME):
            return _success(userId=0, sessionId="")
        session = self._session(request)
        return self._renewed(_success(userId=session.user_id, sessionId=session.ids[0]), session)

    def _hash(self, request: Request) -> Response:
        return _success(hash=hash_password(any_text(json_object(request), "toHash")))

    def _is_equals(self, request: Request) -> Response:
        body = json_object(request)
        return _success(isEquals=verify_password(any_text(body, "toHash"), any_text(body, "toCompare")))

    def _create_authorization_token(self, request: Request) -> Response:
        body = json_object(request)
        user_id, email = positive_int(body, "userId"), text(body, "email")
        claims = {"userId": str(user_id), "email": email, "jti": secrets.token_hex(16)}
        response = _success()
        response.headers["authorization"] = bearer(self._token_key.sign(claims, AUTHORIZATION_TOKEN_SECONDS))
        return response

    def _verify_authorization_token(self, request: Request) -> Response:
        try:
            claims, expires = self._token_key.verify(from_bearer(request.headers.get("authorization", "")))
        except InvalidToken as error:
            raise AuthenticationFailed("The token is not valid.") from error
        user_id, email = claims.get("userId"), claims.get("email")
        if not isinstance(user_id, str) or not isinstance(email, str):
            raise AuthenticationFailed("The token is not valid.")
        # Not the digest of the token's text: the same token can be written in several ways.
        digest = hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest()
        if not self._store.use_token(digest, expires):
            raise AuthenticationFailed("The token has been used before.")
        return _success(userId=user_id, email=email)

    def _clear_sessions_by_user_id(self, request: Request) -> Response:
        self._ending.end(self._store.of_user(positive_int(json_object(request), "userId")))
        return _success()

    # -- helpers

    def _check_account(self, user_id: int) -> None:
        """Whoever gets a new access token must have an active account; sessions of others end.

        Raises AuthenticationFailed.
        """
        if not self._accounts.is_active(user_id):
            self._ending.end(self._store.of_user(user_id))
            raise AuthenticationFailed("The account is not active.")

    def _cookie_claims(self, request: Request) -> SessionClaims:
        """The claims of the cookie, unexpired and of a session that goes on.

        Raises AuthenticationFailed.
        """
        try:
            claims = self._cookie_key.session_claims(from_quoted_bearer(request.cookies.get(COOKIE_NAME, "")))
        except InvalidToken as error:
            raise AuthenticationFailed("The refresh token is not valid.") from error
        if claims.expired or not self._store.is_active(claims.user_id, claims.session_id):
            raise AuthenticationFailed("The session has ended.")
        return claims

    def _session(self, request: Request) -> _Session:
        """The session of a request by both tokens.

        Raises AuthenticationFailed.
        """
        cookie = self._cookie_claims(request)
        try:
            access = self._token_key.session_claims(from_bearer(request.headers.get("authentication", "")))
        except InvalidToken as error:
            raise AuthenticationFailed("The access token is not valid.") from error
        if access.user_id != cookie.user_id:
            raise AuthenticationFailed("The tokens belong to different users.")
        if access.expired:
            self._check_account(cookie.user_id)
            fresh = self._token_key.sign_session(cookie.user_id, cookie.session_id, ACCESS_TOKEN_SECONDS)
            return _Session(cookie.user_id, (cookie.session_id,), bearer(fresh))
        if access.session_id == cookie.session_id:
            return _Session(cookie.user_id, (cookie.session_id,), None)
        if not self._store.is_active(access.user_id, access.session_id):
            raise AuthenticationFailed("The session has ended.")
        return _Session(access.user_id, (access.session_id, cookie.session_id), None)

    def _set_access_token(self, response: Response, user_id: int, session_id: str) -> None:
        token = self._token_key.sign_session(user_id, session_id, ACCESS_TOKEN_SECONDS)
        response.headers["authentication"] = bearer(token)

    @staticmethod
    def _renewed(response: Response, session: _Session) -> Response:
        if session.fresh_token is not None:
            response.headers["authentication"] = session.fresh_token
        return response


def create_auth_application(settings: AuthSettings, datastore: UserStore) -> AuthApplication:
    """The auth service as a WSGI application; to be called in the process that serves it, after any fork."""
    cookie_key, store = TokenKey(settings.cookie_key), SessionStore(settings.database_url)
    return AuthApplication(
        TokenKey(settings.token_key),
        cookie_key,
        store,
        datastore,
        message_bus(settings.message_bus),
        trusted_proxies=settings.trusted_proxies,
        sign_on=settings.single_sign_on(cookie_key, store) if settings.single_sign_on else None,
    )


def _success(message: str = _DONE, **more: object) -> Response:
    return json_response({"success": True, "message": message, **more})


def _without_cookie(response: Response, request: Request) -> Response:
    response.delete_cookie(COOKIE_NAME, httponly=True, secure=_is_secure(request), samesite="Lax")
    return response


def _is_secure(request: Request) -> bool:
    forwarded = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    return request.is_secure or forwarded == "https"
