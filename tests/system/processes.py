"""Starting the service's own processes in tests, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.stack import ROOT, descendants
from openslides_backend.serve.probe import is_healthy

PATIENCE = 30.0
"""Seconds that anything may take on a busy machine."""


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Poll until the condition holds; fails the test with `what` if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def wait_until_healthy(*urls: str) -> None:
    """Poll until all health routes answer."""
    wait_until(lambda: all(map(is_healthy, urls)), f"healthy: {urls}")


def wait_until_gone(pids: list[int]) -> None:
    """Poll until none of the processes is left."""
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), f"gone: {pids}")


@contextmanager
def python(
    module: str, variables: Mapping[str, str], *arguments: str, folder: Path = ROOT
) -> Iterator[subprocess.Popen[str]]:
    """A running `python -m module`, which is ended with all its children in any case."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        children = list(descendants(process.pid)) if process.poll() is None else []
        process.kill()
        process.communicate()
        wait_until_gone(children)


def run_python(module: str, variables: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Exit code and standard error of a `python -m module` that is expected to end by itself."""
    with python(module, variables, *arguments) as process:
        _, errors = process.communicate(timeout=PATIENCE)
        return process.returncode, errors
