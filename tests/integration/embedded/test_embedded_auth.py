"""The embedded auth service over WSGI; users come from a reader that holds them in memory."""

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client, TestResponse

from openslides_backend.embedded.auth.application import AuthApplication, AuthSettings, create_auth_application
from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.embedded.auth.throttle import PAIR
from openslides_backend.services.datastore import Query
from openslides_backend.services.ended_sessions import MessageBusError
from openslides_backend.services.logouts import MessageBus
from openslides_backend.services.passwords import hash_password
from openslides_backend.services.tokens import TokenKey, bearer, from_bearer, from_quoted_bearer
from tests.integration.embedded.users import Users

TOKEN_KEY, COOKIE_KEY = "auth-dev-token-key", "auth-dev-cookie-key"
SALT = "s" * 64
LEGACY_HASH = SALT + base64.b64encode(hashlib.sha512(("old" + SALT).encode()).digest()).decode()
LOGIN = "/system/auth/login"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password("admin")


@pytest.fixture
def users(hashed: str) -> Users:
    return Users(
        {
            1: {"id": 1, "username": "admin", "password": hashed, "is_active": True},
            2: {"id": 2, "username": "old", "password": LEGACY_HASH, "is_active": True},
            3: {"id": 3, "username": "inactive", "password": hashed, "is_active": False},
            4: {"id": 4, "username": "saml", "saml_id": "x", "is_active": True},
            5: {"id": 5, "username": "twin", "password": hashed, "is_active": True},
            6: {"id": 6, "username": "twin", "password": hashed, "is_active": True},
            7: {"id": 7, "username": 7, "password": hashed, "is_active": True},
        }
    )


@pytest.fixture
def settings(tmp_path: Path) -> AuthSettings:
    return AuthSettings(TOKEN_KEY, COOKIE_KEY, f"sqlite:///{tmp_path}/auth.sqlite")


@pytest.fixture
def application(settings: AuthSettings, users: Users) -> AuthApplication:
    return create_auth_application(settings, users)


