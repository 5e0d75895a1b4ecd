"""The HTTP pool over TLS."""

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from openslides_backend.services import kept_connections
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.exceptions import ServiceError
from tests.integration.services.certificates import Authority
from tests.integration.services.misbehaving_server import (
    Send,
    answer,
    both_ways,
    over_kept_connections,
    serving,
)


class TestTls:
    """The same over TLS, with an authority that the system trusts."""

    @pytest.fixture
    def authority(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
        authority = Authority(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
        return authority

    @both_ways
    def test_connections_are_reused(self, send: Send, authority: Authority) -> None:
        with serving(answer, tls=authority.server_context()) as server:
            pool = HttpPool()
            for _ in range(3):
                assert send(pool, server.url).json() == {}
            assert server.connections == 1

    def test_the_certificates_are_loaded_once(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        loads: list[None] = []
        load = ssl.SSLContext.load_default_certs
        monkeypatch.setattr(
            ssl.SSLContext, "load_default_certs", lambda context, *purpose: loads.append(load(context, *purpose))
        )
        monkeypatch.setattr(kept_connections, "MAX_IDLE_SECONDS", -1.0)
        with serving(answer, tls=authority.server_context()) as server:
            pool = HttpPool()
            for _ in range(3):
                assert over_kept_connections(pool, server.url).ok
            assert (server.connections, len(loads)) == (3, 1)

    @both_ways
    @pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"])
    def test_a_silent_service_times_out(self, send: Send, begun: bytes, authority: Authority) -> None:
        released = threading.Event()

        def wait(connection: socket.socket, _text: bytes, _number: int) -> bool:
            connection.sendall(begun)
            released.wait(10)
            return False

        with serving(wait, tls=authority.server_context()) as server:
            started = time.monotonic()
            with pytest.raises(ServiceError):
                send(HttpPool(read_timeout=0.3), server.url)
            assert time.monotonic() - started < 2
            released.set()

    @both_ways
    def test_unknown_authorities_are_refused(self, send: Send, authority: Authority, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        with serving(answer, tls=Authority(tmp_path / "other").server_context()) as server:
            with pytest.raises(ServiceError):
                send(HttpPool(patience=0), server.url)
            assert server.requests == []
