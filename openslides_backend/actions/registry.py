"""Finds all actions: importing a module of `openslides_backend.actions` registers those that it declares."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages

from openslides_backend import actions
from openslides_backend.engine.action import Action


def load_actions() -> Mapping[str, type[Action]]:
    """All actions by name."""
    for module in walk_packages(actions.__path__, f"{actions.__name__}."):
        import_module(module.name)
    return Action.registry
