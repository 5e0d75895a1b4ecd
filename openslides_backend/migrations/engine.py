"""Brings data of an older migration index to the current one (meeting_clone_import.md, "Migration index").

A step is a module `mNNNN_what.py` with a function `migrate(data)`, which turns data of index NNNN into data of the next
one. Modules are found by their names; an index without a module changes nothing. docs/migrations.md tells how to add
one.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from openslides_backend import migrations
from openslides_backend.migrations.data import Collections, Data, MigrationFailed
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import MAX_ID, is_fqid
from openslides_backend.transfer.checker import MIGRATION_KEY

LAST_INDEX_WITH_NULLS: Final = 43
"""Up to this index, fields that are null are as good as missing; later ones are kept."""

_STEP = re.compile(r"m([0-9]{4})_\w+")

Step = Callable[[Data], None]


@cache
def load_steps() -> Mapping[int, Step]:
    """What there is to do, by the index of the data to which it is done."""
    steps: dict[int, Step] = {}
    for module in iter_modules(migrations.__path__):
        if match := _STEP.fullmatch(module.name):
            steps[int(match[1])] = import_module(f"{migrations.__name__}.{module.name}").migrate
    return steps


def migrate_meeting(data: dict[str, Any], target: int = MIGRATION_INDEX) -> dict[str, Any]:
    """The meeting object with its data, and its index, as of the target; it is changed in place and is the result.

    The data must have the shape of a meeting object (`transfer.checker`): nothing is expected of their fields. Data of
    the target's index are left alone.

    Raises BadRequest, which names both indexes if that of the data is higher, otherwise the model and its field. The
    data are of no use then.
    """
    index = data.get(MIGRATION_KEY)
    if not isinstance(index, int) or isinstance(index, bool) or index < 1:
        raise BadRequest(f"{MIGRATION_KEY}: must be an integer, at least 1.")
    if index > target:
        raise BadRequest(f"{MIGRATION_KEY}: The data have {index}, this service has only {target}.")
    if index < target:
        collections: Collections = {name: models for name, models in data.items() if name != MIGRATION_KEY}
        _check_ids(collections)
        if index <= LAST_INDEX_WITH_NULLS:
            _drop_nulls(collections)
        try:
            apply_steps(Data(collections), index, target)
        except MigrationFailed as error:
            raise BadRequest(f"The data can't be migrated from {MIGRATION_KEY} {index} to {target}. {error}") from None
        data.clear()
        data |= {MIGRATION_KEY: target, **collections}
    return data


def apply_steps(data: Data, index: int, target: int) -> None:
    """Apply all steps from the index up to the target, which is the index of the data then.

    Raises MigrationFailed.
    """
    for number, migrate in sorted(load_steps().items()):
        if index <= number < target:
            migrate(data)


def _check_ids(collections: Collections) -> None:
    for place, _ in _models(collections):
        if not is_fqid(place):
            raise BadRequest(f"{place[:100]}: The id must be between 1 and {MAX_ID}.")


def _drop_nulls(collections: Collections) -> None:
    for _, model in _models(collections):
        for name in [name for name, value in model.items() if value is None]:
            del model[name]


def _models(collections: Collections) -> Iterator[tuple[str, dict[str, Any]]]:
    return (
        (f"{collection}/{key}", model) for collection, models in collections.items() for key, model in models.items()
    )
