"""The servers of the internal services, when their workers die and when their threads end."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from dev.stack import ROOT, Stack, descendants, free_ports
from tests.system.processes import wait_until

DATASTORE = """
import sys
from openslides_backend.embedded.datastore.application import create_datastore_application
from openslides_backend.serve.granian_server import InternalServer

load = lambda: create_datastore_application(sys.argv[2], development=True)
InternalServer("datastore", "127.0.0.1", int(sys.argv[1]), load, 1, 8, 10, thread_idle=5).run()
"""


def test_workers_that_die_again_and_again_are_replaced() -> None:
    with Stack() as stack:
        url = f"{stack.permission_url}/health"
        for _ in range(3):
            before = set(stack.pids("permission"))
            stack.kill("permission", workers_only=True)
            wait_until(lambda: set(stack.pids("permission")) - before, "a new worker")  # noqa: B023 - at once
            wait_until(lambda: answers(url), "the new worker at work")
        lines = [line for line in stack.log.splitlines() if "SIGKILL" in line]
        assert stack.process is not None
        assert stack.process.poll() is None
    assert len(lines) == 3
    assert all(
        "ERROR permission[" in line and line.endswith("a worker was ended by SIGKILL and is replaced") for line in lines
    )


@pytest.mark.long
def test_a_worker_outlives_its_threads(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/internal/datastore/reader/health"
    command = [sys.executable, "-c", DATASTORE, str(port), f"sqlite:///{tmp_path}/d.sqlite"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_until(lambda: answers(url), "the server")
            workers = list(descendants(process.pid))
            with ThreadPoolExecutor(16) as clients:
                assert all(clients.map(answers, [url] * 400))
            many = count_threads(workers)
            wait_until(lambda: count_threads(workers) < many, "threads that end")
            assert answers(url)
            assert list(descendants(process.pid)) == workers
        finally:
            process.terminate()


def count_threads(pids: list[int]) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in pids if Path(f"/proc/{pid}").exists())


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False
