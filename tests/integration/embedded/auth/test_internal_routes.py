"""What other services ask the embedded auth service, and its other routes."""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from openslides_backend.embedded.auth.application import AuthApplication
from openslides_backend.services.datastore import Query
from openslides_backend.services.tokens import TokenKey, bearer, from_bearer
from tests.integration.embedded.auth.browser import COOKIE_KEY, LOGIN, TOKEN_KEY, Browser
from tests.integration.embedded.users import Users


class TestAuthenticate:
    PATH = "/internal/auth/authenticate"

    def test_good(self, browser: Browser) -> None:
        browser.login()
        answer = browser.post(self.PATH)
        body = answer.get_json()
        assert (answer.status_code, body["userId"], body["sessionId"]) == (200, 1, browser.session_id)
        assert "authentication" not in answer.headers

    def test_nobody(self, application: AuthApplication) -> None:
        assert Browser(application).post(self.PATH).get_json()["userId"] == 0

    def test_expired_access_token(self, browser: Browser) -> None:
        browser.login()
        session_id = browser.session_id
        browser.header = bearer(TokenKey(TOKEN_KEY).sign_session(1, session_id, -1))
        answer = browser.post(self.PATH)
        assert (answer.status_code, answer.get_json()["userId"]) == (200, 1)
        fresh = TokenKey(TOKEN_KEY).session_claims(from_bearer(answer.headers["authentication"]))
        assert (fresh.user_id, fresh.session_id, fresh.expired) == (1, session_id, False)

    def test_expired_cookie(self, browser: Browser) -> None:
        browser.login()
        browser.cookie = quote(bearer(TokenKey(COOKIE_KEY).sign_session(1, browser.session_id, -1)))
        assert browser.post(self.PATH).status_code == 403

    def test_tokens_of_two_users(self, browser: Browser) -> None:
        other = Browser(browser.application)
        browser.login()
        other.login("old", "old")
        browser.cookie = other.cookie
        assert browser.post(self.PATH).status_code == 403

    def test_the_session_of_either_token_counts(self, browser: Browser) -> None:
        other = Browser(browser.application)
        browser.login()
        other.login()
        mixed = Browser(browser.application, browser.header, other.cookie)
        assert mixed.is_logged_in()
        browser.post("/system/auth/secure/logout")
        assert not mixed.is_logged_in()
        assert other.is_logged_in()

    def test_well_signed_tokens_without_a_session(self, browser: Browser) -> None:
        browser.header = bearer(TokenKey(TOKEN_KEY).sign_session(1, "made-up", 600))
        browser.cookie = quote(bearer(TokenKey(COOKIE_KEY).sign_session(1, "made-up", 600)))
        assert browser.post(self.PATH).status_code == 403


class TestAuthorizationToken:
    CREATE, VERIFY = "/internal/auth/create-authorization-token", "/internal/auth/verify-authorization-token"

    def create(self, browser: Browser) -> str:
        answer = browser.post(self.CREATE, json={"userId": 7, "email": "a@example.com"})
        assert answer.status_code == 200
        return answer.headers["authorization"]

    def verify(self, browser: Browser, token: str) -> TestResponse:
        return browser.post(self.VERIFY, headers={"authorization": token})

    def test_claims(self, browser: Browser) -> None:
        claims, expires = TokenKey(TOKEN_KEY).verify(from_bearer(self.create(browser)))
        assert (claims["userId"], claims["email"]) == ("7", "a@example.com")
        assert expires == pytest.approx(time.time() + 600, abs=3)

    def test_can_be_used_once(self, browser: Browser) -> None:
        first, second = self.create(browser), self.create(browser)
        answer = self.verify(browser, first)
        assert answer.status_code == 200
        assert (answer.get_json()["userId"], answer.get_json()["email"]) == ("7", "a@example.com")
        assert self.verify(browser, first).status_code == 403
        assert self.verify(browser, second).status_code == 200

    def test_written_differently_it_is_still_the_same(self, browser: Browser) -> None:
        token = self.create(browser)
        assert self.verify(browser, token).status_code == 200
        # The last character of a signature has two spare bits.
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        position = alphabet.index(token[-1]) // 4 * 4
        for character in alphabet[position : position + 4]:
            assert self.verify(browser, token[:-1] + character).status_code == 403

    def test_expired_or_made_for_something_else(self, browser: Browser) -> None:
        browser.login()
        key = TokenKey(TOKEN_KEY)
        claims = {"userId": "7", "email": "a@example.com"}
        tokens = [
            bearer(key.sign(claims, -1)),
            bearer(TokenKey("another-secret-of-some-length").sign(claims, 600)),
            bearer(key.sign({"userId": "7"}, 600)),
            from_bearer(self.create(browser)),
            browser.header,
            "",
        ]
        assert {self.verify(browser, token).status_code for token in tokens} == {403}

    @pytest.mark.parametrize("body", [{}, {"userId": "7", "email": "a"}, {"userId": 7}, {"userId": 0, "email": "a"}])
    def test_malformed(self, browser: Browser, body: object) -> None:
        assert browser.post(self.CREATE, json=body).status_code == 400


def test_hash_and_compare(browser: Browser) -> None:
    hashed = browser.post("/internal/auth/hash", json={"toHash": "secret"}).get_json()["hash"]
    for candidate, expected in [("secret", True), ("other", False)]:
        answer = browser.post("/internal/auth/is-equals", json={"toHash": candidate, "toCompare": hashed})
        assert answer.get_json()["isEquals"] is expected


@pytest.mark.parametrize("path", ["/health", "/system/auth/health", "/internal/auth/health", "/health/"])
def test_health(browser: Browser, path: str) -> None:
    answer = browser.request("GET", path)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "running")


def test_routes_that_are_not_there(browser: Browser) -> None:
    unknown = browser.request("GET", "/system/auth/nothing")
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "not_found")
    wrong_method = browser.request("GET", LOGIN)
    assert (wrong_method.status_code, wrong_method.headers["Allow"]) == (405, "POST")
    assert wrong_method.get_json()["success"] is False


def test_a_fault_tells_nothing(browser: Browser, users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_queries: Sequence[Query]) -> list[Any]:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(users, "read", fail)
    answer = browser.login()
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)
