"""The README tells all, and only, what is there."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.unit.dev.variables import known_variables

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SINGLE_SIGN_ON = (ROOT / "docs" / "single_sign_on.md").read_text(encoding="utf-8")


def documented_variables(text: str) -> Iterator[str]:
    """The first column of the tables of variables; `_HOST` after `AUTH_PROTOCOL` stands for `AUTH_HOST`."""
    for row in re.findall(r"^\| (`[A-Z`_0-9, X]+) \|", text, re.MULTILINE):
        first, *others = re.findall(r"`([A-Z0-9_]+)`", row)
        yield first
        for other in others:
            yield first.rpartition("_")[0] + other if other.startswith("_") else other


def test_all_variables_are_documented() -> None:
    section = README.partition("## Environment variables")[2].partition("## From one machine")[0]
    documented = list(documented_variables(section))
    assert sorted(documented) == sorted(set(documented))
    assert set(documented) | set(documented_variables(SINGLE_SIGN_ON)) == known_variables()


def test_all_commands_exist() -> None:
    for text in (README, (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")):
        targets = set(re.findall(r"\bmake ([a-z][a-z-]+)", text.replace("\n", " ")))
        assert targets
        for target in targets:
            subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=True)


def test_all_files_that_are_linked_exist() -> None:
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)


def test_all_folders_that_are_described_exist() -> None:
    folders = re.findall(r"^\| `(openslides_backend/\w+|global|dev|tests)`", README, re.MULTILINE)
    assert len(folders) > 8
    assert all((ROOT / folder).is_dir() for folder in folders)
