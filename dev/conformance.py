"""Replays the recorded cases of a conformance folder against a stack of its own.

Without `--only` the files of tests/conformance_finished.txt: those of collections whose actions are all done.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from dev.stack import ROOT, Stack

FINISHED = ROOT / "tests" / "conformance_finished.txt"
EXCEPTIONS = ROOT / "tests" / "conformance_exceptions.txt"


def finished_files() -> list[str]:
    """The names of the case files that must pass."""
    lines = (line.partition("#")[0].strip() for line in FINISHED.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def shares(folder: Path, names: list[str], parts: int) -> list[list[str]]:
    """The case files, parted into shares that take about the same time; a file's size tells how long it takes."""
    found = (
        [folder / "cases" / f"{name}.jsonl" for name in names] if names else list((folder / "cases").glob("*.jsonl"))
    )
    result: list[list[str]] = [[] for _ in range(parts)]
    sizes = [0] * parts
    for file in sorted(found, key=lambda file: -file.stat().st_size if file.exists() else 0):
        smallest = sizes.index(min(sizes))
        result[smallest].append(file.stem)
        sizes[smallest] += file.stat().st_size if file.exists() else 0
    return [share for share in result if share]


def replay(runner: Path, share: list[str], more: list[str]) -> int:
    """The exit code of the runner, against a stack of its own."""
    # The polls of the cases were never started at any vote service.
    with Stack({"VOTE_HOST": ""}) as stack:
        urls = {
            "--action": stack.action_url,
            "--presenter": stack.presenter_url,
            "--auth": stack.auth_url,
            "--reader": stack.reader_url,
            "--writer": stack.writer_url,
        }
        files = ["--only", ",".join(share), "--except-file", str(EXCEPTIONS)]
        command = [sys.executable, str(runner), *files, *chain.from_iterable(urls.items()), *more]
        return subprocess.run(command, check=False).returncode


def main() -> int:
    """The exit code: 0 if all cases pass, those of the exceptions aside."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "conformance")
    parser.add_argument("--only", default="", help="names of case files, comma-separated; 'all' for all")
    parser.add_argument("--stacks", type=int, default=2, help="how many stacks work at the same time")
    options, more = parser.parse_known_args()
    folder = options.folder.resolve()
    runner = folder / "run.py"
    if not runner.is_file():
        print(f"There is no {runner}: set CONFORMANCE to the folder with the recorded cases.", file=sys.stderr)
        return 1
    names = [] if options.only == "all" else options.only.split(",") if options.only else finished_files()
    started = time.monotonic()
    with ThreadPoolExecutor(options.stacks) as pool:
        codes = list(pool.map(lambda share: replay(runner, share, more), shares(folder, names, options.stacks)))
    print(f"took {time.monotonic() - started:.0f} s")
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
