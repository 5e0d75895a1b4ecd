"""How failed logins are slowed down."""

import sys

from openslides_backend.embedded.auth.throttle import ADDRESS, PAIR, USERNAME, LoginThrottle
from openslides_backend.services.throttle import FORGET_AFTER_SECONDS, MAX_ENTRIES, Pause, Throttle


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(throttle: LoginThrottle, clock: Clock, username: str, address: str, times: int) -> None:
    """Failed logins, each as soon as it is allowed."""
    for _ in range(times):
        if wait := throttle.begin(username, address):
            clock.now += wait
            assert throttle.begin(username, address) == 0.0


def test_a_few_mistakes_are_free_then_delays_grow() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    fail(throttle, clock, "admin", "a", PAIR.free)
    assert clock.now == 1000.0
    delays = []
    for _ in range(12):
        before = clock.now
        fail(throttle, clock, "admin", "a", 1)
        delays.append(clock.now - before)
    assert delays[:4] == [1.0, 2.0, 4.0, 8.0]
    assert max(delays) == PAIR.longest


def test_refused_tries_do_not_count() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    fail(throttle, clock, "admin", "a", PAIR.free)
    waits = {throttle.begin("admin", "a") for _ in range(100)}
    assert waits == {1.0}
    clock.now += 1.0
    assert throttle.begin("admin", "a") == 0.0


def test_others_are_not_slowed_down() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    fail(throttle, clock, "admin", "a", PAIR.free)
    assert throttle.begin("admin", "a") > 0
    assert throttle.begin("admin", "b") == 0.0
    assert throttle.begin("other", "a") == 0.0


def test_many_addresses_guess_one_password() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    for number in range(USERNAME.free):
        assert throttle.begin("admin", f"a{number}") == 0.0
    assert throttle.begin("admin", "fresh") == 1.0
    clock.now += 1.0
    fail(throttle, clock, "admin", "b", 3)
    for number in range(10):
        fail(throttle, clock, "admin", f"c{number}", 1)
    assert throttle.begin("admin", "victim") <= USERNAME.longest


def test_one_address_guesses_many_names() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    for number in range(ADDRESS.free):
        assert throttle.begin(f"user{number}", "a") == 0.0
    assert throttle.begin("fresh", "a") == 1.0
    assert throttle.begin("fresh", "b") == 0.0


def test_success_forgives_the_name_but_not_the_address() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    for number in range(ADDRESS.free - 1):
        throttle.begin(f"user{number}", "a")
    for _ in range(10):
        assert throttle.begin("own", "a") == 0.0
        throttle.succeeded("own", "a")
    throttle.begin("victim", "a")
    assert throttle.begin("own", "a") == 1.0


def test_success_makes_mistakes_free_again() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    fail(throttle, clock, "admin", "a", PAIR.free - 1)
    throttle.begin("admin", "a")
    throttle.succeeded("admin", "a")
    fail(throttle, clock, "admin", "a", PAIR.free)
    assert clock.now == 1000.0


def test_logins_that_could_not_be_judged_do_not_count() -> None:
    throttle = LoginThrottle(Throttle(Clock()))
    for _ in range(10 * PAIR.free):
        assert throttle.begin("admin", "a") == 0.0
        throttle.abandoned("admin", "a")


def test_failures_are_forgotten() -> None:
    clock = Clock()
    throttle = LoginThrottle(Throttle(clock))
    fail(throttle, clock, "admin", "a", PAIR.free + 2)
    clock.now += FORGET_AFTER_SECONDS
    fail(throttle, clock, "admin", "a", PAIR.free)
    assert throttle.begin("admin", "a") == 1.0


def test_memory_is_bounded() -> None:
    throttle = Throttle(Clock())
    logins = LoginThrottle(throttle)
    for number in range(MAX_ENTRIES):
        logins.begin(f"user{number}", f"a{number}")
    assert len(throttle._records) <= MAX_ENTRIES + 3


def test_long_names_take_no_more_memory_than_short_ones() -> None:
    throttle = Throttle(Clock())
    for number in range(3):
        LoginThrottle(throttle).begin(f"{number}" * 1_000_000, "a")
    assert sum(sys.getsizeof(key) for key in throttle._records) < 1000


def test_names_that_are_no_proper_text() -> None:
    assert LoginThrottle(Throttle(Clock())).begin("\ud800", "a") == 0.0


class TestPause:
    def test_once_in_a_while(self) -> None:
        clock = Clock()
        pause = Pause(60.0, clock)
        assert [pause.may(key) for key in ("a", "a", "b")] == [True, False, True]
        clock.now += 59.0
        assert not pause.may("a")
        clock.now += 1.0
        assert pause.may("a")
        pause.clear()
        assert pause.may("a")

    def test_memory_is_bounded(self) -> None:
        pause = Pause(60.0, Clock())
        assert all(pause.may(f"{number}") for number in range(MAX_ENTRIES + 10))
        assert len(pause._ends) == MAX_ENTRIES
