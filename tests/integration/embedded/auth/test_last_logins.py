"""When accounts were logged in with last (auth.md, "Beyond the contract")."""

import time
from threading import Event, Timer

import pytest

from openslides_backend.embedded.auth.accounts import Account
from openslides_backend.embedded.auth.last_logins import LONGEST_WAIT_SECONDS, PRECISION_SECONDS, LastLogins
from tests.integration.embedded.auth.browser import Browser
from tests.integration.embedded.users import Users

TOO_LONG = 10.0
"""Seconds; far more than a login takes on a busy machine, and less than a stuck writer would."""


def last_login(users: Users, id_: int = 1) -> int | None:
    found: int | None = users.models[id_].get("last_login")
    return found


def wait_until_written(users: Users, id_: int = 1) -> None:
    deadline = time.monotonic() + TOO_LONG
    while last_login(users, id_) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestLastLogin:
    def test_is_written(self, browser: Browser, users: Users) -> None:
        assert browser.login().status_code == 200
        wait_until_written(users)
        assert last_login(users) == pytest.approx(time.time(), abs=5)

    def test_is_there_before_the_answer(self, users: Users) -> None:
        users.stuck = Event()
        Timer(0.1, users.stuck.set).start()
        LastLogins(users, longest_wait=TOO_LONG).note(Account(1))
        assert last_login(users) is not None

    def test_others_are_replaced(self, users: Users) -> None:
        now = int(time.time())
        for last in (1, now - PRECISION_SECONDS - 10, now + 1000):
            users.models[1].pop("last_login", None)
            LastLogins(users).note(Account(1, last_login=last))
            wait_until_written(users)
            assert last_login(users) == pytest.approx(time.time(), abs=5)

    def test_is_not_written_again_and_again(self, browser: Browser, users: Users) -> None:
        browser.login()
        wait_until_written(users)
        for _ in range(2):
            assert browser.login().status_code == 200
        assert users.writes == 1

    def test_nothing_else_changes(self, browser: Browser, users: Users) -> None:
        before = dict(users.models[1])
        browser.login()
        wait_until_written(users)
        assert {**before, "last_login": last_login(users)} == users.models[1]

    @pytest.mark.parametrize(("name", "id_"), [("admin", 1), ("inactive", 3), ("saml", 4), ("twin", 5), ("nobody", 1)])
    def test_refused_logins_write_nothing(self, browser: Browser, users: Users, name: str, id_: int) -> None:
        assert browser.login(name, "wrong" if name == "admin" else "admin").status_code == 403
        assert (users.writes, last_login(users, id_)) == (0, None)

    def test_account_changed_meanwhile(self, browser: Browser, users: Users) -> None:
        users.after_read = lambda: users.models[1].update(is_active=False)
        assert browser.login().status_code == 403
        assert users.writes == 0


class TestWriterFails:
    def test_login_succeeds(self, browser: Browser, users: Users) -> None:
        users.read_only = True
        assert browser.login().status_code == 200
        assert last_login(users) is None

    def test_is_told_and_the_next_one_is_written(self, users: Users, caplog: pytest.LogCaptureFixture) -> None:
        users.read_only = True
        last_logins = LastLogins(users, longest_wait=TOO_LONG)
        last_logins.note(Account(1))
        users.read_only = False
        last_logins.note(Account(2))
        assert last_login(users, 1) is None
        assert last_login(users, 2) is not None
        assert "the login of user 1 was not written: ServiceError" in caplog.text

    def test_a_stuck_one_holds_no_login_up(self, browser: Browser, users: Users) -> None:
        users.stuck, started = Event(), time.monotonic()
        assert browser.login().status_code == 200
        passed = time.monotonic() - started
        assert last_login(users) is None
        users.stuck.set()
        wait_until_written(users)
        assert LONGEST_WAIT_SECONDS < passed < TOO_LONG

    def test_only_the_first_login_waits_for_a_stuck_one(self, users: Users) -> None:
        users.stuck = Event()
        last_logins, started = LastLogins(users), time.monotonic()
        for _ in range(100):
            last_logins.note(Account(1))
        passed = time.monotonic() - started
        users.stuck.set()
        wait_until_written(users)
        assert passed < 50 * LONGEST_WAIT_SECONDS

    def test_waits_again_when_it_is_well(self, users: Users) -> None:
        users.stuck = Event()
        last_logins = LastLogins(users, longest_wait=0.05)
        last_logins.note(Account(1))
        users.stuck.set()
        for id_ in (1, 2):  # one after the other: when the second is written, the first is done with
            last_logins.note(Account(id_))
            wait_until_written(users, id_)
        users.stuck = Event()
        started = time.monotonic()
        last_logins.note(Account(3))
        passed = time.monotonic() - started
        users.stuck.set()
        wait_until_written(users, 3)
        assert passed >= 0.05
