"""Counts the tokens of the package, by room and by collection: how many words it takes to say what it does.

Imports, comments, docstrings and line breaks don't count. `make count-tokens`, or for another directory:
python -m dev.count_tokens [DIRECTORY]
"""

import ast
import io
import sys
import tokenize
from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "openslides_backend"
DOMAIN = "actions"
_SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def count(source: str) -> int:
    """The tokens of a module's source that say something."""
    skipped = _lines_without_meaning(ast.parse(source))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type not in _SILENT and token.start[0] not in skipped for token in tokens)


def _lines_without_meaning(tree: ast.Module) -> set[int]:
    """The lines of imports and of strings that stand for themselves."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        is_text = (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        )
        if isinstance(node, ast.stmt) and (is_text or isinstance(node, ast.Import | ast.ImportFrom)):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def count_all(package: Path) -> tuple[Counter[str], Counter[str]]:
    """The tokens by room, and those of the domain by collection."""
    rooms: Counter[str] = Counter()
    collections: Counter[str] = Counter()
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        amount = count(path.read_text())
        rooms[parts[0] if len(parts) > 1 else "on top"] += amount
        if parts[0] == DOMAIN and len(parts) > 1:
            collections[parts[1]] += amount
    return rooms, collections


def main() -> None:
    """Print both tables, largest first."""
    rooms, collections = count_all(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)
    for title, amounts in (("rooms", rooms), (f"{DOMAIN}/", collections)):
        print(f"{title}: {amounts.total()}")
        for name, amount in amounts.most_common():
            print(f"  {amount:7} {name}")


if __name__ == "__main__":
    main()
