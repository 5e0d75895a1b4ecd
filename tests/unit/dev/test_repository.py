"""The files around the code name what is there: commands, folders, servers."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


def test_the_workflow_runs_the_checks_with_the_servers_of_the_compose_file() -> None:
    jobs = load(".github/workflows/ci.yml")["jobs"]
    assert {"run": ".ci/run"} in jobs["checks"]["steps"]
    composed = load("dev/docker-compose.dev.yml")["services"]
    for name, port in (("postgres", "5432"), ("redis", "6379")):
        service = jobs["checks"]["services"][name]
        assert service["image"] == composed[name]["image"]
        assert service["ports"] == [f"{port}:{port}"]


@pytest.mark.parametrize("name", [".ci/run", ".github/workflows/ci.yml", ".pre-commit-config.yaml", "CONTRIBUTING.md"])
def test_commands_exist(name: str) -> None:
    targets = set(re.findall(r"(?:`|\$ |: |\" )make ([a-z][a-z-]+)", (ROOT / name).read_text(encoding="utf-8")))
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets
    assert targets <= {line.split()[0] for line in listed.splitlines()}


def test_updates_are_looked_for_where_something_is_pinned() -> None:
    places = {
        update["package-ecosystem"]: update.get("directories", [update.get("directory")])
        for update in load(".github/dependabot.yml")["updates"]
    }
    assert all((ROOT / place.lstrip("/") / "Dockerfile").is_file() for place in places["docker"])
    assert all((ROOT / place.lstrip("/") / "production.in").is_file() for place in places["pip"])


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_files_that_are_linked_exist(name: str) -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
