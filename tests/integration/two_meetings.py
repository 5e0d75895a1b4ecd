"""The example data with models of all collections and a second meeting: a copy of the first one, with other ids."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from tests.integration.filled_data import fill

EXAMPLE_DATA = Path(__file__).parents[2] / "global" / "data" / "example-data.json"
SHIFT = 100
"""By how much the ids of the second meeting are higher."""


def in_a_meeting(collection: str) -> bool:
    """Whether models of the collection belong to a meeting, or may do so."""
    return collection in ("meeting", "mediafile") or "meeting_id" in MODELS[collection].fields


def two_meetings() -> dict[str, Fields]:
    """All models by fqid."""
    data = json.loads(EXAMPLE_DATA.read_text(encoding="utf-8"))
    stored: dict[str, Fields] = {
        make_fqid(collection, int(id_)): model
        for collection, models in data.items()
        if not collection.startswith("_")
        for id_, model in models.items()
    }
    fill(stored)
    copies: dict[str, Fields] = {}
    for fqid, model in list(stored.items()):
        collection, id_ = split_fqid(fqid)
        if in_a_meeting(collection):
            copy = {name: _moved(collection, name, value) for name, value in model.items()} | {"id": id_ + SHIFT}
            copies[make_fqid(collection, id_ + SHIFT)] = copy
            _tell_others(stored, collection, copy)
    return stored | copies


def _relation(collection: str, name: str) -> RelationField | None:
    field = MODELS[collection].fields[name]
    return field if isinstance(field, RelationField) else None


def _moved(collection: str, name: str, value: Any) -> Any:
    field = _relation(collection, name)
    if field is None:
        return value
    if isinstance(value, list):
        return [_moved_target(field, entry) for entry in value]
    return _moved_target(field, value)


def _moved_target(field: RelationField, value: Any) -> Any:
    collection, id_ = split_fqid(value) if field.is_generic else (field.target, value)
    moved = id_ + SHIFT if in_a_meeting(collection) else id_
    return make_fqid(collection, moved) if field.is_generic else moved


def _tell_others(stored: Mapping[str, Fields], collection: str, copy: Fields) -> None:
    """Models outside of meetings name the copy, too."""
    for field, target, id_ in _targets(collection, copy):
        if in_a_meeting(target):
            continue
        reverse, model = field.reverse(target), stored[make_fqid(target, id_)]
        own: Any = make_fqid(collection, copy["id"]) if reverse.is_generic else copy["id"]
        if reverse.is_list:
            model[reverse.name] = [*model.get(reverse.name, ()), own]
        else:
            copy.pop(field.name)


def _targets(collection: str, model: Fields) -> Iterator[tuple[RelationField, str, int]]:
    for name, value in list(model.items()):
        field = _relation(collection, name)
        if field is None:
            continue
        for entry in value if isinstance(value, list) else [value]:
            target, id_ = split_fqid(entry) if field.is_generic else (field.target, entry)
            yield field, target, id_
