"""Gunicorn's threaded worker, with threads only for clients that have something to say."""

import errno
import select
import selectors
import socket
import time
from concurrent.futures import Future
from functools import partial
from types import FrameType
from typing import Any

from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

SILENCE_SECONDS = 10.0
"""How long a new connection may stay silent, and how long each piece of a request's head may take."""
NEXT_REQUEST_MILLISECONDS = 2
"""How long a thread that isn't needed elsewhere waits for the next request on a connection."""
NOTICE_SECONDS = 0.5
"""How long the master isn't told again that the worker is alive."""

_HARMLESS = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


def _has_more(connection: TConn) -> bool:
    """Whether the client sends another request within the next moment."""
    waiting = select.poll()
    waiting.register(connection.sock, select.POLLIN)
    return bool(waiting.poll(NEXT_REQUEST_MILLISECONDS))


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

    last_notice = 0.0
    occupied = 0
    """How many connections are being worked on or wait for a thread; an estimate, as no lock guards it."""

    def notify(self) -> None:
        """Called by the main loop at every turn, which takes a second at most: the master is told twice a second.

        Each telling lets go of the interpreter's lock, which the threads that work on requests then fight about.
        """
        now = time.monotonic()
        if now - self.last_notice > NOTICE_SECONDS:
            self.last_notice = now
            super().notify()

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

    def enqueue_req(self, conn: TConn) -> None:
        """Called by the main loop when a connection has something to say."""
        self.occupied += 1
        super().enqueue_req(conn)

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Called by the main loop when a thread has done its work for a connection."""
        self.occupied -= 1
        super().finish_request(conn, fs)

    def handle(self, conn: TConn) -> Any:
        """Called by a thread; the result tells what becomes of the connection.

        As long as there are threads to spare, this one waits a moment for the next request of the same client: to hand
        the connection back to the main loop and to get it again costs as much as a small request.
        """
        result = super().handle(conn)
        while result is True and self.alive and self.occupied < self.cfg.threads and _has_more(conn):
            result = super().handle(conn)
        return result

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
