"""Answers as they come over kept connections: all of one within a time limit, its head read at little cost."""

import io
import socket
import time
from http.client import HTTPException, HTTPResponse, LineTooLong, RemoteDisconnected
from typing import Any

_CONTINUE = 100
_WITHOUT_BODY = frozenset({204, 304})
_LONGEST_LINE = 65536
_MOST_HEADERS = 100
_BUFFER = 16384


def time_left(deadline: float) -> float:
    """The seconds until a point of time by `time.monotonic`; raises TimeoutError if there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Incoming(io.RawIOBase):
    """The bytes of one answer, which all have to be there within the timeout that the socket has at the beginning."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._socket = connection
        self._file = connection.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (connection.gettimeout() or 0)
        self._begun = False
        self.ended = False

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """See io.RawIOBase. A socket's own timeout would begin anew with each byte."""
        if self.ended:
            return 0
        if self._begun:
            self._socket.settimeout(time_left(self._deadline))
        self._begun = True
        return self._file.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._file.close()
        super().close()


class _Stream(io.BufferedReader):
    """An answer as it is read; `leftover` tells, once it is closed, whether there came more than that."""

    def __init__(self, incoming: _Incoming) -> None:
        super().__init__(incoming, _BUFFER)
        self._incoming = incoming
        self.leftover = False

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._incoming.ended = True
            self.leftover = bool(self.peek(1))
        super().close()


class _Source:
    """A socket as a response needs it: something that has a file."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def makefile(self, _mode: str) -> _Stream:
        """The file."""
        return self._stream


class KeptResponse(HTTPResponse):
    """A response with a time limit for all of it: the timeout of the socket when it is made.

    `fields` are its headers by their names in lower case, known when it has begun. They are not read with the parser of
    mails, as the base class does: that takes longer than all the rest of a call together (docs/performance.md).
    """

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        self.stream = _Stream(_Incoming(sock))
        self.fields: dict[str, str] = {}
        super().__init__(_Source(self.stream), debuglevel, method, url)  # type: ignore[arg-type] # it asks for no more

    def begin(self) -> None:
        """Read the head.

        Raises HTTPException if it is none, OSError if the connection fails or ends before its end.
        """
        is_current = False
        self.status = _CONTINUE
        while self.status == _CONTINUE:
            is_current, self.status = _status(self._line())
            self.fields = self._headers()
        self.chunked = self.fields.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = self._length()
        may_stay = is_current and "close" not in self.fields.get("connection", "").lower()
        self.will_close = not may_stay or (self.length is None and not self.chunked)

    def _length(self) -> int | None:
        """The length of the body in bytes, None if its end tells it."""
        if self.status in _WITHOUT_BODY or self.status < 200:
            return 0
        told = self.fields.get("content-length")
        if told is None or self.chunked:
            return None
        if not (told.isascii() and told.isdigit()):
            raise HTTPException("no length")
        return int(told)

    def _line(self) -> str:
        line = self.stream.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise LineTooLong("head") if len(line) == _LONGEST_LINE else RemoteDisconnected("in the head")
        return line.decode("latin-1").rstrip("\r\n")

    def _headers(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for _ in range(_MOST_HEADERS):
            line = self._line()
            if not line:
                return fields
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise HTTPException("no header")
            name, value = name.lower(), value.strip()
            before = fields.get(name)
            fields[name] = value if before is None else f"{before}, {value}"
        raise HTTPException("too many headers")


def _status(line: str) -> tuple[bool, int]:
    """Whether the first line of an answer tells HTTP/1.1, and the status; raises HTTPException if it tells neither."""
    version, _, rest = line.partition(" ")
    status = rest.partition(" ")[0]
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (status.isascii() and status.isdigit() and len(status) == 3):
        raise HTTPException("no status line")
    return version == "HTTP/1.1", int(status)
