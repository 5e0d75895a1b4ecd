"""The mail server is asked seldom, however many want to know."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from openslides_backend.services.mail import MailConnection, MailServerUnavailable
from openslides_backend.services.mail_check import MailServerCheck
from openslides_backend.services.mail_message import Mail

WAIT = 10


class Server:
    """Counts connections; refuses them while it is `down`, and takes its time as long as it is not `allowed`."""

    def __init__(self) -> None:
        self.connections = 0
        self.down = False
        self.allowed = threading.Event()
        self.allowed.set()

    def sender_is_valid(self) -> bool:
        return True

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        self.connections += 1
        assert self.allowed.wait(WAIT)
        if self.down:
            raise MailServerUnavailable
        yield self

    def send(self, mail: Mail) -> None:
        raise AssertionError


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_outcome_holds_for_a_while() -> None:
    server, clock = Server(), Clock()
    check = MailServerCheck(10, clock)
    assert [check.is_usable(server) for _ in range(5)] == [True] * 5
    server.down = True
    clock.now = 9.9
    assert check.is_usable(server)
    assert server.connections == 1
    clock.now = 10
    assert not check.is_usable(server)
    server.down = False
    assert not check.is_usable(server)
    assert server.connections == 2
    check.clear()
    assert check.is_usable(server)


def test_many_at_once_wait_for_one_connection() -> None:
    server = Server()
    server.allowed.clear()
    check = MailServerCheck()
    with ThreadPoolExecutor(8) as executor:
        answers = [executor.submit(check.is_usable, server) for _ in range(8)]
        server.allowed.set()
        assert all(answer.result(WAIT) for answer in answers)
    assert server.connections == 1
