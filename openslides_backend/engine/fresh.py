"""What needs no answer from the datastore: no stored model can name one that this batch has created."""

from collections.abc import Callable
from typing import Any

from openslides_backend.models.base import Model
from openslides_backend.models.fields import RelationField
from openslides_backend.shared.filters import And, FieldFilter, Filter, Or
from openslides_backend.shared.fqid import is_fqid, split_fqid

IsCreated = Callable[[str, int], bool]


def passes_new_ones_only(filter_: Filter, model: type[Model], is_created: IsCreated) -> bool:
    """Whether the filter demands a relation to a model that was created in this batch."""
    if isinstance(filter_, FieldFilter):
        return filter_.operator == "=" and _names_new_model(filter_, model, is_created)
    if isinstance(filter_, And):
        return any(passes_new_ones_only(part, model, is_created) for part in filter_.filters)
    if isinstance(filter_, Or):
        return bool(filter_.filters) and all(passes_new_ones_only(p, model, is_created) for p in filter_.filters)
    return False


def _names_new_model(filter_: FieldFilter, model: type[Model], is_created: IsCreated) -> bool:
    field, value = model.fields.get(filter_.field), filter_.value
    if not isinstance(field, RelationField) or field.is_list:
        return False
    if field.is_generic:
        return is_fqid(value) and is_created(*split_fqid(value))
    return isinstance(value, int) and is_created(field.target, value)


def empty_value(kind: str) -> Any:
    """The value of an aggregate over no models."""
    return {"exists": False, "count": 0}.get(kind)
