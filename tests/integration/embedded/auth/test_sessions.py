"""Sessions of the embedded auth service, and accounts that change meanwhile."""

from typing import Any

import pytest

from openslides_backend.embedded.auth.application import AuthApplication, AuthSettings, create_auth_application
from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.services.logouts import MessageBus
from openslides_backend.services.tokens import TokenKey, bearer
from tests.integration.embedded.auth.browser import COOKIE_KEY, TOKEN_KEY, Browser, Bus
from tests.integration.embedded.users import Users

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
