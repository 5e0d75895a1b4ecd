"""Models with both sides of their relations, told by one side."""

from collections import defaultdict
from typing import Any

from openslides_backend.models.fields import MISSING, RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.services.datastore import CreateEvent, Event, UpdateEvent
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields


class LinkedData:
    """New models, and what models that are stored already have to be told about them."""

    def __init__(self) -> None:
        self.created: dict[str, Fields] = {}
        self._added: defaultdict[str, dict[str, list[Any]]] = defaultdict(dict)
        self._set: defaultdict[str, Fields] = defaultdict(dict)

    def add(self, fqid: str, **fields: Any) -> int:
        """A new model, with the defaults of its collection; models that are created later must not be named. Its id."""
        collection, id_ = split_fqid(fqid)
        model = MODELS[collection].fields
        defaults = {field.name: field.default for field in model.values() if field.default is not MISSING}
        self.created[fqid] = {"id": id_, **defaults}
        self.set(fqid, **fields)
        return id_

    def set(self, fqid: str, **fields: Any) -> None:
        """Fields of a new model; relations must have been unset."""
        collection, id_ = split_fqid(fqid)
        self.created[fqid].update(fields)
        for name, value in fields.items():
            field = MODELS[collection].fields[name]
            if isinstance(field, RelationField):
                for target in value if field.is_list else [value]:
                    self._tell(field, id_, target)

    def events(self) -> list[Event]:
        """Everything, to be written at once."""
        changed = dict.fromkeys([*self._set, *self._added])
        return [
            *(CreateEvent(fqid, model) for fqid, model in self.created.items()),
            *(UpdateEvent(fqid, self._set[fqid], add=self._added[fqid]) for fqid in changed),
        ]

    def _tell(self, field: RelationField, id_: int, target: Any) -> None:
        collection, target_id = split_fqid(target) if field.is_generic else (field.target, target)
        reverse, fqid = field.reverse(collection), make_fqid(collection, target_id)
        entry: Any = make_fqid(field.collection, id_) if reverse.is_generic else id_
        if not reverse.is_list:
            (self.created.get(fqid) or self._set[fqid])[reverse.name] = entry
        elif fqid in self.created:
            self.created[fqid].setdefault(reverse.name, []).append(entry)
        else:
            self._added[fqid].setdefault(reverse.name, []).append(entry)
