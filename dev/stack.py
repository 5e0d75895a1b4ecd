"""A whole stack of its own: free ports, a data folder that is thrown away, no reload; for tests and measurements."""

import base64
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from openslides_backend.environment import DEVELOPMENT_INTERNAL_PASSWORD
from openslides_backend.serve.processes import die_with_parent
from openslides_backend.shared.internal_access import internal_headers

ROOT = Path(__file__).resolve().parent.parent
_PORTS = ("ACTION", "PRESENTER", "AUTH", "PERMISSION", "MEDIA", "DATASTORE_READER", "DATASTORE_WRITER", "VOTE")
_PORT_RANGE = range(20000, 32000)
"""Below the ports that the system gives to outgoing connections."""
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")
"""Nothing else is passed on: a stack of its own must not find the database of another."""
_READY = "Ready after"
_STOP_SECONDS = 60
_COMM_LENGTH = 15


class StackFailed(Exception):
    """The stack ended before it was ready; the message holds what it said."""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on at the moment."""
    ports: list[int] = []
    for port in random.sample(_PORT_RANGE, len(_PORT_RANGE)):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("0.0.0.0", port))  # noqa: S104 - as the components do
            except OSError:
                continue
        ports.append(port)
        if len(ports) == count:
            return ports
    raise StackFailed("there are no free ports")


class Stack:
    """All services, running: `with Stack() as stack: requests.post(stack.action_url, ...)`.

    In development mode unless `development` is false; `variables` are set on top of what the stack needs. The data
    folder is a temporary one unless `folder` names it: then it stays, and another stack can go on with it. What the
    processes log is in `log`.
    """

    def __init__(
        self, variables: Mapping[str, str] | None = None, *, development: bool = True, folder: Path | None = None
    ) -> None:
        self._temporary = None if folder else Path(tempfile.mkdtemp(prefix="openslides-"))
        self.folder = folder or self._temporary or Path()
        self.development = development
        self.ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        self.variables = {
            "OPENSLIDES_DEVELOPMENT": "1" if development else "",
            "OPENSLIDES_BACKEND_RELOAD": "0",
            "OPENSLIDES_LOGLEVEL": "info",
            "OPENSLIDES_DATA_FOLDER": str(self.folder / "data"),
            **{f"{name}_PORT": str(port) for name, port in self.ports.items()},
            **(variables or {}),
        }
        self.action_url = f"http://127.0.0.1:{self.ports['ACTION']}"
        self.presenter_url = f"http://127.0.0.1:{self.ports['PRESENTER']}"
        self.auth_url = f"http://127.0.0.1:{self.ports['AUTH']}"
        self.permission_url = f"http://127.0.0.1:{self.ports['PERMISSION']}"
        self.media_url = f"http://127.0.0.1:{self.ports['MEDIA']}/internal/media"
        self.vote_url = f"http://127.0.0.1:{self.ports['VOTE']}"
        self.reader_url = f"http://127.0.0.1:{self.ports['DATASTORE_READER']}/internal/datastore/reader"
        self.writer_url = f"http://127.0.0.1:{self.ports['DATASTORE_WRITER']}/internal/datastore/writer"
        self.process: subprocess.Popen[str] | None = None

    @property
    def log_file(self) -> Path:
        """Where everything goes that the processes log."""
        return self.folder / "log"

    @property
    def log(self) -> str:
        """What has been logged so far."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    @property
    def internal_password(self) -> str:
        """What opens the internal services and routes."""
        file = self.folder / "data" / "secrets" / "internal_auth_password"
        return DEVELOPMENT_INTERNAL_PASSWORD if self.development else file.read_text(encoding="utf-8")

    @property
    def internal_headers(self) -> dict[str, str]:
        """The headers that open the internal routes of the components, and the internal services."""
        encoded = base64.b64encode(self.internal_password.encode()).decode()
        return {"Authorization": encoded, **internal_headers(self.internal_password)}

    def start(self) -> None:
        """Start all services and wait until they are ready.

        Raises StackFailed if they end before.
        """
        parent = os.getpid()
        with self.log_file.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "openslides_backend.embedded"],
                cwd=ROOT,
                env={name: os.environ[name] for name in _INHERITED if name in os.environ} | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(parent),  # noqa: PLW1509 - nothing else runs in this process yet
            )
        for line in self.process.stdout or ():
            if line.startswith(_READY):
                return
        raise StackFailed(f"exit code {self.process.wait()}\n{self.log}")

    def stop(self) -> int:
        """End all services as Ctrl-C does; the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None

    def pids(self, service: str) -> list[int]:
        """All processes of datastore, auth, media, vote, permission, action or presenter, each after its parent."""
        if self.process is None:
            return []
        name = service[:_COMM_LENGTH]
        return [pid for pid in descendants(self.process.pid) if _comm(pid) == name]

    def kill(self, service: str, *, workers_only: bool = False) -> None:
        """Kill -9 all processes of a service, or only its workers, which are then replaced."""
        for pid in self.pids(service):
            if workers_only and any(descendants(pid)):
                continue
            with contextlib.suppress(ProcessLookupError):  # it may have ended with its parent
                os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            if self._temporary:
                shutil.rmtree(self._temporary, ignore_errors=True)


def descendants(pid: int) -> Iterator[int]:
    """The children of a process, their children and so on, each after its parent."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
