"""The Compose file and the Dockerfiles say what the service understands."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from openslides_backend.environment import Environment
from openslides_backend.version import VERSION
from tests.unit.dev.variables import known_variables

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "dev" / "docker-compose.dev.yml"
FOREIGN = {"postgres", "redis"}
TEST_VARIABLES = {"TEST_POSTGRES_URL", "TEST_REDIS_ADDRESS"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return content


def own_services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in compose["services"].items() if name not in FOREIGN}


def test_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"backend", "datastore", "permission", "auth", "media", "vote", *FOREIGN}
    assert set(compose) <= {"name", "services", "volumes", "x-own"}


def test_all_but_databases_are_built_from_this_repository(compose: dict[str, Any]) -> None:
    for service in own_services(compose).values():
        assert (COMPOSE.parent / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert all("build" not in compose["services"][name] for name in FOREIGN)


def test_variables_are_known_and_usable(compose: dict[str, Any]) -> None:
    for service in own_services(compose).values():
        variables = service["environment"]
        assert set(variables) - TEST_VARIABLES <= known_variables()
        assert all(isinstance(value, str) for value in variables.values())
        assert Environment.from_mapping(variables).development


def test_services_meet_each_other(compose: dict[str, Any]) -> None:
    for service in own_services(compose).values():
        hosts = {value for name, value in service["environment"].items() if name.endswith("_HOST")}
        assert {host for host in hosts if not host[0].isdigit()} <= set(compose["services"])
        assert set(service.get("depends_on", {})) <= set(compose["services"])


def test_published_ports_are_the_documented_ones(compose: dict[str, Any]) -> None:
    published = {
        name: [port.rpartition(":")[2] for port in service.get("ports", ())]
        for name, service in compose["services"].items()
    }
    assert published == {
        "backend": ["9002", "9003"],
        "datastore": ["9010", "9011"],
        "permission": [],
        "auth": ["9004"],
        "media": ["9006"],
        "vote": ["9013"],
        "postgres": [],
        "redis": [],
    }


def test_everything_that_is_waited_for_has_a_health_check(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in compose["services"][needed]


def test_named_volumes_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if not volume.startswith((".", "/"))
    }
    assert used == set(compose["volumes"])


def test_commands_name_existing_modules(compose: dict[str, Any]) -> None:
    text = COMPOSE.read_text() + (ROOT / "Dockerfile").read_text()
    modules = set(re.findall(r"openslides_backend(?:\.\w+)*", text.replace('", "', " ")))
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize(("name", "user"), [("Dockerfile", "10001"), ("dev/Dockerfile", "openslides")])
def test_images_do_not_run_as_root_and_copy_what_exists(name: str, user: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert f"USER {user}" in lines
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            for source in line.split()[1:-1]:
                if source.startswith("--") or source == ".":
                    continue
                assert (ROOT / source).exists(), source
                assert f"!{source.partition('/')[0]}" in ignored, source


def test_production_image_has_a_health_check() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert 'CMD ["python", "-m", "openslides_backend.embedded.health"]' in text
    assert "--uid 10001 " in text


@pytest.mark.parametrize("name", ["Dockerfile", "dev/Dockerfile"])
def test_base_images_can_be_pinned(name: str) -> None:
    text = (ROOT / name).read_text()
    assert re.findall(r"^ARG PYTHON_IMAGE=(.*)$", text, re.MULTILINE) == ["python:3.12-slim"]
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${PYTHON_IMAGE}"}


def test_production_image_tells_what_it_is() -> None:
    text = (ROOT / "Dockerfile").read_text()
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", text))
    assert labels == {"title", "description", "licenses", "version", "revision"}
    command = subprocess.run(
        ["make", "--dry-run", "build-prod", "PYTHON_IMAGE=python@sha256:1"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    assert "--build-arg PYTHON_IMAGE=python@sha256:1" in command
    version = subprocess.run(
        ["sed", "-n", r's/^VERSION = "\(.*\)"$/\1/p', "openslides_backend/version.py"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    assert version == f"{VERSION}\n"
