"""Connections to the other services that fail in the middle: a clear error, nothing written, and then all is well."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import product

import pytest

from dev.bulk_data import MEETING, BulkData
from dev.load import ACTION_PATH, PRESENTER_PATH, Answer, Client, Credentials, log_in
from dev.stack import Stack, free_ports
from tests.system.processes import python, wait_until_healthy

SERVICES = ("PERMISSION", "AUTH", "DATASTORE_READER", "DATASTORE_WRITER")
QUESTION = [{"presenter": "number_of_users", "data": {"number_of_users_to_add_or_activate": 1}}]
REPLIES = {
    "closed": b"",
    "no HTTP": b"\x00\xff rubbish\r\n\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000,
}
SLOW = "no answer"
UNUSABLE = ("no HTTP",)
"""Nothing is repeated after this. Lost connections cost each service's reads all the patience that there is."""


class Proxy:
    """Hands connections on to a port of this machine or, while `fault` names one, answers them with that."""

    def __init__(self, target: int) -> None:
        self.fault: str | None = None
        self._target = target
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator[None]:
        """Accept connections."""
        thread = threading.Thread(target=self._accept)
        thread.start()
        try:
            yield
        finally:
            self._listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._listener.close()
            self.drop()

    @contextmanager
    def failing(self, fault: str) -> Iterator[None]:
        """All connections fail like this, those that are open already are closed."""
        self.fault = fault
        self.drop()
        try:
            yield
        finally:
            self.fault = None
            self.drop()

    def drop(self) -> None:
        """Close all connections."""
        for connection in list(self._open):
            self._close(connection)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(client)
            if self.fault == SLOW:
                continue
            work = self._fail if self.fault else self._hand_on
            threading.Thread(target=work, args=(client,), daemon=True).start()

    def _fail(self, client: socket.socket) -> None:
        reply = REPLIES[self.fault or "closed"]
        try:
            client.recv(65536)
            client.sendall(reply)
        except OSError:
            pass
        self._close(client)

    def _hand_on(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._target))
        self._open.add(server)
        threading.Thread(target=self._copy, args=(server, client), daemon=True).start()
        self._copy(client, server)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        self._close(source)
        self._close(target)

    def _close(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


class World:
    """A stack, and components of our own which reach its services through proxies."""

    def __init__(self, stack: Stack) -> None:
        self.data = BulkData(stack)
        self.data.load_example()
        self.proxies = {name: Proxy(stack.ports[name]) for name in SERVICES}
        self._action, self._presenter = free_ports(2)
        self._credentials: Credentials = log_in(stack, "chair", "chair")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Proxies and components work."""
        variables = {
            "OPENSLIDES_DEVELOPMENT": "1",
            "OPENSLIDES_BACKEND_RELOAD": "0",
            "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1",
            "ACTION_PORT": str(self._action),
            "PRESENTER_PORT": str(self._presenter),
            **{f"{name}_PORT": str(proxy.port) for name, proxy in self.proxies.items()},
        }
        with ExitStack() as running:
            for proxy in self.proxies.values():
                running.enter_context(proxy.running())
            running.enter_context(python("openslides_backend", variables))
            wait_until_healthy(
                f"http://127.0.0.1:{self._action}/system/action/health",
                f"http://127.0.0.1:{self._presenter}/system/presenter/health",
            )
            yield

    def create(self, name: str) -> Answer:
        """Create a tag."""
        payload = [{"action": "tag.create", "data": [{"name": name, "meeting_id": MEETING}]}]
        return self._post(self._action, ACTION_PATH, payload)

    def ask(self) -> Answer:
        """Ask a presenter that has to read."""
        return self._post(self._presenter, PRESENTER_PATH, QUESTION)

    def tags(self) -> set[str]:
        """The names of the tags that are stored."""
        return {tag["name"] for tag in self.data.all_of("tag", "name").values()}

    def _post(self, port: int, path: str, payload: object) -> Answer:
        with Client(f"http://127.0.0.1:{port}", path, self._credentials) as client:
            return client.post(payload)


def is_clear_error(answer: Answer) -> bool:
    """Whether it is an error as clients expect it."""
    return answer.status == 503 and answer.body["success"] is False and bool(answer.body["message"])


def check(cases: Sequence[tuple[str, str]]) -> None:
    """Services with faults."""
    with Stack() as stack:
        world = World(stack)
        with world.running():
            for service, fault in cases:
                case = f"{service} {fault}"
                with world.proxies[service].failing(fault):
                    assert is_clear_error(world.create(f"{case} failed")), case
                    if service in ("AUTH", "DATASTORE_READER"):
                        assert is_clear_error(world.ask()), case
                assert world.create(case).status == 200, case
                assert world.ask().status == 200, case
            tags = world.tags()
    assert {f"{service} {fault}" for service, fault in cases} <= tags
    assert not [tag for tag in tags if tag.endswith("failed")]


def test_broken_connections() -> None:
    check([*product(("DATASTORE_WRITER",), REPLIES), *product(SERVICES, UNUSABLE)])


@pytest.mark.long
def test_broken_connections_of_all_services() -> None:
    check([*product(SERVICES, REPLIES)])


@pytest.mark.long
def test_no_answer() -> None:
    check([*product(SERVICES, (SLOW,))])
