"""What docs/ promises is there: the pages that docstrings name, the code that the pages name, what isn't built yet."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openslides_backend.actions.registry import load_actions
from openslides_backend.presenters.registry import load_presenters

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
SPEC = DOCS / "spec"
PACKAGE = ROOT / "openslides_backend"
PAGES = sorted(DOCS.rglob("*.md"))
REPOSITORY_PAGES = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"}


def docstrings() -> Iterator[tuple[Path, str]]:
    """All texts that stand for themselves, which docstrings of modules, classes, functions and values are."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield path, text


def references(text: str) -> set[str]:
    """The names of pages in a text; web addresses aren't pages."""
    return set(re.findall(r"(?<![\w/:.-])[\w./-]*\w\.md\b", text))


def page_exists(name: str) -> bool:
    return any((folder / name).is_file() for folder in (ROOT, DOCS, SPEC, SPEC / "actions"))


def test_pages_that_docstrings_name_exist() -> None:
    named = [(path, name) for path, text in docstrings() for name in references(text)]
    assert len(named) > 150
    lost = [f"{path.relative_to(ROOT)}: {name}" for path, name in named if not page_exists(name)]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_pages_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = references(text) | set(re.findall(r"\]\(((?!https?:|[#?])[^)#]+)", text))
    lost = [name for name in names if not page_exists(name) and not (page.parent / name).exists()]
    assert lost == []


def specified_actions() -> set[str]:
    """The actions that have a section in the specification."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in SPEC.rglob("*.md"))
    headings = "\n".join(re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    return set(re.findall(r"\b[a-z_]+\.(?!md\b|yml\b)[a-z_]+\b", headings))


def test_what_is_not_there_yet_is_told() -> None:
    """Building an action takes its name off the list of the specification's README."""
    rows = re.findall(r"^\| \w+ \| (`.*`) \|$", (SPEC / "README.md").read_text("utf-8"), re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+\.\w+)`", row)}
    assert told == specified_actions() - load_actions().keys()


def test_all_that_is_there_is_specified() -> None:
    presenters = re.findall(r"^## (\w+)$", (SPEC / "presenters.md").read_text("utf-8"), re.MULTILINE)
    assert load_presenters().keys() <= set(presenters)
    assert load_actions().keys() <= specified_actions()


def test_rooms_are_all_told() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## Rooms")[2].partition("\n## ")[0]
    rooms = set(re.findall(r"^\| `(\w+(?:/|\.py))` \|", table, re.MULTILINE))
    modules = {path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"}
    packages = {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == modules | packages


def test_code_that_the_architecture_names_exists() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`([a-z_]+/[\w/]*(?:\.py)?)`", page))
    assert len(paths) > 20
    there = [path for path in paths if (PACKAGE / path).exists() or (ROOT / path).exists()]
    lost = [path for path in paths if path not in there and "badge" not in path]  # the page's own example
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    for name, method in set(re.findall(r"`([A-Z][A-Za-z]+)(?:\.(\w+))?`", page)):
        declared = re.search(rf"^class {name}\b|^{name} =", code, re.MULTILINE)
        if not declared or (method and f"def {method}(" not in code):
            lost.append(f"{name}.{method}")
    assert lost == []
