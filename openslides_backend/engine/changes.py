"""What a batch is going to change in one model, merged into as few events as possible."""

from dataclasses import dataclass, field
from typing import Any

from openslides_backend.services.datastore import CreateEvent, DeleteEvent, Event, UpdateEvent
from openslides_backend.shared.typing import Fields


@dataclass(slots=True)
class ModelChange:
    """Pending changes of one model.

    `fields` holds whole new values (None unsets). `add` and `remove` hold differences to a list whose stored value
    needn't be known, as ordered sets. A field is never in `fields` and in one of them at once.
    """

    fqid: str
    created: bool = False
    deleted: bool = False
    fields: Fields = field(default_factory=dict)
    add: dict[str, dict[Any, None]] = field(default_factory=dict)
    remove: dict[str, dict[Any, None]] = field(default_factory=dict)
    _members: dict[str, tuple[list[Any], set[Any]]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What the lists hold that were added to last, to look values up in: they may get tens of thousands of them."""

    def assign(self, values: Fields) -> None:
        """Whole new values for some fields."""
        for name, value in values.items():
            self.add.pop(name, None)
            self.remove.pop(name, None)
            self.fields[name] = value

    def add_to(self, name: str, value: Any) -> None:
        """Append a value to a list unless it is there already."""
        if self.created or name in self.fields:
            stored = self.fields.get(name) or []
            known, members = self._members.get(name, (None, set[Any]()))
            if known is not stored:
                members = set(stored)
            if value not in members:
                members.add(value)
                # A new list: others may hold the former one.
                self.fields[name] = stored = [*stored, value]
            self._members[name] = stored, members
            return
        self.remove.get(name, {}).pop(value, None)
        self.add.setdefault(name, {})[value] = None

    def remove_from(self, name: str, value: Any) -> None:
        """Drop a value from a list if it is there."""
        if self.created or name in self.fields:
            stored = self.fields.get(name)
            if stored and value in stored:
                self.fields[name] = [entry for entry in stored if entry != value]
            return
        self.add.get(name, {}).pop(value, None)
        self.remove.setdefault(name, {})[value] = None

    def touches(self, name: str) -> bool:
        """Whether the field is changed."""
        return name in self.fields or bool(self.add.get(name)) or bool(self.remove.get(name))

    def touched(self) -> set[str]:
        """Names of all changed fields."""
        changed = {*self.fields}
        changed.update(name for name, values in self.add.items() if values)
        changed.update(name for name, values in self.remove.items() if values)
        return changed

    def value(self, name: str, stored: Any) -> Any:
        """The value of the field after the change, given the stored one."""
        if self.created or name in self.fields:
            return self.fields.get(name)
        added, removed = self.add.get(name), self.remove.get(name)
        if not added and not removed:
            return stored
        if stored is None and not added:
            return None
        kept = [entry for entry in stored or [] if not removed or entry not in removed]
        if added:
            present = set(kept)
            kept += [entry for entry in added if entry not in present]
        return kept

    def events(self) -> list[Event]:
        """The events that bring the change about; none for a model that is created and deleted at once."""
        if self.created:
            fields = {name: value for name, value in self.fields.items() if value is not None}
            return [] if self.deleted else [CreateEvent(self.fqid, fields)]
        events: list[Event] = []
        add = {name: list(values) for name, values in self.add.items() if values}
        remove = {name: list(values) for name, values in self.remove.items() if values}
        if self.fields or add or remove:
            events.append(UpdateEvent(self.fqid, dict(self.fields), add, remove))
        if self.deleted:
            events.append(DeleteEvent(self.fqid))
        return events
