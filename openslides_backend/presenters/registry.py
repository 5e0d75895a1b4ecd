"""Finds all presenters: importing a module of `openslides_backend.presenters` registers those that it declares."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages

from openslides_backend import presenters
from openslides_backend.presenting.presenter import Presenter


def load_presenters() -> Mapping[str, type[Presenter]]:
    """All presenters by name."""
    for module in walk_packages(presenters.__path__, f"{presenters.__name__}."):
        import_module(module.name)
    return Presenter.registry
