"""The health check of the image, with a real server in the place of a container."""

from pathlib import Path

from dev.stack import free_ports
from openslides_backend.embedded.health import health_urls, running_command
from openslides_backend.serve.probe import is_healthy
from tests.system.processes import python, wait_until, wait_until_healthy


def test_finds_out_what_runs(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    variables = {"OPENSLIDES_DEVELOPMENT": "1", "OPENSLIDES_DATA_FOLDER": str(tmp_path), "MEDIA_PORT": str(port)}
    container = tmp_path / "container"
    container.mkdir()
    with python("openslides_backend.embedded.servers", variables, "media") as process:
        (container / str(process.pid)).symlink_to(f"/proc/{process.pid}")
        wait_until(lambda: running_command(container), "the command line")
        urls = health_urls(running_command(container), variables)
        assert urls
        wait_until_healthy(*urls)
    assert not any(map(is_healthy, urls))
