"""Gunicorn's threaded worker, with threads only for clients that have something to say."""

import errno
import selectors
import socket
import time
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

SILENCE_SECONDS = 10.0
"""How long a new connection may stay silent, and how long each piece of a request's head may take."""

_HARMLESS = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


class PatientConnection(TConn):
    """A connection whose client can't hold a thread by stopping in the middle of a request's head."""

    def init(self) -> None:
        """Called by a thread before each request."""
        super().init()
        self.sock.settimeout(SILENCE_SECONDS)


class PatientWorker(ThreadWorker):
    """New connections wait in the poller for their first byte, not in a thread.

    Gunicorn's own worker keeps a thread waiting for five seconds: as many silent connections as there are threads would
    stop the service for that time.
    """

    def accept(self, listener: socket.socket) -> None:
        """Called by the main loop when a client wants to connect."""
        try:
            client, peer = listener.accept()
        except OSError as error:
            if error.errno in _HARMLESS:
                return
            raise
        self.nr_conns += 1
        connection = PatientConnection(self.cfg, client, peer, listener.getsockname())
        connection.timeout = time.monotonic() + SILENCE_SECONDS
        self.pending_conns.append(connection)
        readable = partial(self.on_pending_socket_readable, connection)
        self.poller.register(client, selectors.EVENT_READ, readable)

    def handle_request(self, req: Request, conn: TConn) -> Any:
        """Called by a thread when the head of a request is complete: from here on the application sets the limits."""
        conn.sock.setblocking(True)
        return super().handle_request(req, conn)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called when the worker is told to stop: silent connections aren't waited for."""
        super().handle_exit(sig, frame)
        now = time.monotonic()
        for connection in list(self.pending_conns):
            connection.timeout = now
