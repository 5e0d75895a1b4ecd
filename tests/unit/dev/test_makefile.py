"""The Makefile has what the README promises; nothing is run."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TARGETS = [
    "all",
    "benchmark",
    "build-prod",
    "check-compose",
    "check-lock",
    "check-models",
    "clean",
    "conformance",
    "format",
    "generate-models",
    "lint",
    "run-debug",
    "run-dev",
    "run-dev-standalone",
    "run-local",
    "run-prod",
    "start-dev-interactive",
    "stop-dev",
    "test",
    "types",
]


def dry_run(*arguments: str, folder: Path = ROOT) -> str:
    result = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("target", TARGETS)
def test_target(target: str) -> None:
    assert dry_run(target)


def test_help_lists_all_commands_once() -> None:
    command = ["make", "--no-print-directory", "help"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[0] for line in result.stdout.splitlines()]
    assert all(len(line.split()) > 1 for line in result.stdout.splitlines())
    declared = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(declared)
    assert set(TARGETS) <= set(listed)


def test_bare_make_checks_style_types_and_tests() -> None:
    commands = dry_run()
    words = ("ruff check", "ruff format --check", "lint-imports", "mypy", "pytest")
    assert [word for word in words if word not in commands] == []


def test_without_docker_a_virtual_environment_is_made_first(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements", "dev"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    first, *_, last = dry_run("test", folder=tmp_path).splitlines()
    assert first == "dev/virtualenv.sh .virtualenv"
    assert last.startswith(".virtualenv/bin/python -m pytest")


def test_in_a_container_the_installed_python_is_used() -> None:
    assert dry_run("test", "OPENSLIDES_CONTAINER=1").startswith("python -m pytest")


def test_old_python_is_refused_with_a_clear_message(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    result = subprocess.run(
        [ROOT / "dev" / "virtualenv.sh", str(tmp_path / "virtualenv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == "make: Python 3.11 or newer is needed; found only: Python 3.9.2\n"
    assert not (tmp_path / "virtualenv").exists()
