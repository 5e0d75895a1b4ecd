"""A server on a real socket that answers as a test wants it to, and the two ways to ask it."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from openslides_backend.services.http import HttpPool
from openslides_backend.services.transport import HttpAnswer

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: 5\r\n\r\n{}"
Behaviour = Callable[[socket.socket, bytes, int], bool]


class Server:
    """Calls its behaviour with each request (connection, text, its number); False closes the connection."""

    def __init__(self, behaviour: Behaviour, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.url = f"https://localhost:{self.port}/x" if tls else f"http://127.0.0.1:{self.port}/x"
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with connection:
            while text := self._read(connection):
                self.requests.append(text)
                if not self._behaviour(connection, text, len(self.requests)):
                    break
        self.closed.set()

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        text = b""
        try:
            while b"\r\n\r\n" not in text:
                part = connection.recv(65536)
                if not part:
                    return b""
                text += part
            head, _, body = text.partition(b"\r\n\r\n")
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            while len(body) < length:
                body += connection.recv(65536)
        except OSError:
            return b""
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(behaviour, tls=tls)
    try:
        yield server
    finally:
        server.close()


def answer(connection: socket.socket, _text: bytes, _number: int) -> bool:
    connection.sendall(ANSWER)
    return True


def answer_and_close(connection: socket.socket, _text: bytes, _number: int) -> bool:
    connection.sendall(ANSWER)
    return False


def close(_connection: socket.socket, _text: bytes, _number: int) -> bool:
    return False


def over_kept_connections(pool: HttpPool, url: str, body: bytes = b"1", **options: Any) -> HttpAnswer:
    return pool.begin("thing", "POST", url, body, **options).result()


def over_a_session(pool: HttpPool, url: str, body: bytes = b"1", **options: Any) -> HttpAnswer:
    return pool.post("thing", url, body, **options)


Send = Callable[..., HttpAnswer]
both_ways = pytest.mark.parametrize("send", [over_kept_connections, over_a_session])
