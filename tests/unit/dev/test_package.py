"""What is built from pyproject.toml has all that the service needs at run time, and the locks what pip needs."""

import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from openslides_backend.i18n.languages import LANGUAGES
from openslides_backend.version import VERSION

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("pyproject.toml", "setup.cfg", "README.md", "LICENSE", "requirements", "global", "openslides_backend")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("package")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder)
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "out"]
    subprocess.run([sys.executable, *command, "."], cwd=folder, check=True, capture_output=True)
    (path,) = (folder / "out").glob("*.whl")
    return zipfile.ZipFile(path)


def test_all_modules_and_data_are_packed(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if not name.partition("/")[0].endswith(".dist-info")}
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "openslides_backend").rglob("*.py")}
    data = {f"openslides_backend/data/{name}.json" for name in ("initial-data", "example-data")}
    locale = "openslides_backend/i18n/locale"
    catalogues = {f"{locale}/{language}/LC_MESSAGES/messages.mo" for language in LANGUAGES if language != "en"}
    assert names == modules | data | catalogues | {"openslides_backend/py.typed"}


def test_the_version_has_one_source(wheel: zipfile.ZipFile) -> None:
    metadata = message_from_bytes(wheel.read(f"openslides_backend-{VERSION}.dist-info/METADATA"))
    assert metadata["Version"] == VERSION
    required = metadata.get_all("Requires-Dist", [])
    assert any(line.startswith("gunicorn") for line in required)
    assert [line for line in required if line.startswith("boto3") and line.endswith('extra == "s3"')]


@pytest.mark.parametrize("name", ["production", "s3", "development"])
def test_every_locked_version_has_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    requirements = re.findall(r"^[a-z].*(?:\n .*)*", text, re.MULTILINE)
    assert len(requirements) >= (5 if name == "s3" else 20)
    lines = [requirement.splitlines()[0] for requirement in requirements if "--hash=sha256:" not in requirement]
    assert lines == []
    assert all(re.match(r"[a-z0-9-]+==[\w.]+ \\\n", requirement) for requirement in requirements)