@dataclass
class Browser:
    """A client that keeps its two tokens."""

    application: AuthApplication
    header: str = ""
    cookie: str = ""

    def request(self, method: str, path: str, **more: Any) -> TestResponse:
        client = Client(self.application, use_cookies=False)
        headers = {"authentication": self.header} if self.header else {}
        if self.cookie:
            headers["Cookie"] = f"refreshId={self.cookie}"
        return client.open(path, method=method, headers={**headers, **more.pop("headers", {})}, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.request("POST", path, **more)

    def login(self, username: str = "admin", password: str = "admin") -> TestResponse:
        answer = self.post(LOGIN, json={"username": username, "password": password})
        if answer.status_code == 200:
            self.header = answer.headers["authentication"]
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        return answer

    def sessions(self) -> list[str]:
        answer = self.request("GET", "/system/auth/secure/list-sessions")
        assert answer.status_code == 200
        sessions: list[str] = answer.get_json()["sessions"]
        return sessions

    @property
    def session_id(self) -> str:
        return TokenKey(TOKEN_KEY).session_claims(from_bearer(self.header)).session_id

    def is_logged_in(self) -> bool:
        status = self.post("/internal/auth/authenticate").status_code
        assert status in {200, 403}
        return status == 200


@dataclass
class Bus:
    """A message bus that can be down."""

    down: bool = False
    heard: set[str] = field(default_factory=set)

    def ended(self, session_id: str) -> bool:
        return session_id in self.heard

    def publish(self, session_ids: Sequence[str]) -> None:
        if self.down:
            raise MessageBusError("down")
        self.heard.update(session_ids)

    def has_heard(self, session_id: str) -> bool:
        """Wait until it has."""
        deadline = time.monotonic() + 10
        while session_id not in self.heard and time.monotonic() < deadline:
            time.sleep(0.01)
        return session_id in self.heard


@pytest.fixture
def browser(application: AuthApplication) -> Browser:
    return Browser(application)


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


SECURE = [
    ("POST", "/system/auth/secure/logout"),
    ("GET", "/system/auth/secure/list-sessions"),
    ("POST", "/system/auth/secure/clear-session-by-id"),
    ("POST", "/system/auth/secure/clear-all-sessions-except-themselves"),
    ("POST", "/system/auth/secure/clear-all-sessions"),
]


class TestSessions:
    @pytest.mark.parametrize(("method", "path"), SECURE)
    def test_both_tokens_are_needed(self, browser: Browser, method: str, path: str) -> None:
        browser.login()
        for header, cookie in [("", ""), (browser.header, ""), ("", browser.cookie), (browser.header, "x")]:
            stranger = Browser(browser.application, header, cookie)
            assert stranger.request(method, path, json={"sessionId": browser.session_id}).status_code == 403
        assert browser.is_logged_in()

    def test_logout(self, browser: Browser) -> None:
        other = Browser(browser.application)
        browser.login()
        other.login()
        answer = browser.post("/system/auth/secure/logout")
        assert answer.status_code == 200
        assert answer.headers["Set-Cookie"].startswith("refreshId=;")
        assert not browser.is_logged_in()
        assert other.is_logged_in()
        assert other.sessions() == [other.session_id]

    def test_clear_session_by_id(self, browser: Browser) -> None:
        other, stranger = Browser(browser.application), Browser(browser.application)
        browser.login()
        other.login()
        stranger.login("old", "old")
        path = "/system/auth/secure/clear-session-by-id"
        for session_id in (other.session_id, stranger.session_id, "unknown"):
            assert browser.post(path, json={"sessionId": session_id}).status_code == 200
        assert browser.sessions() == [browser.session_id]
        assert stranger.is_logged_in()
        assert browser.post(path, json={}).status_code == 400

    def test_clear_others(self, browser: Browser) -> None:
        other, stranger = Browser(browser.application), Browser(browser.application)
        browser.login()
        other.login()
        stranger.login("old", "old")
        assert browser.post("/system/auth/secure/clear-all-sessions-except-themselves").status_code == 200
        assert [one.is_logged_in() for one in (browser, other, stranger)] == [True, False, True]

    def test_clear_all(self, browser: Browser) -> None:
        other, stranger = Browser(browser.application), Browser(browser.application)
        browser.login()
        other.login()
        stranger.login("old", "old")
        assert browser.post("/system/auth/secure/clear-all-sessions").status_code == 200
        assert [one.is_logged_in() for one in (browser, other, stranger)] == [False, False, True]

    def test_clear_by_user_id(self, browser: Browser) -> None:
        stranger = Browser(browser.application)
        browser.login()
        stranger.login("old", "old")
        answer = Browser(browser.application).post("/internal/auth/clear-sessions-by-user-id", json={"userId": 1})
        assert answer.status_code == 200
        assert [one.is_logged_in() for one in (browser, stranger)] == [False, True]

    def test_sessions_survive_a_restart(self, browser: Browser, settings: AuthSettings, users: Users) -> None:
        browser.login()
        restarted = Browser(create_auth_application(settings, users), browser.header, browser.cookie)
        assert restarted.is_logged_in()
        restarted.post("/system/auth/secure/logout")
        assert not browser.is_logged_in()

    @pytest.mark.redis
    def test_ended_sessions_are_published(
        self, settings: AuthSettings, users: Users, redis_address: tuple[str, int]
    ) -> None:
        bus = MessageBus(*redis_address)
        application = create_auth_application(
            AuthSettings(TOKEN_KEY, COOKIE_KEY, settings.database_url, redis_address), users
        )
        browser, other = Browser(application), Browser(application)
        browser.login()
        other.login()
        assert not bus.ended(browser.session_id)
        browser.post("/system/auth/secure/logout")
        assert bus.ended(browser.session_id)
        assert not bus.ended(other.session_id)
        bus.close()

    def test_what_could_not_be_published_is_published_later(self, settings: AuthSettings, users: Users) -> None:
        bus, store = Bus(down=True), SessionStore(settings.database_url)
        keys = TokenKey(TOKEN_KEY), TokenKey(COOKIE_KEY)
        browser = Browser(AuthApplication(*keys, store, users, bus))
        browser.login()
        session_id = browser.session_id
        assert browser.post("/system/auth/secure/logout").status_code == 200
        assert not browser.is_logged_in()
        assert store.unannounced() == [session_id]
        bus.down = False
        assert bus.has_heard(session_id)

    def test_what_could_not_be_published_is_published_after_a_restart(
        self, settings: AuthSettings, users: Users
    ) -> None:
        bus, store = Bus(), SessionStore(settings.database_url)
        session_id = store.create(1)
        store.end([session_id], announce=True)
        AuthApplication(TokenKey(TOKEN_KEY), TokenKey(COOKIE_KEY), store, users, bus)
        assert bus.has_heard(session_id)


class TestAccountsThatChange:
    """Deactivation is final, whatever happens at the same time."""

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_active": None}, {"password": "another"}])
    def test_during_the_login(
        self, browser: Browser, users: Users, settings: AuthSettings, change: dict[str, Any]
    ) -> None:
        users.after_read = lambda: users.models[1].update(change)
        assert browser.login().status_code == 403
        assert SessionStore(settings.database_url).of_user(1) == []

    def test_deleted_during_the_login(self, browser: Browser, users: Users) -> None:
        users.after_read = lambda: users.models.pop(1)
        assert browser.login().status_code == 403

    def test_renewing_a_token_looks_at_the_account(self, browser: Browser, users: Users) -> None:
        browser.login()
        users.models[1]["is_active"] = False
        assert browser.is_logged_in()
        assert browser.post("/system/auth/who-am-i").get_json()["message"] == "anonymous"
        assert not browser.is_logged_in()

    def test_so_does_an_expired_access_token(self, browser: Browser, users: Users) -> None:
        browser.login()
        del users.models[1]
        browser.header = bearer(TokenKey(TOKEN_KEY).sign_session(1, browser.session_id, -1))
        assert not browser.is_logged_in()

    def test_nobody_gets_a_token_while_the_datastore_is_down(self, browser: Browser, users: Users) -> None:
        browser.login()
        users.down = True
        answer = browser.post("/system/auth/who-am-i")
        assert answer.status_code == 503
        assert "authentication" not in answer.headers
        users.down = False
        assert browser.is_logged_in()


class TestOlderHashes:
    def test_are_replaced_at_login(self, browser: Browser, users: Users) -> None:
        assert browser.login("old", "wrong").status_code == 403
        assert users.models[2]["password"] == LEGACY_HASH
        assert browser.login("old", "old").status_code == 200
        assert users.models[2]["password"].startswith("$argon2id$")
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
        assert browser.post(LOGIN, json={"username": "\ud800", "password": "x"}).status_code == 400
        assert browser.post(LOGIN, json={"username": "admin", "password": "\ud800"}).status_code == 403
        browser.login()
        path = "/system/auth/secure/clear-session-by-id"
        assert browser.post(path, json={"sessionId": "\udfff"}).status_code == 400
        email = {"userId": 1, "email": "\ud800@example.com"}
        assert browser.post("/internal/auth/create-authorization-token", json=email).status_code == 400
        assert browser.post("/internal/auth/hash", json={"toHash": "\ud800"}).status_code == 200

    def test_large_ones(self, browser: Browser) -> None:
        assert browser.login("x" * 100_000, "x").status_code == 413


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
