"""Servers whose database is wrong, absent or not there yet."""

import socket
from pathlib import Path

import pytest

from dev.stack import free_ports
from tests.system.processes import PATIENCE, python, run_python, wait_until

SERVERS = "openslides_backend.embedded.servers"
SERVER_OF = {"DATASTORE_DATABASE_URL": "datastore", "AUTH_DATABASE_URL": "auth"}
PORTS = ("DATASTORE_READER_PORT", "DATASTORE_WRITER_PORT", "AUTH_PORT")


def variables(folder: Path) -> dict[str, str]:
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    return {"OPENSLIDES_DEVELOPMENT": "1", "OPENSLIDES_DATA_FOLDER": str(folder), **ports}


@pytest.mark.parametrize(("name", "server"), SERVER_OF.items())
class TestOneLine:
    def test_url_of_nothing(self, tmp_path: Path, name: str, server: str) -> None:
        code, errors = run_python(SERVERS, {**variables(tmp_path), name: "mysql://x"}, server)
        assert code == 1
        assert errors.count("\n") == 1
        assert f"{name} must be" in errors

    def test_file_that_is_no_database(self, tmp_path: Path, name: str, server: str) -> None:
        (tmp_path / "file").write_text("no database\n" * 1000)
        code, errors = run_python(SERVERS, {**variables(tmp_path), name: f"sqlite:///{tmp_path}/file"}, server)
        assert code == 1
        assert errors.count("\n") == 1
        assert f"CRITICAL {server}" in errors
        assert "file is not a database" in errors

    def test_waiting(self, tmp_path: Path, name: str, server: str) -> None:
        """Something listens where the database should be, and closes each connection."""
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            url = f"postgresql://user:hidden@127.0.0.1:{nobody.getsockname()[1]}/x?sslmode=disable"
            with python(SERVERS, {**variables(tmp_path), name: url}, server) as process:
                nobody.settimeout(PATIENCE)
                for _ in range(2):
                    nobody.accept()[0].close()
                assert process.poll() is None
                process.terminate()
                wait_until(lambda: process.poll() is not None, "the end")
                errors = process.stderr.read() if process.stderr else ""
        assert process.returncode == 0
        lines = errors.splitlines()
        assert lines
        assert all(f"WARNING {server}" in line and "waiting for the database" in line for line in lines)
        assert "hidden" not in errors
