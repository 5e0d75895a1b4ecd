"""The master process of the components, as real processes."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dev.stack import ROOT, descendants, free_ports
from openslides_backend.serve.probe import is_healthy
from tests.system.processes import python, run_python, wait_until, wait_until_gone, wait_until_healthy

MODULE = "openslides_backend"


class Ports:
    """Free ports, the variables that tell them to the service, and its health routes."""

    def __init__(self) -> None:
        self.action_port, self.presenter_port, self.permission_port = free_ports(3)
        self.variables = {
            "ACTION_PORT": str(self.action_port),
            "PRESENTER_PORT": str(self.presenter_port),
            "PERMISSION_PORT": str(self.permission_port),
            "OPENSLIDES_DEVELOPMENT": "1",
            "OPENSLIDES_BACKEND_RELOAD": "0",
        }
        self.action = f"http://127.0.0.1:{self.action_port}/system/action/health"
        self.presenter = f"http://127.0.0.1:{self.presenter_port}/system/presenter/health"
        self.permission = f"http://127.0.0.1:{self.permission_port}/health"


@pytest.fixture
def ports() -> Ports:
    return Ports()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def named(pid: int, name: str) -> list[int]:
    return [child for child in descendants(pid) if Path(f"/proc/{child}/comm").read_text().strip() == name]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_components_until_a_signal_ends_them(ports: Ports, number: signal.Signals) -> None:
    with python(MODULE, ports.variables) as master:
        wait_until_healthy(ports.action, ports.presenter)
        children = list(descendants(master.pid))
        master.send_signal(number)
        assert master.wait(30) == 0
        wait_until_gone(children)
    assert not is_healthy(ports.action)
    assert not is_healthy(ports.presenter)


def test_action_alone(ports: Ports) -> None:
    with python(MODULE, {**ports.variables, "OPENSLIDES_BACKEND_COMPONENT": "action"}):
        wait_until_healthy(ports.action)
        assert not is_healthy(ports.presenter)


def test_presenter_alone(ports: Ports) -> None:
    with python(MODULE, {**ports.variables, "OPENSLIDES_BACKEND_COMPONENT": "presenter"}):
        wait_until_healthy(ports.presenter)
        assert not is_healthy(ports.action)


def test_permission_alone_needs_no_secrets(ports: Ports) -> None:
    variables = {**ports.variables, "OPENSLIDES_BACKEND_COMPONENT": "permission", "OPENSLIDES_DEVELOPMENT": ""}
    with python(MODULE, variables):
        wait_until_healthy(ports.permission)
        assert not is_healthy(ports.action)


def test_permission_that_others_reach_needs_the_internal_password(ports: Ports) -> None:
    variables = {**ports.variables, "OPENSLIDES_BACKEND_COMPONENT": "permission", "OPENSLIDES_DEVELOPMENT": ""}
    code, errors = run_python(MODULE, {**variables, "OPENSLIDES_EMBEDDED_HOST": "0.0.0.0"})  # noqa: S104 - refused
    assert code == 1
    assert "INTERNAL_AUTH_PASSWORD_FILE" in errors
    assert len(errors.splitlines()) == 1


def test_the_probe_tells_whether_the_components_are_healthy(ports: Ports) -> None:
    assert run_python("openslides_backend.serve.probe", ports.variables)[0] == 1
    with python(MODULE, ports.variables):
        wait_until_healthy(ports.action, ports.presenter)
        assert run_python("openslides_backend.serve.probe", ports.variables)[0] == 0


@pytest.mark.parametrize("victim", ["action", "presenter"])
def test_if_a_child_dies_the_master_ends_the_others(ports: Ports, victim: str) -> None:
    with python(MODULE, ports.variables) as master:
        wait_until_healthy(ports.action, ports.presenter)
        children = list(descendants(master.pid))
        os.kill(named(master.pid, victim)[0], signal.SIGKILL)
        assert master.wait(30) == 1
        wait_until_gone(children)


def test_a_killed_worker_is_replaced(ports: Ports) -> None:
    with python(MODULE, ports.variables) as master:
        wait_until_healthy(ports.action, ports.presenter)
        _, worker = named(master.pid, "action")
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(set(named(master.pid, "action")) - {worker}) == 2, "a new worker")
        wait_until_healthy(ports.action)
        assert master.poll() is None


def test_development_mode_reloads_changed_code(ports: Ports, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "openslides_backend", tmp_path / "openslides_backend")
    version = f"http://127.0.0.1:{ports.presenter_port}/system/presenter/version"
    variables = {**ports.variables, "OPENSLIDES_BACKEND_COMPONENT": "presenter", "OPENSLIDES_BACKEND_RELOAD": ""}
    with python(MODULE, variables, folder=tmp_path):
        wait_until_healthy(ports.presenter)
        code = tmp_path / "openslides_backend" / "version.py"

        def changed_code_works() -> bool:
            """Written again and again: a change before the reloader's first look at the files is not noticed."""
            if "0.0.1-changed" in text_of(version):
                return True
            code.write_text('VERSION = "0.0.1-changed"')
            return False

        wait_until(changed_code_works, "the changed code at work")


def text_of(url: str) -> str:
    try:
        return requests.get(url, timeout=5).text
    except (requests.ConnectionError, requests.Timeout):  # the worker is being replaced
        return ""


def test_no_child_outlives_a_killed_master(ports: Ports) -> None:
    with python(MODULE, ports.variables) as master:
        wait_until_healthy(ports.action, ports.presenter)
        children = list(descendants(master.pid))
        # Parents and workers of both components, and what waits for a datastore to migrate.
        assert len(children) == 5
        master.kill()
        wait_until_gone(children)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OPENSLIDES_BACKEND_COMPONENT", "everything"),
        ("ACTION_PORT", "http"),
        ("OPENSLIDES_BACKEND_NUM_THREADS", "0"),
        ("OPENSLIDES_LOGLEVEL", "loud"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line(ports: Ports, variable: str, value: str) -> None:
    code, errors = run_python(MODULE, {**ports.variables, variable: value})
    assert code == 1
    assert variable in errors
    assert len(errors.splitlines()) == 1


def test_production_does_not_start_without_secrets(ports: Ports, tmp_path: Path) -> None:
    missing = tmp_path / "token"
    code, errors = run_python(
        MODULE, {**ports.variables, "OPENSLIDES_DEVELOPMENT": "0", "AUTH_TOKEN_KEY_FILE": str(missing)}
    )
    assert code == 1
    assert "AUTH_TOKEN_KEY_FILE" in errors
    assert str(missing) in errors
    assert len(errors.splitlines()) == 1


def test_a_taken_port_is_named(ports: Ports, taken_port: int) -> None:
    code, errors = run_python(MODULE, {**ports.variables, "PRESENTER_PORT": str(taken_port)})
    assert code == 1
    assert "presenter" in errors
    assert str(taken_port) in errors
    assert len(errors.splitlines()) == 1
