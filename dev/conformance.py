"""Replays the recorded cases of a conformance folder against a stack of its own.

Without `--only` the files of tests/conformance_finished.txt: those of collections whose actions are all done.
"""

import argparse
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

from dev.stack import ROOT, Stack

FINISHED = ROOT / "tests" / "conformance_finished.txt"
EXCEPTIONS = ROOT / "tests" / "conformance_exceptions.txt"


def finished_files() -> list[str]:
    """The names of the case files that must pass."""
    lines = (line.partition("#")[0].strip() for line in FINISHED.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def main() -> int:
    """The exit code of the runner."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "conformance")
    parser.add_argument("--only", default="", help="names of case files, comma-separated; 'all' for all")
    options, more = parser.parse_known_args()
    runner = options.folder.resolve() / "run.py"
    if not runner.is_file():
        print(f"There is no {runner}: set CONFORMANCE to the folder with the recorded cases.", file=sys.stderr)
        return 1
    only = "" if options.only == "all" else options.only or ",".join(finished_files())
    started = time.monotonic()
    with Stack() as stack:
        urls = {
            "--action": stack.action_url,
            "--presenter": stack.presenter_url,
            "--auth": stack.auth_url,
            "--reader": stack.reader_url,
            "--writer": stack.writer_url,
        }
        arguments = ["--only", only, "--except-file", str(EXCEPTIONS), *chain.from_iterable(urls.items()), *more]
        code = subprocess.run([sys.executable, str(runner), *arguments], check=False).returncode
    print(f"took {time.monotonic() - started:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
