"""The routes of the auth service (auth.md)."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.embedded.auth.throttle import LoginThrottle
from openslides_backend.embedded.json_application import (
    Endpoint,
    JsonApplication,
    failure,
    json_object,
    json_response,
    positive_int,
    text,
)
from openslides_backend.services.datastore import DatastoreReader, FilterModels, Found
from openslides_backend.services.ended_sessions import Logouts, MessageBusError, message_bus
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
from openslides_backend.shared.exceptions import AuthenticationFailed, ServiceError
from openslides_backend.shared.filters import equals

_MAX_BODY = 64 * 1024
_DONE = "Action handled successfully"
_WRONG_LOGIN = "Username or password is incorrect."


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """`database_url` as for SessionStore; `message_bus` host and port of the Redis that is told of ended sessions.

    `trusted_proxies` are those whose `X-Forwarded-For` is believed.
    """

    token_key: str = field(repr=False)
    cookie_key: str = field(repr=False)
    database_url: str = field(repr=False)
    message_bus: tuple[str, int] | None = None
    trusted_proxies: tuple[Network, ...] = ()


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
        datastore: DatastoreReader,
        logouts: Logouts | None = None,
        *,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        super().__init__(self._all_routes(), _MAX_BODY)
        self._token_key = token_key
        self._cookie_key = cookie_key
        self._store = store
        self._datastore = datastore
        self._logouts = logouts
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

    @cached_property
    def _nobodys_hash(self) -> str:
        """What unknown users are checked against, so that the time of the answer doesn't tell who exists."""
        return hash_password(secrets.token_urlsafe())

    def _login(self, request: Request) -> Response:
        body = json_object(request)
        username, password, address = text(body, "username"), text(body, "password"), self._place(request)
        if wait := self._throttle.begin(username, address):
            response = failure("Too many failed logins. Please try again later.", 403)
            response.headers["Retry-After"] = str(ceil(wait))
            return response
        try:
            user_id = self._check_login(username, password)
        except ServiceError:
            self._throttle.abandoned(username, address)
            raise
        self._throttle.succeeded(username, address)
        session_id = self._store.create(user_id)
        response = _success()
        self._set_access_token(response, user_id, session_id)
        refresh_token = self._cookie_key.sign_session(user_id, session_id, REFRESH_TOKEN_SECONDS)
        response.set_cookie(
            COOKIE_NAME, quote(bearer(refresh_token)), httponly=True, secure=_is_secure(request), samesite="Lax"
        )
        return response

    def _place(self, request: Request) -> str:
        """Where a login comes from, as far as it can be believed."""
        forwarded = request.headers.get("X-Forwarded-For", "")
        return network_of(client_address(request.remote_addr or "", forwarded, self._trusted_proxies))

    def _check_login(self, username: str, password: str) -> int:
        """The id of the user with this name and password; an account for SAML only has no password.

        Raises AuthenticationFailed.
        """
        query = FilterModels("user", equals(username=username), ("id", "username", "password", "is_active"))
        found: Found = self._datastore.read([query])[0]
        # The filter compares text forms, a name must be the same.
        users = [(id_, user) for id_, user in found.models.items() if user.get("username") == username]
        id_, user = users[0] if len(users) == 1 else (0, {})
        stored, nobodys = user.get("password"), self._nobodys_hash
        matches = verify_password(password, stored or nobodys)
        if not stored or not matches:
            raise AuthenticationFailed(_WRONG_LOGIN)
        if user.get("is_active") is not True:
            raise AuthenticationFailed("The account is not active.")
        return id_

    def _who_am_i(self, request: Request) -> Response:
        try:
            claims = self._cookie_claims(request)
        except AuthenticationFailed:
            return _success(message="anonymous")
        response = _success()
        self._set_access_token(response, claims.user_id, claims.session_id)
        return response

    def _logout(self, request: Request) -> Response:
        session = self._session(request)
        self._end(session.ids)
        return _without_cookie(_success(), request)

    # -- the sessions of a user

    def _list_sessions(self, request: Request) -> Response:
        session = self._session(request)
        return self._renewed(_success(sessions=self._store.of_user(session.user_id)), session)

    def _clear_session_by_id(self, request: Request) -> Response:
        session = self._session(request)
        session_id = text(json_object(request), "sessionId")
        if self._store.is_active(session.user_id, session_id):
            self._end([session_id])
        return self._renewed(_success(), session)

    def _clear_other_sessions(self, request: Request) -> Response:
        session = self._session(request)
        self._end([other for other in self._store.of_user(session.user_id) if other not in session.ids])
        return self._renewed(_success(), session)

    def _clear_all_sessions(self, request: Request) -> Response:
        session = self._session(request)
        self._end(self._store.of_user(session.user_id))
        return _without_cookie(_success(), request)

    # -- internal routes

    def _authenticate(self, request: Request) -> Response:
        if not request.headers.get("authentication") or not request.cookies.get(COOKIE_NAME):
            return _success(userId=0, sessionId="")
        session = self._session(request)
        return self._renewed(_success(userId=session.user_id, sessionId=session.ids[0]), session)

    def _hash(self, request: Request) -> Response:
        return _success(hash=hash_password(text(json_object(request), "toHash")))

    def _is_equals(self, request: Request) -> Response:
        body = json_object(request)
        return _success(isEquals=verify_password(text(body, "toHash"), text(body, "toCompare")))

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
        self._end(self._store.of_user(positive_int(json_object(request), "userId")))
        return _success()

    # -- helpers

    def _end(self, session_ids: Sequence[str]) -> None:
        """Publish first: if that fails, the sessions are still there and the client can try again."""
        if not session_ids:
            return
        if self._logouts is not None:
            try:
                self._logouts.publish(session_ids)
            except MessageBusError as error:
                raise ServiceError("The message bus does not answer.") from error
        self._store.end(session_ids)

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


def create_auth_application(settings: AuthSettings, datastore: DatastoreReader) -> AuthApplication:
    """The auth service as a WSGI application; to be called in the process that serves it, after any fork."""
    return AuthApplication(
        TokenKey(settings.token_key),
        TokenKey(settings.cookie_key),
        SessionStore(settings.database_url),
        datastore,
        message_bus(settings.message_bus),
        trusted_proxies=settings.trusted_proxies,
    )


def _success(message: str = _DONE, **more: object) -> Response:
    return json_response({"success": True, "message": message, **more})


def _without_cookie(response: Response, request: Request) -> Response:
    response.delete_cookie(COOKIE_NAME, httponly=True, secure=_is_secure(request), samesite="Lax")
    return response


def _is_secure(request: Request) -> bool:
    forwarded = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
    return request.is_secure or forwarded == "https"
