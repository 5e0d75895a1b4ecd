"""Threads of the server end while the process goes on: what they did with a database must not end it.

Each in a process of its own, which a fault would kill.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

THREADS = """
import sys
from threading import Barrier
from tests.foreign_threads import run_in_foreign_threads

together = Barrier(4)
answers = []
def run(read):
    for _ in range(3):
        run_in_foreign_threads([lambda: answers.append(read())] * 4)
    print(len(answers), set(answers))
"""
DATASTORE = """
from openslides_backend.embedded.datastore.database import Database

database = Database(sys.argv[1])
database.create_tables()
run(lambda: database.read(lambda session: (session.row("SELECT position FROM state"), together.wait()) and 7))
"""
SESSIONS = """
from openslides_backend.embedded.auth.sessions import SessionStore

store = SessionStore(sys.argv[1])
session = store.create(1)
run(lambda: (together.wait(), store.is_active(1, session))[1])
"""
FAULT = """
import sqlite3, threading

local = threading.local()
class Owner:
    def __init__(self):
        self.connection = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.create_function("one", 0, lambda: 1)
    def __del__(self):
        self.connection.close()
        sum(range(10))
def read():
    local.owner = Owner()
run(read)
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The ended process of a program that has THREADS at its head."""
    command = [sys.executable, "-c", THREADS + program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def check(program: str, url: str, answer: object) -> None:
    process = run(program, url)
    assert (process.returncode, process.stdout) == (0, f"12 {{{answer!r}}}\n"), process.stderr


@pytest.mark.parametrize(("program", "answer"), [(DATASTORE, 7), (SESSIONS, True)], ids=["datastore", "sessions"])
class TestThreadsThatEnd:
    def test_sqlite(self, program: str, answer: object, tmp_path: Path) -> None:
        check(program, f"sqlite:///{tmp_path}/d.sqlite", answer)

    @pytest.mark.postgres
    def test_postgres(self, program: str, answer: object, postgres_url: str) -> None:
        check(program, postgres_url, answer)


@pytest.mark.skipif(sys.version_info >= (3, 12, 4), reason="Python has been mended since")
def test_these_threads_end_as_those_that_kill_a_process() -> None:
    assert run(FAULT).returncode == -signal.SIGSEGV
