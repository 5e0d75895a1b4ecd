"""Logging in, out, and who is told what, over WSGI."""

import time
from dataclasses import replace
from ipaddress import ip_network

import pytest

from openslides_backend.embedded.auth.application import AuthApplication, AuthSettings, create_auth_application
from openslides_backend.embedded.auth.throttle import PAIR
from openslides_backend.services.passwords import hash_random_password, needs_new_hash
from openslides_backend.services.tokens import TokenKey, from_bearer, from_quoted_bearer
from tests.integration.embedded.auth.browser import COOKIE_KEY, LEGACY_HASH, LOGIN, TOKEN_KEY, Browser
from tests.integration.embedded.users import Users


class TestLogin:
    def test_good(self, browser: Browser) -> None:
        answer = browser.login()
        assert answer.status_code == 200
        assert answer.get_json()["success"] is True
        access = TokenKey(TOKEN_KEY).session_claims(from_bearer(browser.header))
        refresh = TokenKey(COOKIE_KEY).session_claims(from_quoted_bearer(browser.cookie))
        assert browser.cookie.startswith("bearer%20")
        assert (access.user_id, refresh.user_id) == (1, 1)
        assert access.session_id == refresh.session_id
        assert access.expires == pytest.approx(time.time() + 600, abs=3)
        assert refresh.expires == pytest.approx(time.time() + 86400, abs=3)

    def test_cookie_is_for_the_server_only(self, browser: Browser) -> None:
        attributes = browser.login().headers["Set-Cookie"]
        assert "HttpOnly" in attributes
        assert "Secure" not in attributes

    def test_cookie_is_secure_over_tls(self, browser: Browser) -> None:
        login = {"username": "admin", "password": "admin"}
        forwarded = browser.post(LOGIN, json=login, headers={"X-Forwarded-Proto": "https"})
        direct = browser.post(LOGIN, json=login, base_url="https://localhost")
        assert "Secure" in forwarded.headers["Set-Cookie"]
        assert "Secure" in direct.headers["Set-Cookie"]

    def test_older_password(self, browser: Browser) -> None:
        assert browser.login("old", "old").status_code == 200

    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("admin", "wrong"),
            ("admin", ""),
            ("nobody", "admin"),
            ("ADMIN", "admin"),
            ("inactive", "admin"),
            ("saml", ""),
            ("saml", "admin"),
            ("twin", "admin"),
            ("7", "admin"),
            ("", ""),
            ("admin", "\ud800"),
        ],
    )
    def test_refused(self, browser: Browser, username: str, password: str) -> None:
        answer = browser.login(username, password)
        assert answer.status_code == 403
        assert answer.get_json()["success"] is False
        assert "authentication" not in answer.headers
        assert "Set-Cookie" not in answer.headers

    def test_saml_account_that_has_a_password(self, browser: Browser, users: Users) -> None:
        users.models[1]["saml_id"] = "x"
        assert browser.login().status_code == 200

    def test_the_answer_does_not_tell_who_exists(self, browser: Browser) -> None:
        assert browser.login("admin", "wrong").get_json() == browser.login("nobody", "wrong").get_json()

    @pytest.mark.parametrize("body", [{}, {"username": "admin"}, {"username": 1, "password": "x"}, [], "x", None])
    def test_malformed(self, browser: Browser, body: object) -> None:
        assert browser.post(LOGIN, json=body).status_code == 400

    def test_no_json(self, browser: Browser) -> None:
        assert browser.post(LOGIN, data="{", content_type="application/json").status_code == 400
        assert browser.post(LOGIN, data="{}", content_type="text/plain").status_code == 400

    def test_guessing_is_refused_after_a_while(self, browser: Browser) -> None:
        for _ in range(PAIR.free):
            assert "Retry-After" not in browser.login("admin", "wrong").headers
        refused = browser.login()
        assert refused.status_code == 403
        assert refused.headers["Retry-After"] == "1"
        assert refused.get_json()["code"] == "too_many_logins"
        assert browser.login("old", "old").status_code == 200

    def test_many_good_logins_are_fine(self, browser: Browser) -> None:
        for _ in range(2 * PAIR.free):
            assert browser.login().status_code == 200

    def test_a_trusted_proxy_names_its_client(self, settings: AuthSettings, users: Users) -> None:
        trusting = replace(settings, trusted_proxies=(ip_network("127.0.0.0/8"),))
        browser = Browser(create_auth_application(trusting, users))
        wrong, good = {"username": "admin", "password": "wrong"}, {"username": "admin", "password": "admin"}
        near = {"environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
        for _ in range(PAIR.free):
            browser.post(LOGIN, json=wrong, headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.1"}, **near)
        guesser = browser.post(LOGIN, json=good, headers={"X-Forwarded-For": "9.9.9.9, 203.0.113.1"}, **near)
        other = browser.post(LOGIN, json=good, headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.2"}, **near)
        assert (guesser.status_code, other.status_code) == (403, 200)

    @pytest.mark.parametrize("address", ["9.9.9.9", "10.0.0.1", "127.0.0.1"])
    def test_a_stranger_can_not_name_another_address(self, browser: Browser, address: str) -> None:
        far = {"environ_base": {"REMOTE_ADDR": address}}
        statuses = [
            browser.post(
                LOGIN,
                json={"username": "admin", "password": "wrong" if number < PAIR.free else "admin"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
                **far,
            ).headers.get("Retry-After")
            for number in range(PAIR.free + 1)
        ]
        assert statuses == [None] * PAIR.free + ["1"]

    def test_reader_fails(self, browser: Browser, users: Users) -> None:
        users.down = True
        for _ in range(2 * PAIR.free):
            answer = browser.login()
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        users.down = False
        assert browser.login().status_code == 200


class TestEvents:
    def test_failed_and_throttled_logins(self, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
        for _ in range(PAIR.free + 1):
            browser.login(password="wrong and secret")
        browser.login("nobody and secret")
        failed, throttled = ("login_failed address=", "login_throttled address=")
        told = [line.getMessage() for line in caplog.records if vars(line).get("event")]
        assert sum(line.startswith(failed) for line in told) == PAIR.free + 1
        assert sum(line.startswith(throttled) and line.endswith(" seconds=1") for line in told) == 1
        assert not [line for line in told if "secret" in line]


class TestWhoAmI:
    def test_logged_in(self, browser: Browser) -> None:
        browser.login()
        answer = Browser(browser.application, cookie=browser.cookie).post("/system/auth/who-am-i")
        assert answer.status_code == 200
        claims = TokenKey(TOKEN_KEY).session_claims(from_bearer(answer.headers["authentication"]))
        assert (claims.user_id, claims.session_id) == (1, browser.session_id)

    @pytest.mark.parametrize("cookie", ["", "rubbish", "bearer%20a.b.c"])
    def test_anonymous(self, application: AuthApplication, cookie: str) -> None:
        answer = Browser(application, cookie=cookie).post("/system/auth/who-am-i")
        assert answer.status_code == 200
        assert answer.get_json() == {"success": True, "message": "anonymous"}
        assert "authentication" not in answer.headers

    def test_the_access_token_is_no_cookie(self, browser: Browser) -> None:
        browser.login()
        answer = Browser(browser.application, cookie=browser.header).post("/system/auth/who-am-i")
        assert answer.get_json()["message"] == "anonymous"

    def test_session_has_ended(self, browser: Browser) -> None:
        browser.login()
        browser.post("/system/auth/secure/logout")
        assert browser.post("/system/auth/who-am-i").get_json()["message"] == "anonymous"


class TestOlderHashes:
    def test_are_replaced_at_login(self, browser: Browser, users: Users) -> None:
        assert browser.login("old", "wrong").status_code == 403
        assert users.models[2]["password"] == LEGACY_HASH
        assert browser.login("old", "old").status_code == 200
        assert users.models[2]["password"].startswith("$argon2id$")
        assert browser.login("old", "old").status_code == 200

    def test_are_replaced_if_they_were_cheap(self, browser: Browser, users: Users) -> None:
        """Those of passwords that were drawn at random for many accounts."""
        cheap = hash_random_password("old")
        users.models[2]["password"] = cheap
        assert browser.login("old", "old").status_code == 200
        assert users.models[2]["password"] != cheap
        assert not needs_new_hash(users.models[2]["password"])
        assert browser.login("old", "old").status_code == 200

    def test_a_login_does_not_depend_on_it(self, browser: Browser, users: Users) -> None:
        users.read_only = True
        assert browser.login("old", "old").status_code == 200
        assert users.models[2]["password"] == LEGACY_HASH


class TestOddBodies:
    ROUTES = (LOGIN, "/internal/auth/create-authorization-token", "/internal/auth/hash", "/internal/auth/is-equals")

    @pytest.mark.parametrize("path", ROUTES)
    def test_nested_deeply(self, browser: Browser, path: str) -> None:
        for body in ("[" * 30_000, '{"username":' * 5_000, "1" * 5_000):
            assert browser.post(path, data=body, content_type="application/json").status_code == 400

    @pytest.mark.parametrize("user_id", [2**70, 2**31, 10**300])
    def test_ids_that_nobody_has(self, browser: Browser, user_id: int) -> None:
        for name in ("clear-sessions-by-user-id", "create-authorization-token"):
            body = {"userId": user_id, "email": "a@example.com"}
            assert browser.post(f"/internal/auth/{name}", json=body).status_code == 400

    def test_lone_surrogates(self, browser: Browser) -> None:
        refused = browser.post(LOGIN, json={"username": "\ud800", "password": "x"})
        assert (refused.status_code, (refused.json or {})["field"]) == (400, "username")
        assert browser.post(LOGIN, json={"username": "admin", "password": "\ud800"}).status_code == 403
        browser.login()
        path = "/system/auth/secure/clear-session-by-id"
        assert browser.post(path, json={"sessionId": "\udfff"}).status_code == 400
        email = {"userId": 1, "email": "\ud800@example.com"}
        assert browser.post("/internal/auth/create-authorization-token", json=email).status_code == 400
        assert browser.post("/internal/auth/hash", json={"toHash": "\ud800"}).status_code == 200

    def test_large_ones(self, browser: Browser) -> None:
        assert browser.login("x" * 100_000, "x").status_code == 413
