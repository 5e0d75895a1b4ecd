"""Fails if the exact versions in requirements/*.txt don't fit the ranges in requirements/*.in: then run `make lock`."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("production", "development")

OPTIONS = (
    "--quiet",
    "--strip-extras",
    "--no-header",
    "--no-emit-options",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def compile_into(folder: Path, name: str) -> None:
    """Run pip-compile as `make lock` does; versions that are locked and still fit stay."""
    subprocess.run(
        [sys.executable, "-m", "piptools", "compile", *OPTIONS, "--output-file", f"{name}.txt", f"{name}.in"],
        cwd=folder,
        env={**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"},
        check=True,
    )


def main() -> int:
    """0 if all is well, else 1 with the names of the stale files."""
    stale = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(REQUIREMENTS, folder, dirs_exist_ok=True)
        for name in NAMES:
            compile_into(folder, name)
            if (folder / f"{name}.txt").read_text() != (REQUIREMENTS / f"{name}.txt").read_text():
                stale.append(f"requirements/{name}.txt")
    for path in stale:
        print(f"{path} is stale: run make lock", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
