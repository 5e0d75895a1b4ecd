"""Checks what a batch is going to write, wherever it came from (engine.md, "One batch", 2.6)."""

from collections.abc import Mapping

from openslides_backend.engine.changes import ModelChange
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.models.fields import Field, FieldError
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.exceptions import BadRequest


def check_written(uow: UnitOfWork, models: Mapping[str, type[Model]]) -> None:
    """Known fields, types and constraints of everything written; required fields of created and of emptied models.

    Raises BadRequest naming the model and the field.
    """
    changes = [(collection, id_, change) for collection, id_, change in uow.changes() if not change.deleted]
    uow.prefetch(
        [
            GetMany(collection, (id_,), tuple(names))
            for collection, id_, change in changes
            if (names := _shrunk_lists(change, models[collection]))
        ]
    )
    required = {
        collection: [field for field in models[collection].fields.values() if field.required]
        for collection in {collection for collection, _, change in changes if change.created}
    }
    for collection, id_, change in changes:
        model = models[collection]
        _check_values(change, model)
        if change.created:
            _check_required(change, required[collection], change.fields)
        else:
            written = [field for name in change.fields if (field := model.fields[name]).required]
            _check_required(change, written, change.fields)
            shrunk = _shrunk_lists(change, model)
            if shrunk:
                values = uow.find_fields(collection, id_, *shrunk)
                _check_required(change, [model.fields[name] for name in shrunk], values)


def _shrunk_lists(change: ModelChange, model: type[Model]) -> list[str]:
    return [name for name, values in change.remove.items() if values and model.fields[name].required]


def _check_values(change: ModelChange, model: type[Model]) -> None:
    for name in change.touched():
        if name not in model.fields:
            raise BadRequest(f"{change.fqid} has no field '{name}'.", field=name)
    for name, value in change.fields.items():
        try:
            model.fields[name].check(value)
        except FieldError as error:
            raise BadRequest(f"{change.fqid}: {error}", field=name) from error


def _check_required(change: ModelChange, fields: list[Field], values: Mapping[str, object]) -> None:
    empty = [field.name for field in fields if field.is_empty(values.get(field.name))]
    if empty:
        raise BadRequest(f"{change.fqid} needs a value for {', '.join(empty)}.", field=empty[0])
