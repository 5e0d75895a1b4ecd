"""Polls whose vote service is slow, over real sockets: a clear error in time, nothing half-done, no ballot is lost."""

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import product

import pytest
from werkzeug.test import Client

from openslides_backend.services.http import HttpPool
from openslides_backend.services.vote import VoteClient
from openslides_backend.wsgi import create_action_application
from tests.integration.actions.voting import ZERO, VotingTest
from tests.integration.services.misbehaving_server import Server

TIMEOUT_SECONDS = 1.0
IN_TIME_SECONDS = 6.0
"""The timeout, and what a busy machine adds to it. An answer that drips takes longer."""
_DRIP_SECONDS, _DRIPS = 0.1, 150
_NEVER = "never"
_FIRST_BYTES = {
    _NEVER: b"",
    "a head that drips": b"HTTP/1.1 200 OK\r\nX-Thing: ",
    "a body that drips": b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n",
}
FAULTS = list(product(_FIRST_BYTES, [False, True]))
"""How an answer comes, and whether the service has done what it was asked for nevertheless."""


class SlowService:
    """A door to a vote service; it answers the command that `slow` names as `fault` says."""

    def __init__(self, service: Client) -> None:
        self.slow, self.fault, self.done = "", "", False
        self._service = service
        self._over = threading.Event()
        self.server = Server(self._behave)

    def close(self) -> None:
        self._over.set()
        self.server.close()

    @contextmanager
    def slowed(self, slow: str, fault: str, *, done: bool) -> Iterator[None]:
        self.slow, self.fault, self.done = slow, fault, done
        began = time.monotonic()
        yield
        assert TIMEOUT_SECONDS <= time.monotonic() - began < IN_TIME_SECONDS
        self.slow = ""

    def _behave(self, connection: socket.socket, text: bytes, _number: int) -> bool:
        head, _, body = text.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        target = first.split(" ")[1]
        is_slow = bool(self.slow) and target.partition("?")[0].endswith(f"/{self.slow}")
        if self.done or not is_slow:
            headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
            answer = self._service.post(target, data=body, headers=headers)
            told = f"HTTP/1.1 {answer.status}\r\nContent-Length: {len(answer.data)}\r\n\r\n".encode() + answer.data
        if not is_slow:
            connection.sendall(told)
            return True
        self._be_slow(connection)
        return False

    def _be_slow(self, connection: socket.socket) -> None:
        with suppress(OSError):  # nobody waits for it any more
            connection.sendall(_FIRST_BYTES[self.fault])
            for _ in range(_DRIPS):
                if self._over.wait(_DRIP_SECONDS):
                    return
                if self.fault != _NEVER:
                    connection.sendall(b" ")


class TestSlowService(VotingTest):
    """The way from actions to the vote service leads over such a door."""

    @pytest.fixture(autouse=True)
    def door(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowService]:
        door, pool = SlowService(self.stack.vote), HttpPool(read_timeout=TIMEOUT_SECONDS)
        url = f"http://127.0.0.1:{door.server.port}"
        client = VoteClient(pool, f"{url}/internal/vote", f"{url}/system/vote")
        services = dataclasses.replace(self.stack.services, vote=client)
        application = create_action_application(self.stack.environment, services)
        monkeypatch.setattr(self.stack, "action", Client(application, use_cookies=False))
        self.poll_id = self.electronic_poll()
        self.voters = [self.voter(), self.voter()]
        yield door
        door.close()
        pool.close()

    def begin(self) -> None:
        self.do("start", self.poll_id)
        for user_id in self.voters:
            self.vote(self.poll_id, {0: "Y"}, user_id)

    def fail(self, name: str) -> None:
        answer = self.request(f"poll.{name}", {"id": self.poll_id}).assert_status(503, "vote")
        assert answer.body["success"] is False

    def check_is_counted(self) -> None:
        assert self.results_of(self.poll_id)[0] == ("2.000000", ZERO, ZERO)
        expected = {"state": "finished", "voted_ids": self.voters, "votescast": "2.000000"}
        self.assert_model_exists(f"poll/{self.poll_id}", expected)

    @pytest.mark.parametrize(("fault", "done"), FAULTS)
    def test_start(self, door: SlowService, fault: str, done: bool) -> None:
        with door.slowed("start", fault, done=done):
            self.fail("start")
        self.assert_model_exists(f"poll/{self.poll_id}", {"state": "created"})
        self.begin()
        self.do("stop", self.poll_id)
        self.check_is_counted()

    @pytest.mark.parametrize(("fault", "done"), FAULTS)
    def test_stop(self, door: SlowService, fault: str, done: bool) -> None:
        self.begin()
        with door.slowed("stop", fault, done=done):
            self.fail("stop")
        poll = self.get_model(f"poll/{self.poll_id}")
        assert (poll["state"], poll.get("voted_ids")) == ("started", None)
        assert not self.find_models("vote")
        self.do("stop", self.poll_id)
        self.check_is_counted()

    @pytest.mark.parametrize(("fault", "done"), FAULTS)
    def test_clear(self, door: SlowService, fault: str, done: bool) -> None:
        """What is stored already is told to be so; the old ballots don't come back."""
        self.begin()
        with door.slowed("clear", fault, done=done):
            self.do("stop", self.poll_id)
        self.check_is_counted()
        self.do("reset", self.poll_id)
        self.begin()
        self.do("stop", self.poll_id)
        self.check_is_counted()

    @pytest.mark.parametrize(("fault", "done"), FAULTS)
    def test_ballot(self, door: SlowService, fault: str, done: bool) -> None:
        """Nobody knows whether it was taken, so the voter sends it again: it counts once."""
        self.do("start", self.poll_id)
        first, second = self.voters
        with door.slowed("vote", fault, done=done):
            self.vote(self.poll_id, {0: "Y"}, first, 400)
        self.vote(self.poll_id, {0: "Y"}, first, 400 if done else 200)
        self.vote(self.poll_id, {0: "Y"}, second)
        self.do("stop", self.poll_id)
        self.check_is_counted()
