"""The stack for one machine, as real processes."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import requests

from dev.stack import Stack, StackFailed, descendants
from tests.system.processes import wait_until_gone

SERVICES = {"datastore": 5, "auth": 2, "media": 2, "vote": 2, "permission": 2, "action": 2, "presenter": 2}
"""With the number of their processes: a main process and a worker, two of each and their parent for the datastore."""


def listening_addresses(port: int) -> set[str]:
    """The local IPv4 addresses, as hexadecimal text, that are listened on at this port."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local = [line[1].split(":") for line in lines if line[3] == "0A"]
    return {address for address, number in local if int(number, 16) == port}


def test_stack_starts_and_stops_as_a_whole() -> None:
    with Stack() as stack:
        assert requests.get(f"{stack.action_url}/system/action/health", timeout=5).json() == {"status": "running"}
        assert stack.process is not None
        children = list(descendants(stack.process.pid))
        assert {service: len(stack.pids(service)) for service in SERVICES} == SERVICES
        for name, port in stack.ports.items():
            public = name in ("ACTION", "PRESENTER")
            assert listening_addresses(port) == {"00000000" if public else "0100007F"}, name
        assert stack.stop() == 0
        wait_until_gone(children)


def test_production_makes_secrets_that_survive_restarts(tmp_path: Path) -> None:
    with Stack(development=False, folder=tmp_path):
        files = sorted((tmp_path / "data" / "secrets").iterdir())
        secrets = [file.read_text() for file in files]
    assert [file.name for file in files] == [
        "auth_cookie_key",
        "auth_token_key",
        "internal_auth_password",
        "superadmin",
        "vote_ballot_key",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert len(set(secrets)) == 5
    with Stack(development=False, folder=tmp_path) as stack:
        assert [file.read_text() for file in files] == secrets
        assert all(secret not in stack.log for secret in secrets)


def test_data_survive_restarts(tmp_path: Path) -> None:
    with Stack(folder=tmp_path) as stack:
        event = {"type": "create", "fqid": "tag/1", "fields": {"name": "kept"}}
        request = {"user_id": 1, "information": {}, "locked_fields": {}, "events": [event]}
        assert (
            requests.post(
                f"{stack.writer_url}/write", json=request, timeout=5, headers=stack.internal_headers
            ).status_code
            == 201
        )
    with Stack(folder=tmp_path) as stack:
        answer = requests.post(
            f"{stack.reader_url}/get", json={"fqid": "tag/1"}, timeout=5, headers=stack.internal_headers
        )
        assert answer.json()["name"] == "kept"


def test_a_taken_port_is_named_and_nothing_is_left() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with (
            pytest.raises(StackFailed, match=rf"exit code 1\n.*auth can't listen on 127\.0\.0\.1:{port}"),
            Stack({"AUTH_PORT": str(port)}),
        ):
            pass


def test_two_stacks_do_not_share_a_data_folder(tmp_path: Path) -> None:
    with Stack(folder=tmp_path), pytest.raises(StackFailed, match="another running stack"), Stack(folder=tmp_path):
        pass


@pytest.mark.parametrize("service", ["datastore", "presenter"])
def test_if_a_service_dies_all_stop(service: str) -> None:
    with Stack() as stack:
        assert stack.process is not None
        children = list(descendants(stack.process.pid))
        os.kill(stack.pids(service)[0], signal.SIGKILL)
        assert stack.process.wait(30) == 1
        wait_until_gone(children)
        assert "stopping all" in stack.log


def test_nothing_outlives_a_killed_supervisor() -> None:
    with Stack() as stack:
        assert stack.process is not None
        children = list(descendants(stack.process.pid))
        stack.process.kill()
        wait_until_gone(children)
