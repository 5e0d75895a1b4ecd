"""An identity provider over HTTP, made of the server side of Authlib, whose manners are up to the test."""

import json
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import Key, KeySet, RSAKey
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT_ID, CLIENT_SECRET = "openslides", "secret of the client"
REDIRECT_URL = "http://localhost/system/auth/oidc/callback"
_CODE_SECONDS = 60


@dataclass
class Manners:
    """How it behaves: `claims` are put over those of ID tokens (None removes one), which `sign` signs instead of it."""

    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    user_info: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    show_keys: bool = True
    user_info_size: int = 0
    status: int = 200


@dataclass
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    expires: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class _Client(ClientMixin):
    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return REDIRECT_URL

    def get_allowed_scope(self, scope: Any) -> Any:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == REDIRECT_URL

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Payload(OAuth2Payload):
    def __init__(self, values: Any) -> None:
        self._values = values

    @property
    def data(self) -> Any:
        return self._values

    @property
    def datalist(self) -> Any:
        return defaultdict(list, {key: self._values.getlist(key) for key in self._values})


class _Request(OAuth2Request):
    def __init__(self, request: Request) -> None:
        # Authlib wants TLS; the sockets of a test have none.
        super().__init__(request.method, request.url.replace("http:", "https:", 1), headers=dict(request.headers))
        self._request = request
        self.payload = _Payload(MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)]))

    @property
    def args(self) -> Any:
        return self._request.args

    @property
    def form(self) -> Any:
        return self._request.form


class _Server(AuthorizationServer):
    def query_client(self, client_id: str) -> Any:
        return _Client() if client_id == CLIENT_ID else None

    def save_token(self, token: Any, request: Any) -> None:
        """Access tokens are not looked at again."""

    def create_oauth2_request(self, request: Request) -> OAuth2Request:
        return _Request(request)

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return Response(json.dumps(body) if isinstance(body, dict) else body, status, headers)

    def send_signal(self, name: str, *_args: Any, **_more: Any) -> None:
        """Nobody listens."""


class OidcProvider:
    """A provider with one user, who is logged in already: `with OidcProvider() as provider: provider.issuer`."""

    def __init__(self) -> None:
        self.manners = Manners()
        self.requests: list[str] = []
        self.user: dict[str, Any] = {"sub": "ann@provider", "given_name": "Ann", "family_name": "Lee"}
        self.session = "session-1"
        self.codes: dict[str, _Code] = {}
        self.rotate()
        self._oauth: Any = self._oauth_server()
        self._http = make_server("127.0.0.1", 0, Request.application(self._answer), threaded=True)
        self._http.log = lambda *_args: None  # type: ignore[method-assign]
        self.issuer = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def rotate(self) -> None:
        """Sign with a new key from now on, and show no other."""
        self.key = RSAKey.generate_key(2048, {"use": "sig", "kid": secrets.token_hex(4)})

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A token of the provider."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, dict(claims), self.key)

    def logout_token(self, **claims: Any) -> str:
        """A logout token; claims that are None are left out."""
        now = int(time.time())
        known = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "sid": self.session,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        return self.sign({name: value for name, value in {**known, **claims}.items() if value is not None})

    def _answer(self, request: Request) -> Response:
        self.requests.append(request.path)
        if request.path == "/authorize":
            grant = self._oauth.get_consent_grant(request, end_user=self.user)
            response: Response = self._oauth.create_authorization_response(request, grant_user=self.user, grant=grant)
        if request.path == "/token":
            response = self._oauth.create_token_response(request)
        if request.path in {"/authorize", "/token"}:
            return response
        content, elsewhere = json.dumps(self._document(request.path)), {"Location": "/elsewhere"}
        return Response(content, self.manners.status, elsewhere, content_type="application/json")

    def _document(self, path: str) -> Any:
        if path == "/keys":
            keys: list[Key] = [self.key if self.manners.show_keys else RSAKey.generate_key(2048, {"kid": "other"})]
            symmetric = {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric"}
            return {"keys": [symmetric, {"kty": "other"}, *KeySet(keys).as_dict(private=False)["keys"]]}
        if path == "/userinfo":
            info = {**self.user, "email": "ann@example.com", "x": "x" * self.manners.user_info_size}
            return {**info, **self.manners.user_info}
        assert path == "/.well-known/openid-configuration"
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        urls = {name: f"{self.issuer}/{path}" for name, path in {**names, "jwks_uri": "keys"}.items()}
        return {"issuer": self.issuer, **urls, **self.manners.metadata}

    def _oauth_server(self) -> _Server:
        provider = self

        class Grant(AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

            def save_authorization_code(self, code: str, request: Any) -> Any:
                data = request.payload.data
                names = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
                values = {name: data[name] for name in names}
                provider.codes[code] = _Code(code=code, expires=time.time() + _CODE_SECONDS, **values)
                return provider.codes[code]

            def query_authorization_code(self, code: str, client: Any) -> Any:
                found = provider.codes.get(code)
                return found if found and found.expires > time.time() else None

            def delete_authorization_code(self, authorization_code: Any) -> None:
                del provider.codes[authorization_code.code]

            def authenticate_user(self, authorization_code: Any) -> Any:
                return provider.user

        class OpenId(OpenIDCode):
            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return any(code.nonce == nonce for code in provider.codes.values())

            def resolve_client_private_key(self, client: Any) -> Any:
                return provider.key

            def get_client_algorithm(self, client: Any) -> str:
                return "RS256"

            def get_client_claims(self, client: Any) -> dict[str, Any]:
                now = int(time.time())
                return {"iss": provider.issuer, "aud": [CLIENT_ID], "iat": now, "exp": now + 300}

            def generate_user_info(self, user: Any, scope: str) -> UserInfo:
                return UserInfo(**user, sid=provider.session)

            def encode_id_token(self, token: Any, request: Any) -> str:
                """As a provider without faults does, then with those that are asked for."""
                claims = jwt.decode(super().encode_id_token(token, request), provider.key).claims
                claims = {**claims, **provider.manners.claims}
                sign = provider.manners.sign or provider.sign
                return sign({name: value for name, value in claims.items() if value is not None})

        server = _Server()
        generator = BearerTokenGenerator(lambda **_more: secrets.token_hex(16))
        server.register_token_generator("default", generator)
        server.register_grant(Grant, [CodeChallenge(required=True), OpenId(require_nonce=True)])
        return server
