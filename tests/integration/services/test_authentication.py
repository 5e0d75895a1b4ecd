"""Authenticating requests against the real auth service, without and with a message bus."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.test import Client

from openslides_backend.embedded.auth.application import AuthApplication, AuthSettings, create_auth_application
from openslides_backend.services.auth import Authentication, HttpAuthenticator
from openslides_backend.services.http import HttpPool
from openslides_backend.services.logouts import MessageBus
from openslides_backend.services.passwords import hash_password
from openslides_backend.services.tokens import TokenKey, bearer, from_bearer
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest
from tests.integration.embedded.users import Users
from tests.integration.wsgi_transport import WsgiTransport

TOKEN_SECRET, COOKIE_SECRET = "auth-dev-token-key", "auth-dev-cookie-key"
URL = "http://auth"


@dataclass
class Stack:
    """The auth service and its client."""

    service: AuthApplication
    authenticator: HttpAuthenticator

    def login(self) -> tuple[str, str]:
        """Header and cookie of a fresh session of user 1."""
        client = Client(self.service, use_cookies=False)
        answer = client.post("/system/auth/login", json={"username": "admin", "password": "admin"})
        assert answer.status_code == 200
        return answer.headers["authentication"], answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]

    def authenticate(self, header: str, cookie: str) -> Authentication:
        """What comes of the tokens."""
        return self.authenticator.begin(header, cookie).confirmation.result()

    def logout(self, header: str, cookie: str) -> None:
        client = Client(self.service, use_cookies=False)
        headers = {"authentication": header, "Cookie": f"refreshId={cookie}"}
        assert client.post("/system/auth/secure/logout", headers=headers).status_code == 200


@pytest.fixture(params=["alone", pytest.param("redis", marks=pytest.mark.redis)])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    address: tuple[str, int] | None = None if request.param == "alone" else request.getfixturevalue("redis_address")
    users = Users({1: {"id": 1, "username": "admin", "password": hash_password("admin"), "is_active": True}})
    settings = AuthSettings(TOKEN_SECRET, COOKIE_SECRET, f"sqlite:///{tmp_path}/auth.sqlite", address)
    service = create_auth_application(settings, users)
    bus = MessageBus(*address) if address else None
    pool = HttpPool(transports={URL: WsgiTransport(service)})
    yield Stack(service, HttpAuthenticator(pool, URL, TokenKey(TOKEN_SECRET), TokenKey(COOKIE_SECRET), bus))
    if bus:
        bus.close()


def test_a_session_from_login_to_logout(stack: Stack) -> None:
    header, cookie = stack.login()
    authentication = stack.authenticate(header, cookie)
    assert authentication.user_id == 1
    assert authentication.fresh_token is None
    stack.logout(header, cookie)
    with pytest.raises(AuthenticationFailed):
        stack.authenticate(header, cookie)


def test_the_fresh_token_is_good(stack: Stack) -> None:
    header, cookie = stack.login()
    key = TokenKey(TOKEN_SECRET)
    session_id = key.session_claims(from_bearer(header)).session_id
    expired = bearer(key.sign_session(1, session_id, -1))
    fresh = stack.authenticate(expired, cookie).fresh_token
    assert fresh is not None
    assert stack.authenticate(fresh, cookie).session_id == session_id
    stack.logout(fresh, cookie)
    for token in (fresh, expired):
        with pytest.raises(AuthenticationFailed):
            stack.authenticate(token, cookie)


def test_all_sessions_of_a_user_end(stack: Stack) -> None:
    sessions = [stack.login(), stack.login()]
    stack.authenticator.clear_sessions_by_user_id(2)
    assert {stack.authenticate(*session).user_id for session in sessions} == {1}
    stack.authenticator.clear_sessions_by_user_id(1)
    for session in sessions:
        with pytest.raises(AuthenticationFailed):
            stack.authenticate(*session)


def test_authorization_token(stack: Stack) -> None:
    token = stack.authenticator.create_authorization_token(7, "a@example.com")
    assert token.startswith("bearer ")
    assert stack.authenticator.verify_authorization_token(token) == (7, "a@example.com")
    with pytest.raises(BadRequest):
        stack.authenticator.verify_authorization_token(token)
