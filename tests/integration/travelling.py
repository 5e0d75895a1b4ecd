"""What tests of exports, imports and clones have in common: meeting objects that can be compared."""

from collections.abc import Mapping
from typing import Any

from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import MIGRATION_KEY

Export = dict[str, Any]


def canonical(export: Export) -> dict[str, Fields]:
    """All models of an export by names that don't depend on their ids, with these names in their relations.

    A user is named by the username, what else there is by its place among those of its collection. What isn't in the
    export keeps its fqid. The order of calculated lists doesn't matter.
    """
    names = {
        make_fqid(collection, model["id"]): f"{collection}#{model['username'] if collection == 'user' else place}"
        for collection, models in export.items()
        if collection != MIGRATION_KEY
        for place, model in enumerate(models.values())
    }
    return {
        names[make_fqid(collection, model["id"])]: _renamed(collection, model, names)
        for collection, models in export.items()
        if collection != MIGRATION_KEY
        for model in models.values()
    }


def without(models: Mapping[str, Fields], exceptions: Mapping[str, set[str]]) -> dict[str, Fields]:
    """The models without these fields, by collection, and without what is unset."""
    return {
        name: {
            field: value
            for field, value in model.items()
            if value is not None and field not in exceptions.get(name.partition("#")[0], ())
        }
        for name, model in models.items()
    }


def _renamed(collection: str, model: Fields, names: Mapping[str, str]) -> Fields:
    renamed: Fields = {}
    for name, value in model.items():
        field = MODELS[collection].fields.get(name)
        if name == "id":
            continue
        if name in ("user_ids", "meeting_ids"):
            target = "user" if name == "user_ids" else "meeting"
            renamed[name] = sorted(names[make_fqid(target, id_)] for id_ in value or ())
        elif not isinstance(field, RelationField) or not value:
            renamed[name] = value
        elif isinstance(value, list):
            renamed[name] = [_name(field, item, names) for item in value]
        else:
            renamed[name] = _name(field, value, names)
    for name in ("state_extension", "recommendation_extension"):
        if isinstance(text := renamed.get(name), str):
            for fqid, new in names.items():
                text = text.replace(f"[{fqid}]", f"[{new}]")
            renamed[name] = text
    return renamed


def _name(field: RelationField, target: Any, names: Mapping[str, str]) -> str:
    fqid = target if field.is_generic else make_fqid(field.target, target)
    return names.get(fqid, fqid)


def of_collection(models: Mapping[str, Fields], collection: str) -> dict[str, Fields]:
    """Those of one collection, by fqid."""
    return {fqid: model for fqid, model in models.items() if split_fqid(fqid)[0] == collection}
