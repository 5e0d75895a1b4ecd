"""Compiles the message catalogues: `python dev/compile_translations.py [--check]`.

With `--check` nothing is written; the exit status is 1 if a compiled catalogue is missing or stale.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parents[1] / "openslides_backend" / "i18n" / "locale"


def compile_all(locale: Path) -> None:
    """Write the `.mo` file of every `.po` file below a folder."""
    for source in _sources(locale):
        content = BytesIO()
        write_mo(content, _read(source))
        source.with_suffix(".mo").write_bytes(content.getvalue())


def stale(locale: Path) -> list[Path]:
    """Return the `.mo` files that are missing or hold other translations than their `.po` files.

    The headers are not compared: they name the version of Babel.
    """
    return [source.with_suffix(".mo") for source in _sources(locale) if not _is_compiled(source)]


def _is_compiled(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    if not compiled.exists():
        return False
    with compiled.open("rb") as file:
        return _translations(read_mo(file)) == _translations(_read(source))


def _translations(catalogue: Catalog) -> dict[object, object]:
    return {message.id: message.string for message in catalogue if message.id and message.string}


def _sources(locale: Path) -> Iterator[Path]:
    return iter(sorted(locale.glob("*/LC_MESSAGES/*.po")))


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.parts[-3], abort_invalid=True)


def main(arguments: list[str]) -> int:
    """Compile or check, and return the exit status."""
    if arguments != ["--check"]:
        compile_all(LOCALE)
        return 0
    outdated = stale(LOCALE)
    for path in outdated:
        print(f"{path} is stale: run dev/compile_translations.py", file=sys.stderr)
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
