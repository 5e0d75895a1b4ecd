"""Single sign-on with a real provider, a real action component and the embedded auth service."""

import base64
import hmac
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from openslides_backend.embedded.auth.application import AuthApplication
from openslides_backend.embedded.auth.single_sign_on import provider as provider_module
from openslides_backend.embedded.auth.single_sign_on.bounded_session import MAX_ANSWER
from openslides_backend.embedded.auth.single_sign_on.sign_on import create_single_sign_on
from openslides_backend.environment import OidcSettings
from openslides_backend.services.tokens import TokenKey
from tests.integration.base import IntegrationTest
from tests.integration.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URL, Manners, OidcProvider

LOGIN, CALLBACK = "/system/auth/oidc/login", "/system/auth/oidc/callback"
LOGOUT = "/system/auth/oidc/backchannel-logout"
MAPPING = {"saml_id": "sub", "first_name": "given_name", "last_name": "family_name", "email": "email"}
DONE = "/after/login"


@contextmanager
def served(application: Any) -> Iterator[str]:
    """URL of a WSGI application."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    server.log = lambda *_args: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        yield provider


class SignOnTest(IntegrationTest):
    """Base: the provider and the action component over sockets, the auth service over WSGI."""

    @pytest.fixture(autouse=True)
    def _services(self, running: OidcProvider) -> Iterator[None]:
        self.provider = running
        running.manners = Manners()
        running.requests.clear()
        running.user = {"sub": "ann@provider", "given_name": "Ann", "family_name": "Lee"}
        self.set_models({"organization/1": {"saml_enabled": True, "saml_attr_mapping": MAPPING}})
        with served(self.stack.action.application) as url:
            self.application = self.auth_service(url)
            self.browser = Client(self.application)
            yield

    def auth_service(self, action_url: str) -> AuthApplication:
        settings = OidcSettings(
            self.provider.issuer, CLIENT_ID, CLIENT_SECRET, REDIRECT_URL, "openid profile email", DONE
        )
        stack = self.stack
        token_key, cookie_key = (TokenKey(f"{name}-key-of-some-length") for name in ("token", "cookie"))
        sign_on = create_single_sign_on(settings, (action_url, "openslides"), cookie_key, stack._sessions)
        return AuthApplication(token_key, cookie_key, stack._sessions, stack.datastore, sign_on=sign_on)

    def to_provider(self, browser: Client | None = None) -> str:
        """Where the provider sends the browser back to; nobody has followed it yet."""
        begun = (browser or self.browser).get(LOGIN)
        assert begun.status_code == 303, begun.text
        answer = requests.get(begun.headers["Location"], allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        location = answer.headers["Location"]
        assert location.startswith(f"{REDIRECT_URL}?")
        return location.partition("//localhost")[2]

    def login(self) -> TestResponse:
        return self.browser.get(self.to_provider())

    def assert_refused(self, answer: TestResponse, status: int = 403) -> None:
        assert answer.status_code == status, answer.text
        assert answer.get_json()["success"] is False
        assert "refreshId" not in str(answer.headers)
        assert self.accounts() == {}
        self.assert_logged_out()

    def assert_logged_out(self) -> None:
        assert self.browser.post("/system/auth/who-am-i").get_json()["message"] == "anonymous"

    def is_logged_in(self, browser: Client | None = None) -> bool:
        return "authentication" in (browser or self.browser).post("/system/auth/who-am-i").headers

    def accounts(self) -> dict[int, Any]:
        return {id_: user for id_, user in self.find_models("user").items() if user.get("saml_id")}


class TestLogin(SignOnTest):
    def test_makes_an_account_and_a_session(self) -> None:
        answer = self.login()
        assert (answer.status_code, answer.headers["Location"]) == (303, DONE)
        ((_, account),) = self.accounts().items()
        expected = {"saml_id": "ann@provider", "first_name": "Ann", "last_name": "Lee", "email": "ann@example.com"}
        assert {name: account[name] for name in expected} == expected
        assert self.is_logged_in()

    def test_tells_when(self) -> None:
        assert self.login().status_code == 303
        (account,) = self.accounts().values()
        assert account["last_login"] == pytest.approx(time.time(), abs=5)

    def test_cookies_are_for_the_server_only(self) -> None:
        begun = self.browser.get(LOGIN).headers["Set-Cookie"]
        assert "HttpOnly" in begun
        assert "SameSite=Lax" in begun
        assert "Path=/system/auth/oidc" in begun
        refresh, state = sorted(self.login().headers.getlist("Set-Cookie"), key=lambda cookie: "oidcLogin" in cookie)
        assert refresh.startswith("refreshId=bearer")
        assert "HttpOnly" in refresh
        assert state.startswith("oidcLogin=;")

    def test_updates_the_account(self) -> None:
        self.login()
        self.provider.user["family_name"] = "Miller"
        self.login()
        ((_, account),) = self.accounts().items()
        assert account["last_name"] == "Miller"

    def test_proves_who_began(self) -> None:
        query = parse_qs(urlsplit(self.browser.get(LOGIN).headers["Location"]).query)
        assert query["code_challenge_method"] == ["S256"]
        assert query["response_type"] == ["code"]
        assert len(query["nonce"][0]) >= 43 <= len(query["state"][0])

    def test_metadata_and_keys_are_asked_for_once(self) -> None:
        self.login()
        self.login()
        assert self.provider.requests.count("/.well-known/openid-configuration") == 1
        assert self.provider.requests.count("/keys") == 1

    def test_inactive_account(self) -> None:
        self.login()
        ((user_id, _),) = self.accounts().items()
        self.set_models({f"user/{user_id}": {"is_active": False}})
        assert self.login().status_code == 403
        self.assert_logged_out()

    def test_organization_does_not_want_it(self) -> None:
        self.set_models({"organization/1": {"saml_enabled": False}})
        self.assert_refused(self.login())

    def test_action_component_is_down(self) -> None:
        self.application = self.auth_service("http://127.0.0.1:1")
        self.browser = Client(self.application)
        answer = self.login()
        assert answer.status_code == 503
        assert self.accounts() == {}

    def test_there_is_none_without_settings(self) -> None:
        assert self.stack.auth.get(LOGIN).status_code == 404


class TestState(SignOnTest):
    def test_another_browser(self) -> None:
        location = self.to_provider()
        self.browser = Client(self.application)
        self.assert_refused(self.browser.get(location))

    def test_login_of_another_browser_is_not_put_under_this_one(self) -> None:
        attacker = Client(self.application)
        location = self.to_provider(attacker)
        self.browser.get(LOGIN)
        self.assert_refused(self.browser.get(location))

    @pytest.mark.parametrize("state", ["", "wrong", "ä"])
    def test_wrong_state(self, state: str) -> None:
        code = parse_qs(urlsplit(self.to_provider()).query)["code"][0]
        self.assert_refused(self.browser.get(CALLBACK, query_string={"code": code, "state": state}))

    def test_used_again(self) -> None:
        cookie_of = Client(self.application)
        location = self.to_provider(cookie_of)
        kept = cookie_of.get_cookie("oidcLogin", path="/system/auth/oidc")
        assert kept is not None
        assert cookie_of.get(location).status_code == 303
        for user_id in self.accounts():
            self.delete_models(f"user/{user_id}")
        self.browser.set_cookie("oidcLogin", kept.value, path="/system/auth/oidc")
        self.assert_refused(self.browser.get(location))

    def test_forged_cookie(self) -> None:
        location = self.to_provider()
        for forged in ("x", TokenKey("another-key-of-some-length").sign({"purpose": "oidc login"}, 60)):
            self.browser.set_cookie("oidcLogin", forged, path="/system/auth/oidc")
            self.assert_refused(self.browser.get(location))

    def test_answer_of_another_provider(self) -> None:
        self.assert_refused(self.browser.get(f"{self.to_provider()}&iss=https://evil.example"))

    def test_provider_refuses(self) -> None:
        state = parse_qs(urlsplit(self.to_provider()).query)["state"][0]
        self.assert_refused(self.browser.get(CALLBACK, query_string={"error": "access_denied", "state": state}))


class TestCodes(SignOnTest):
    def test_replayed(self) -> None:
        """A code that was stolen and used before, brought by the right browser."""
        location = self.to_provider()
        self.provider.codes.clear()
        self.assert_refused(self.browser.get(location))

    def test_expired(self) -> None:
        location = self.to_provider()
        for code in self.provider.codes.values():
            code.expires = time.time() - 1
        self.assert_refused(self.browser.get(location))

    def test_of_another_login(self) -> None:
        """The code of an attacker's own login doesn't fit the verifier of the victim's."""
        attacker = parse_qs(urlsplit(self.to_provider(Client(self.application))).query)["code"][0]
        victim = parse_qs(urlsplit(self.to_provider()).query)["state"][0]
        self.assert_refused(self.browser.get(CALLBACK, query_string={"code": attacker, "state": victim}))


