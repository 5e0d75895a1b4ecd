"""The process group with real children, in a process of its own: it takes over the signals."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import os, signal, sys, time
from openslides_backend.serve.processes import ChildDied, ProcessGroup, StopRequested

def tell(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def sleep():
    time.sleep(60)
    sys.exit(0)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell("ready")
    sleep()

def last_words(name):
    def target():
        def say(*_):
            tell("stopped", name)
            os._exit(0)
        signal.signal(signal.SIGTERM, say)
        tell("ready")
        sleep()
    return target

with ProcessGroup(stop_timeout=%(timeout)s) as group:
    try:
%(body)s
        while True:
            group.watch()
    except StopRequested:
        tell("stop requested")
    except ChildDied as death:
        tell(death)
tell("left", len(group.pids))
"""


def start(body: str, timeout: float = 20) -> "subprocess.Popen[str]":
    indented = "\n".join(f"        {line}" for line in body.splitlines())
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT % {"body": indented, "timeout": timeout}],
        cwd=Path(__file__).resolve().parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )


def output(process: "subprocess.Popen[str]") -> list[str]:
    text, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return text.splitlines()


def wait_for_children(process: "subprocess.Popen[str]", count: int) -> None:
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(count)] == ["ready\n"] * count


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal(number: signal.Signals) -> None:
    process = start("group.start('a', last_words('a'))")
    wait_for_children(process, 1)
    process.send_signal(number)
    assert output(process) == ["stop requested", "stopped a", "left 0"]


def test_higher_levels_are_stopped_first() -> None:
    process = start(
        "group.start('low', last_words('low'), level=0)\n"
        "group.start('high', last_words('high'), level=2)\n"
        "group.start('middle', last_words('middle'), level=1)"
    )
    wait_for_children(process, 3)
    process.terminate()
    assert output(process) == ["stop requested", "stopped high", "stopped middle", "stopped low", "left 0"]


def test_death_of_a_child_is_told_with_its_exit_code() -> None:
    assert output(start("group.start('a', sleep)\ngroup.start('b', lambda: sys.exit(3))")) == [
        "b exited with 3",
        "left 0",
    ]


def test_death_by_a_signal_is_told() -> None:
    body = "group.start('a', sleep)\nos.kill(group.pids['a'], signal.SIGKILL)"
    assert output(start(body)) == ["a was ended by SIGKILL", "left 0"]


def test_a_child_that_may_end_does() -> None:
    body = (
        "group.start('once', lambda: sys.exit(0), may_end=True)\n"
        "while group.pids: group.watch()\n"
        "group.start('b', lambda: sys.exit(1), may_end=True)"
    )
    assert output(start(body)) == ["b exited with 1", "left 0"]


def test_a_stubborn_child_is_killed() -> None:
    process = start("group.start('a', stubborn)", timeout=0.2)
    wait_for_children(process, 1)
    process.terminate()
    assert output(process) == ["stop requested", "left 0"]
