"""Loading the applications that a process serves."""

import gc
import importlib
import sys
from collections.abc import Callable
from typing import Any

NEW_OBJECTS = 20_000
"""After so many new objects the collector looks for garbage among them; few megabytes may wait for it."""
SURVIVORS = (2, 50)
"""After more looks at the youngest objects it looks at those that survived these, after more looks at those at all.

By default both are ten: with so many new objects each look at the survivors would stop all threads for 60 milliseconds,
three times as long as now. All objects together are looked at as seldom as by default.
"""
SWITCH_INTERVAL = 0.001
"""Seconds that a thread may go on computing while others wait for their turn."""


def load_factory(path: str) -> Callable[..., Any]:
    """The function that `package.module:function` names.

    Imported by name and not at the top so that a process loads only the applications that it serves, and with
    Gunicorn's reload only in the worker, which is replaced when the code changes.
    """
    module, _, function = path.partition(":")
    factory: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return factory


def prepare_to_serve() -> None:
    """Before forking: tune collector and threads for small requests beside large batches.

    What is loaded so far the collector leaves alone, so that its pages stay shared. A batch makes hundreds of thousands
    of objects that stay until its end. By default the collector looks at the youngest whenever there are 700 of them,
    and at all of them again and again: a third of the time of a large batch.

    A thread that computes gives way to others after `SWITCH_INTERVAL`. By default that takes five times as long, which
    a small request meets each time it has waited for another service.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *SURVIVORS)
    sys.setswitchinterval(SWITCH_INTERVAL)
