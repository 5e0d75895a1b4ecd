"""Applies single steps to data, for tests."""

from copy import deepcopy
from typing import Any

from openslides_backend.migrations.data import Collections, Data
from openslides_backend.migrations.engine import load_steps

Before = dict[str, list[dict[str, Any]]]
"""Models by collection, with their ids."""


def keyed(data: Before) -> Collections:
    """The data in the form that exports have."""
    return {name: {str(model["id"]): dict(model) for model in models} for name, models in data.items()}


def step(number: int, before: Before) -> Before:
    """What the step makes of the data."""
    collections = keyed(deepcopy(before))
    load_steps()[number](Data(collections))
    return {name: list(models.values()) for name, models in collections.items()}