class TestTokens(SignOnTest):
    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "wrong"},
            {"nonce": None},
            {"aud": "another client"},
            {"aud": ["another client"]},
            {"aud": None},
            {"azp": "another client"},
            {"iss": "https://evil.example"},
            {"iss": None},
            {"exp": int(time.time()) - 3600},
            {"exp": None},
            {"nbf": int(time.time()) + 3600},
            {"iat": int(time.time()) + 3600},
            {"sub": None},
            {"sub": ""},
            {"sub": "x" * 256},
            {"at_hash": "wrong"},
        ],
    )
    def test_wrong_claims(self, claims: dict[str, Any]) -> None:
        self.provider.manners.claims = claims
        self.assert_refused(self.login())

    def test_user_info_about_somebody_else(self) -> None:
        self.provider.manners.user_info = {"sub": "eve@provider"}
        self.assert_refused(self.login())

    def test_user_info_does_not_override_the_id_token(self) -> None:
        self.provider.manners.user_info = {"family_name": "Other"}
        self.login()
        ((_, account),) = self.accounts().items()
        assert account["last_name"] == "Lee"

    @pytest.mark.parametrize("kid", ["symmetric", None, "shown"])
    def test_signed_by_a_secret(self, kid: str | None) -> None:
        """Not by a key that is shown, nor by its public half, which everybody knows."""
        name = self.provider.key.kid if kid == "shown" else kid
        for secret in ("secret", self.provider.key.as_pem(private=False).decode()):
            header = {"alg": "HS256", "typ": "JWT", **({"kid": name} if name else {})}
            self.provider.manners.sign = partial(signed_by_a_secret, secret, header)
            self.assert_refused(self.login())

    def test_not_signed(self) -> None:
        self.provider.manners.sign = lambda claims: f"{segment({'alg': 'none'})}.{segment(claims)}."
        self.assert_refused(self.login())

    def test_a_key_that_is_not_shown(self) -> None:
        self.provider.manners.show_keys = False
        self.assert_refused(self.login())

    def test_keys_are_rotated(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.login()
        self.provider.rotate()
        assert self.login().status_code == 403
        assert self.provider.requests.count("/keys") == 1
        monkeypatch.setattr(provider_module, "MIN_AGE_SECONDS", 0.0)
        assert self.login().status_code == 303
        assert self.provider.requests.count("/keys") == 2


class TestProvider(SignOnTest):
    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://evil.example"},
            {"token_endpoint": None},
            {"jwks_uri": 1},
            {"authorization_endpoint": "http://evil.example/authorize"},
            {"token_endpoint": "javascript:x"},
        ],
    )
    def test_wrong_metadata(self, metadata: dict[str, Any]) -> None:
        self.provider.manners.metadata = metadata
        answer = self.browser.get(LOGIN)
        assert answer.status_code == 503
        assert "evil" not in answer.text

    def test_is_down_and_comes_back(self) -> None:
        self.provider.manners.status = 500
        assert self.browser.get(LOGIN).status_code == 503
        self.provider.manners.status = 200
        assert self.login().status_code == 303

    def test_answers_without_end(self) -> None:
        self.provider.manners.user_info_size = MAX_ANSWER
        self.assert_refused(self.login(), 503)

    def test_redirects_are_not_followed(self) -> None:
        self.provider.manners.status = 302
        assert self.browser.get(LOGIN).status_code == 503
        assert self.provider.requests == ["/.well-known/openid-configuration"]


