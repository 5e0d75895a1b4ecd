from pathlib import Path

import pytest

from openslides_backend.embedded.health import health_urls, running_command

VARIABLES = {"OPENSLIDES_DEVELOPMENT": "1", "OPENSLIDES_EMBEDDED_HOST": "0.0.0.0"}  # noqa: S104 - nothing is bound
SERVERS = "openslides_backend.embedded.servers"
READER = "http://127.0.0.1:9010/internal/datastore/reader/health"
WRITER = "http://127.0.0.1:9011/internal/datastore/writer/health"
AUTH = "http://127.0.0.1:9004/system/auth/health"
MEDIA = "http://127.0.0.1:9006/internal/media/health"
ACTION = "http://127.0.0.1:9002/system/action/health"
PRESENTER = "http://127.0.0.1:9003/system/presenter/health"
VOTE = "http://127.0.0.1:9013/system/vote/health"
PERMISSION = "http://127.0.0.1:9005/health"


@pytest.mark.parametrize(
    ("command", "urls"),
    [
        (("openslides_backend",), {ACTION, PRESENTER}),
        ((SERVERS, "datastore"), {READER, WRITER}),
        ((SERVERS, "auth"), {AUTH}),
        ((SERVERS, "media"), {MEDIA}),
        (("openslides_backend.embedded",), {READER, WRITER, AUTH, MEDIA, PERMISSION, ACTION, PRESENTER}),
        ((), set()),
    ],
)
def test_what_a_command_serves(command: tuple[str, ...], urls: set[str]) -> None:
    assert set(health_urls(command, VARIABLES)) >= urls
    assert bool(health_urls(command, VARIABLES)) == bool(urls)


def test_a_component_of_its_own() -> None:
    variables = {**VARIABLES, "OPENSLIDES_BACKEND_COMPONENT": "permission"}
    assert health_urls(("openslides_backend",), variables) == [PERMISSION]


@pytest.mark.parametrize("host", ["", "vote"])
def test_the_vote_service_is_asked_itself(host: str) -> None:
    assert health_urls((SERVERS, "vote"), {**VARIABLES, "VOTE_HOST": host}) == [VOTE]


def test_a_stack_without_vote_service() -> None:
    command = ("openslides_backend.embedded",)
    assert VOTE in health_urls(command, VARIABLES)
    assert VOTE not in health_urls(command, {**VARIABLES, "VOTE_HOST": ""})


def test_a_server_elsewhere_is_not_asked() -> None:
    variables = {**VARIABLES, "DATASTORE_READER_HOST": "datastore", "DATASTORE_WRITER_HOST": "datastore"}
    assert set(health_urls((SERVERS, "datastore"), variables)) == {READER, WRITER}


def add_process(folder: Path, pid: int, *arguments: str) -> None:
    (folder / str(pid)).mkdir()
    (folder / str(pid) / "cmdline").write_bytes(b"".join(argument.encode() + b"\0" for argument in arguments))


@pytest.mark.parametrize("init", [(), ("/sbin/docker-init", "--", "python", "-m", "something.else")])
def test_the_first_of_ours_is_what_the_container_was_started_for(tmp_path: Path, init: tuple[str, ...]) -> None:
    add_process(tmp_path, 1, *init)
    add_process(tmp_path, 7, "python", "-X", "dev", "-m", "openslides_backend.embedded")
    add_process(tmp_path, 8, "python", "-m", SERVERS, "auth")
    add_process(tmp_path, 3, "python", "-m", "openslides_backend.embedded.health")
    (tmp_path / "2").mkdir()
    (tmp_path / "meminfo").touch()
    assert running_command(tmp_path) == ("openslides_backend.embedded",)


def test_a_shell_serves_nothing(tmp_path: Path) -> None:
    add_process(tmp_path, 1, "bash", "-m")
    assert running_command(tmp_path) == ()
