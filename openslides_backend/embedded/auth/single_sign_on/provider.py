"""The identity provider: where it is, which keys it has, and what its tokens say (OpenID Connect Core, Discovery)."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from openslides_backend.embedded.auth.single_sign_on.bounded_session import BoundedSession
from openslides_backend.environment import LOOPBACK_NAMES, OidcSettings
from openslides_backend.shared.exceptions import AuthenticationFailed, ServiceError

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_AGE_SECONDS = 3600.0
"""After so long, metadata and keys are asked for anew."""
MIN_AGE_SECONDS = 10.0
"""An unknown key makes the keys be asked for anew, but not more often."""

_ALGORITHMS = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)] + ["EdDSA", "Ed25519"]
"""Signatures by keys that only the provider has."""
_KEY_TYPES = ("RSA", "EC", "OKP")
_LEEWAY_SECONDS = 60
_MAX_TOKEN = 32 * 1024
_MAX_SUBJECT = 255
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_DISCOVERY = "/.well-known/openid-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Claims = Mapping[str, Any]


@dataclass(slots=True)
class _Cached(Generic[T]):
    """Something that is fetched, and anew when it is old; safe to be shared between threads."""

    fetch: Callable[[], T]
    _value: T | None = None
    _time: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, max_age: float = MAX_AGE_SECONDS) -> T:
        """What `fetch` gave, at most `max_age` seconds ago."""
        with self._lock:
            if self._value is None or time.monotonic() - self._time > max_age:
                self._value, self._time = self.fetch(), time.monotonic()
            return self._value


class Provider:
    """The provider that the settings name; safe to be shared between threads.

    Its methods raise ServiceError if it can't be reached or doesn't answer properly, and AuthenticationFailed for
    codes and tokens that are not to be believed.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._metadata = _Cached(self._fetch_metadata)
        self._keys = _Cached(self._fetch_keys)

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to log in."""
        endpoint = self._metadata.get()["authorization_endpoint"]
        with self._session() as session:
            url, _ = session.create_authorization_url(endpoint, state=state, code_verifier=verifier, nonce=nonce)
        return str(url)

    def redeem(self, code: str, nonce: str, verifier: str) -> Claims:
        """What the provider says about the user for whom it issued the code, ID token and user info together."""
        metadata = self._metadata.get()
        with self._session() as session:
            try:
                token = session.fetch_token(
                    metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
            except OAuthError as error:
                logger.warning("the identity provider refused a code: %s", error.error)
                raise AuthenticationFailed("The identity provider does not accept the login.") from error
            except (requests.RequestException, ValueError) as error:
                raise _unreachable(error) from error
            access_token = token.get("access_token")
            claims = self._id_claims(token.get("id_token"), nonce, access_token)
            return {**self._user_info(session, metadata, access_token, claims["sub"]), **claims}

    def logout_claims(self, token: str) -> Claims:
        """What a logout token says (OpenID Connect Back-Channel Logout, section 2.6)."""
        decoded = self._decoded(token)
        claims = JWTClaims(decoded.claims, decoded.header, self._claim_options("jti", "iat", "exp", "events"))
        _validate(claims)
        events = claims["events"]
        if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict) or "nonce" in claims:
            raise AuthenticationFailed("This is no logout token.")
        if not isinstance(claims["jti"], str) or not any(isinstance(claims.get(name), str) for name in ("sub", "sid")):
            raise AuthenticationFailed("The logout token names nobody.")
        return claims

    def _id_claims(self, id_token: object, nonce: str, access_token: object) -> Claims:
        if not isinstance(id_token, str):
            raise AuthenticationFailed("The identity provider sent no ID token.")
        decoded = self._decoded(id_token)
        parameters = {"nonce": nonce, "client_id": self._settings.client_id, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, self._claim_options("sub", "nonce"), parameters)
        _validate(claims)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _MAX_SUBJECT:
            raise AuthenticationFailed("The ID token names nobody.")
        return claims

    def _claim_options(self, *essential: str) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
            **{name: {"essential": True} for name in essential},
        }

    def _user_info(self, session: BoundedSession, metadata: Claims, access_token: object, subject: str) -> Claims:
        endpoint = metadata.get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not isinstance(access_token, str):
            return {}
        _check_transport(endpoint)
        try:
            info = session.get_json(endpoint, access_token)
        except (requests.RequestException, ValueError) as error:
            raise _unreachable(error) from error
        if not isinstance(info, dict) or info.get("sub") != subject:
            raise AuthenticationFailed("The user info is about somebody else.")
        return info

    def _decoded(self, token: str) -> jwt.Token:
        """A token that is signed by one of the provider's keys. Raises AuthenticationFailed or ServiceError."""
        if len(token) > _MAX_TOKEN:
            raise AuthenticationFailed("The token is too long.")
        try:
            try:
                return _decode(token, self._keys.get())
            except InvalidKeyIdError:
                return _decode(token, self._keys.get(MIN_AGE_SECONDS))
        except (JoseError, ValueError, TypeError) as error:
            raise _unbelieved(error) from error

    def _fetch_metadata(self) -> Claims:
        """Raises ServiceError."""
        metadata = self._fetch(f"{self._settings.issuer.rstrip('/')}{_DISCOVERY}")
        if metadata.get("issuer") != self._settings.issuer:
            raise ServiceError("The identity provider calls itself by another name than OIDC_ISSUER.")
        for name in _ENDPOINTS:
            if not isinstance(metadata.get(name), str):
                raise ServiceError(f"The identity provider does not tell its {name}.")
            _check_transport(metadata[name])
        return metadata

    def _fetch_keys(self) -> KeySet:
        """Raises ServiceError."""
        found = self._fetch(self._metadata.get()["jwks_uri"]).get("keys")
        keys = [
            key
            for key in (found if isinstance(found, list) else ())
            if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig"
        ]
        try:
            return KeySet.import_key_set({"keys": keys})
        except (JoseError, ValueError) as error:
            raise _unreachable(error) from error

    def _fetch(self, url: str) -> dict[str, Any]:
        with self._session() as session:
            try:
                value = session.get_json(url)
            except (requests.RequestException, ValueError) as error:
                raise _unreachable(error) from error
        if not isinstance(value, dict):
            raise ServiceError("The identity provider does not answer properly.")
        return value

    def _session(self) -> BoundedSession:
        return BoundedSession(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            redirect_uri=self._settings.redirect_url,
            scope=self._settings.scopes,
            code_challenge_method="S256",
        )


def _decode(token: str, keys: KeySet) -> jwt.Token:
    return jwt.decode(token, keys, registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False))


def _validate(claims: CodeIDToken | JWTClaims) -> None:
    """Raises AuthenticationFailed."""
    try:
        claims.validate(leeway=_LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise _unbelieved(error) from error


def _check_transport(url: str) -> None:
    """Raises ServiceError unless the URL is one over TLS, or leads to this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_NAMES):
        raise ServiceError("The identity provider has an endpoint without TLS.")


def _unreachable(error: Exception) -> ServiceError:
    logger.warning("the identity provider does not answer properly: %s", type(error).__name__)
    return ServiceError("The identity provider does not answer properly.")


def _unbelieved(error: Exception) -> AuthenticationFailed:
    """The log has the reason: the name of a claim, or what is wrong with the signature."""
    logger.warning("a token of the identity provider is refused: %s %s", type(error).__name__, error)
    return AuthenticationFailed("The token of the identity provider is not valid.")