class TestLogout(SignOnTest):
    def logout(self, token: str) -> int:
        return Client(self.application).post(LOGOUT, data={"logout_token": token}).status_code

    def test_of_a_session(self) -> None:
        self.provider.session = "one"
        self.login()
        other = Client(self.application)
        self.provider.session = "two"
        other.get(self.to_provider(other))
        assert self.logout(self.provider.logout_token(sid="one")) == 200
        assert not self.is_logged_in()
        assert self.is_logged_in(other)
        assert self.logout(self.provider.logout_token(sid=None, sub="ann@provider")) == 200
        assert not self.is_logged_in(other)

    def test_takes_effect_at_once(self) -> None:
        header = {"authentication": self.login_token()}
        assert self.browser.get("/system/auth/secure/list-sessions", headers=header).status_code == 200
        self.logout(self.provider.logout_token(sid=self.provider.session))
        assert self.browser.get("/system/auth/secure/list-sessions", headers=header).status_code == 403

    def login_token(self) -> str:
        self.login()
        return str(self.browser.post("/system/auth/who-am-i").headers["authentication"])

    def test_nobody(self) -> None:
        assert self.logout(self.provider.logout_token(sid="unknown")) == 200
        assert self.logout(self.provider.logout_token(sid="unknown", sub="ann@provider")) == 200

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://evil.example"},
            {"aud": "another client"},
            {"exp": int(time.time()) - 3600},
            {"exp": None},
            {"exp": math.inf},
            {"iat": None},
            {"jti": None},
            {"jti": 1},
            {"events": None},
            {"events": {}},
            {"events": "x"},
            {"nonce": "x"},
            {"sid": None},
            {"sid": 1},
        ],
    )
    def test_wrong_claims(self, claims: dict[str, Any]) -> None:
        self.login()
        assert self.logout(self.provider.logout_token(**claims)) == 400
        assert self.is_logged_in()

    def test_used_again(self) -> None:
        token = self.provider.logout_token()
        assert self.logout(token) == 200
        self.login()
        assert self.logout(token) == 400
        assert self.is_logged_in()

    def test_rubbish(self) -> None:
        self.login()
        for token in ("", "x", "a.b.c", "x" * 40_000):
            assert self.logout(token) == 400
        assert Client(self.application).post(LOGOUT).status_code == 400
        assert self.is_logged_in()

    def test_unknown_keys_do_not_make_us_ask_again_and_again(self) -> None:
        self.login()
        self.provider.rotate()
        for _ in range(10):
            assert self.logout(self.provider.logout_token()) == 400
        assert self.provider.requests.count("/keys") == 1


def signed_by_a_secret(secret: str, header: dict[str, str], claims: dict[str, Any]) -> str:
    signed = f"{segment(header)}.{segment(claims)}"
    digest = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
