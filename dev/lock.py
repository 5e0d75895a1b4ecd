"""Writes the exact versions and hashes of requirements/*.in to requirements/*.txt: `make lock`, `make check-lock`.

What is locked and still fits stays; other arguments, such as `--upgrade`, are handed to pip-compile.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("production", "s3", "development")
"""In this order: each takes the versions of those before it."""

PIP_COMPILE = (sys.executable, "-m", "piptools", "compile")
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--allow-unsafe",  # pip and setuptools too: with hashes pip installs nothing that isn't locked
    "--strip-extras",
    "--no-header",
    "--no-emit-options",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
)


def compile_into(folder: Path, arguments: Sequence[str] = ()) -> None:
    """Run pip-compile on all files of a folder."""
    for number, name in enumerate(NAMES):
        constraints = [f"--constraint={earlier}.txt" for earlier in NAMES[:number]]
        subprocess.run(
            [*PIP_COMPILE, *OPTIONS, *constraints, *arguments, f"--output-file={name}.txt", f"{name}.in"],
            cwd=folder,
            env={**os.environ, "CUSTOM_COMPILE_COMMAND": "make lock"},
            check=True,
        )


def stale_files() -> list[str]:
    """The names of the locks that `make lock` would change."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(REQUIREMENTS, folder, dirs_exist_ok=True)
        compile_into(folder)
        names = [f"{name}.txt" for name in NAMES]
        return [name for name in names if (folder / name).read_text() != (REQUIREMENTS / name).read_text()]


def main() -> int:
    """0 if all is well, else 1 after telling the names of the stale files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if something would change")
    options, others = parser.parse_known_args()
    if not options.check:
        compile_into(REQUIREMENTS, others)
        return 0
    stale = stale_files()
    for name in stale:
        print(f"requirements/{name} is stale: run make lock", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
