"""Hooks do what their names say: nothing is checked in `prepare` and `fill`, nothing is changed in `check`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import openslides_backend

PACKAGE = Path(openslides_backend.__file__).parent
CHANGES = {"add_to", "create", "execute", "pop", "remove_from", "setdefault", "update"}


def complaints(tree: ast.Module) -> Iterator[str]:
    """What hooks do that they must not."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or not node.args.args or node.args.args[0].arg != "self":
            continue
        if node.name in ("prepare", "fill"):
            yield from (f"{node.name} checks: {ast.unparse(found)}" for found in _checks(node))
        elif node.name in ("check", "check_early"):
            yield from (f"{node.name} changes: {ast.unparse(found)}" for found in _changes(node))


def _checks(hook: ast.FunctionDef) -> Iterator[ast.AST]:
    for node in ast.walk(hook):
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call) and _called(node).lstrip("_").startswith("check")
        ):
            yield node


def _changes(hook: ast.FunctionDef) -> Iterator[ast.AST]:
    names = {argument.arg for argument in hook.args.args[1:]} | {"self"}
    for node in ast.walk(hook):
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else []
        if any(isinstance(target, ast.Subscript) and _root(target) in names for target in targets):
            yield node
        if _called(node) in CHANGES and isinstance(node, ast.Call) and _root(node.func) in names:
            yield node


def _called(node: ast.AST) -> str:
    """The name of the function or method that is called; empty if nothing is."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return getattr(node, "id", "")


def modules() -> list[str]:
    paths = [*PACKAGE.glob("actions/**/*.py"), *PACKAGE.glob("engine/*.py")]
    return sorted(str(path.relative_to(PACKAGE)) for path in paths)


@pytest.mark.parametrize("module", modules())
def test_hooks_do_what_their_names_say(module: str) -> None:
    found = list(complaints(ast.parse((PACKAGE / module).read_text())))

    assert not found


@pytest.mark.parametrize(
    "body",
    [
        "def fill(self, element):\n    raise BadRequest('x')",
        "def prepare(self, elements):\n    self._check_all(elements)",
        "def check(self, element):\n    element['x'] = 1",
        "def check(self, element):\n    self.uow.update('x', 1, {})",
        "def check_early(self, elements):\n    self.execute('x', elements)",
    ],
)
def test_complaints(body: str) -> None:
    assert list(complaints(ast.parse(body)))
