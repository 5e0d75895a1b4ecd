"""Child processes that live and die together: the components of the master, the services of the supervisor."""

import contextlib
import ctypes
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import NoReturn, Self

_logger = logging.getLogger(__name__)
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


class StopRequested(Exception):
    """SIGTERM or SIGINT came: all is to end; `at_once` after SIGINT, which comes from somebody who waits for it."""

    def __init__(self, *, at_once: bool) -> None:
        super().__init__()
        self.at_once = at_once


def how_it_ended(code: int) -> str:
    """What an exit code says; negative ones are those of signals."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


class ChildDied(Exception):
    """A child ended by itself; `code` is its exit code, negative for the signal that ended it."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} {how_it_ended(code)}")
        self.name = name
        self.code = code


def die_with_parent(parent: int, signal_number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal as soon as its parent ends in whatever way (Linux only).

    `parent` is the id of the parent; if that has ended already, so does this process.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != parent:
        os._exit(1)


def name_process(name: str) -> None:
    """Set the name that `ps -o comm` shows for this process and those that it forks (Linux only, 15 characters)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _wake_up(_signal: int, _frame: FrameType | None) -> None:
    """Needed so that Python writes the signal to the wake-up socket."""


class ProcessGroup:
    """Starts children and watches them.

    Use it as a context manager: inside, signals to this process are noticed by `watch`; on leaving all children are
    stopped, and killed after `stop_timeout` seconds. Those of a higher level are stopped first: they need the others.
    """

    def __init__(self, stop_timeout: float) -> None:
        self.stop_timeout = stop_timeout
        self.pids: dict[str, int] = {}
        self._levels: dict[str, int] = {}
        self._may_end: set[str] = set()
        self._pid = os.getpid()
        self._receiver, self._sender = socket.socketpair()

    def __enter__(self) -> Self:
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, _wake_up)
        return self

    def __exit__(self, *_exception: object) -> None:
        if os.getpid() == self._pid:
            self.stop()

    def start(self, name: str, target: Callable[[], NoReturn], *, level: int = 0, may_end: bool = False) -> None:
        """Fork a child that runs `target`, which must end by `SystemExit` or by executing another program.

        A child that `may_end` does so with code 0 when its work is done.
        """
        pid = os.fork()
        if pid:
            self.pids[name] = pid
            self._levels[name] = level
            if may_end:
                self._may_end.add(name)
            return
        signal.set_wakeup_fd(-1)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        self._receiver.close()
        self._sender.close()
        die_with_parent(self._pid)
        target()

    def watch(self, timeout: float | None = None) -> None:
        """Wait until something happens, at most `timeout` seconds.

        Raises StopRequested if a signal says so, ChildDied if a child ended that should not have.
        """
        received = self._signals(timeout)
        if any(number in received for number in _STOP_SIGNALS):
            raise StopRequested(at_once=signal.SIGINT in received)
        for name, code in self._reap():
            if code or name not in self._may_end:
                raise ChildDied(name, code)

    def _signals(self, timeout: float | None) -> bytes:
        ready, _, _ = select.select([self._receiver], [], [], timeout)
        return self._receiver.recv(4096) if ready else b""

    def _reap(self) -> Iterator[tuple[str, int]]:
        """Take note of children that ended; as process 1 of a container there are others' orphans, too."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                for name in [name for name, child in self.pids.items() if child == pid]:
                    del self.pids[name]
                    yield name, os.waitstatus_to_exitcode(status)

    def stop(self) -> None:
        """End all children."""
        deadline = time.monotonic() + self.stop_timeout
        for level in sorted(set(self._levels.values()), reverse=True):
            names = [name for name in self.pids if self._levels[name] == level]
            self._kill(names, signal.SIGTERM)
            self._wait_for(names, deadline)

    def _wait_for(self, names: Sequence[str], deadline: float) -> None:
        while any(name in self.pids for name in names):
            if time.monotonic() > deadline:
                self._kill(names, signal.SIGKILL)
            self._signals(0.05)
            for name, code in self._reap():
                if code:
                    _logger.warning("%s ended with %s", name, code)

    def _kill(self, names: Sequence[str], number: int) -> None:
        for name in names:
            if name in self.pids:
                os.kill(self.pids[name], number)
