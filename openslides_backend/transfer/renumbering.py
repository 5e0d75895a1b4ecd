"""New ids for the models of a meeting that becomes another one (meeting_clone_import.md, "New ids")."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import is_fqid, make_fqid, split_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields
from openslides_backend.transfer.checker import CheckMode, allowed_collections

NewIds = Mapping[str, Mapping[int, int]]
"""The new ids by the old ones, by collection."""

CALCULATED: Final[Mapping[str, str]] = {"meeting": "user_ids", "user": "meeting_ids"}
"""Fields that aren't taken over: who takes part is calculated."""

_EXTENSIONS = ("state_extension", "recommendation_extension")
_REFERENCE = re.compile(r"\[motion/([0-9]+)\]")


@cache
def inner_relations(collection: str) -> Mapping[str, RelationField]:
    """The relation fields of a collection that lead to models that a meeting object may hold."""
    accepted = allowed_collections(CheckMode.INTERNAL)
    return {
        name: field
        for name, field in MODELS[collection].fields.items()
        if isinstance(field, RelationField) and not accepted.isdisjoint(field.targets)
    }


def renumbered(collection: str, model: ReadOnlyFields, ids: NewIds) -> Fields:
    """A model as it is with its new id, and with the new ids of all accepted models that it names.

    Raises BadRequest if it names an accepted model that has no new id.
    """
    relations = inner_relations(collection)
    fields = {
        name: _new_value(relations[name], value, ids) if value and name in relations else value
        for name, value in model.items()
        if name != CALCULATED.get(collection)
    }
    fields["id"] = ids[collection][model["id"]]
    if collection == "motion":
        for name in _EXTENSIONS:
            if isinstance(text := fields.get(name), str):
                fields[name] = _REFERENCE.sub(lambda found: f"[motion/{_new_id('motion', int(found[1]), ids)}]", text)
    return fields


def list_values(collection: str, model: ReadOnlyFields, ids: NewIds) -> Iterator[tuple[str, Sequence[Any]]]:
    """The relation lists of a model that lead to accepted models, each with its new values."""
    for name, field in inner_relations(collection).items():
        if field.is_list and name in model:
            yield name, _new_value(field, model[name], ids) if model[name] else []


def _new_value(field: RelationField, value: Any, ids: NewIds) -> Any:
    if not field.is_list:
        return _new_target(field, value, ids)
    return list(dict.fromkeys(_new_target(field, item, ids) for item in value))


def _new_target(field: RelationField, target: Any, ids: NewIds) -> Any:
    if not field.is_generic:
        return _new_id(field.target, target, ids) if target else target
    if not is_fqid(target):
        return target
    collection, id_ = split_fqid(target)
    return make_fqid(collection, _new_id(collection, id_, ids)) if collection in ids else target


def _new_id(collection: str, id_: int, ids: NewIds) -> int:
    try:
        return ids[collection][id_]
    except KeyError:
        raise BadRequest(f"{collection}/{id_} is named, but isn't among the data.") from None
