"""The layers in pyproject.toml notice what they are for. That the code keeps to them is checked by `make lint`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "openslides_backend", tmp_path / "openslides_backend", ignore=ignore)
    return tmp_path


def add(folder: Path, module: str, line: str) -> None:
    path = folder / "openslides_backend" / module
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def complaints(folder: Path) -> str:
    """What is printed if something is wrong, on one line; empty if all is well."""
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache"]
    result = subprocess.run(command, cwd=folder, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False)
    return " ".join(result.stdout.split()) if result.returncode else ""


@pytest.mark.parametrize(
    ("module", "line", "complaint"),
    [
        ("shared/fqid.py", "import openslides_backend.services.media", "shared is not allowed to import"),
        ("engine/locks.py", "import openslides_backend.actions.tag", "engine is not allowed to import"),
        ("http/codec.py", "import openslides_backend.actions.tag", "http is not allowed to import"),
        ("embedded/media.py", "import openslides_backend.models.models", "embedded is not allowed to import"),
        ("attic/__init__.py", "", "openslides_backend.attic"),
    ],
)
def test_import_of_a_higher_room_or_unknown_room(copy: Path, module: str, line: str, complaint: str) -> None:
    add(copy, module, line)
    assert complaint in complaints(copy)


def test_circle(copy: Path) -> None:
    add(copy, "actions/tag.py", "import openslides_backend.actions.topic")
    add(copy, "actions/topic.py", "import openslides_backend.actions.tag")
    assert "No cycles are allowed in openslides_backend.actions" in complaints(copy)
