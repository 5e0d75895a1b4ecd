"""Loading the applications that a process serves."""

import gc
import importlib
from collections.abc import Callable
from wsgiref.types import WSGIApplication


def load_factory(path: str) -> Callable[..., WSGIApplication]:
    """The function that `package.module:function` names.

    Imported by name and not at the top so that a process loads only the applications that it serves, and with
    Gunicorn's reload only in the worker, which is replaced when the code changes.
    """
    module, _, function = path.partition(":")
    factory: Callable[..., WSGIApplication] = getattr(importlib.import_module(module), function)
    return factory


def share_memory_with_children() -> None:
    """Before forking: have the collector leave alone what is loaded so far, so that its pages stay shared."""
    gc.collect()
    gc.freeze()
