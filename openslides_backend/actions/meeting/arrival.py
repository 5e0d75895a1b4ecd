"""Writes a meeting object as a new meeting (meeting_clone_import.md, "New ids" and "Writing")."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openslides_backend.engine.action import Action
from openslides_backend.models.models import Meeting
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.progress import counted
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.checker import MIGRATION_KEY, CheckMode, Data, allowed_collections
from openslides_backend.transfer.renumbering import NewIds, list_values, renumbered

_LEADING_OUT = {
    "meeting": frozenset(
        {
            "committee_id",
            "default_meeting_for_committee_id",
            "is_active_in_organization_id",
            "is_archived_in_organization_id",
            "organization_tag_ids",
            "template_for_organization_id",
        }
    ),
    "user": frozenset({"organization_id"}),
}
"""Relations that lead out of the meeting: they are set by themselves, with their other sides."""

Existing = Mapping[str, Mapping[int, int]]
"""Models of the object that are there already, by collection: their ids in the store by those in the object."""


_Ids = dict[str, dict[int, int]]


@dataclass(slots=True)
class _Given:
    """The new ids by the old ones that models got in any try of the batch: what was done elsewhere names them.

    The same meeting may arrive several times; each has its ids.
    """

    ids: dict[tuple[int, int], _Ids] = field(default_factory=dict)


class _Arrived(Counter[int]):
    """How often meetings have arrived in this try of the batch, by their ids in the object."""


class Arrival:
    """One meeting object that has passed the acceptance check, on its way to be a new meeting.

    `existing` are models that are not created: their relation lists are extended, their other fields stay as they are.
    `ids` are the ids of all models in the store, by collection and their ids in the object.
    """

    def __init__(self, action: Action, data: Data, existing: Existing) -> None:
        self._action = action
        self._uow = action.uow
        self._data = data
        self._existing = existing
        self.ids: NewIds = self._new_ids()
        (self.meeting_id,) = self.ids["meeting"].values()

    def write(self, place: Fields) -> None:
        """Create all models and extend those that are there, `meeting.user_ids` aside.

        `place` are the meeting's relations that lead out of it; it gets no others.

        Raises ModelDoesNotExist if one of their targets doesn't exist.
        """
        models = list(self._models())
        for collection, id_, model in counted(models, len(models)):
            if id_ not in self._existing.get(collection, {}):
                fields = renumbered(collection, model, self.ids)
                for name in _LEADING_OUT.get(collection, ()):
                    fields.pop(name, None)
                self._uow.create(collection, fields["id"], fields)
        self._extend()
        relations = self._action.run.relations
        relations.load(Meeting, [{"id": self.meeting_id, **place}])
        relations.update(Meeting, self.meeting_id, place)

    def set_participants(self) -> None:
        """Set `meeting.user_ids`: group by group, in a group by the ids of the meeting_users, each user once."""
        groups = self._uow.get("meeting", self.meeting_id, "group_ids")["group_ids"] or ()
        user_ids: dict[int, None] = {}
        for group_id in groups:
            for member in sorted(self._uow.get("group", group_id, "meeting_user_ids")["meeting_user_ids"] or ()):
                user_ids[self._uow.get("meeting_user", member, "user_id")["user_id"]] = None
        if user_ids:
            self._uow.update("meeting", self.meeting_id, {"user_ids": list(user_ids)})

    def join(self, member: int, group_id: int) -> None:
        """Add a new group to a new meeting_user, unless it is there."""
        self._uow.add_to("meeting_user", member, "group_ids", group_id)
        self._uow.add_to("group", group_id, "meeting_user_ids", member)

    def members(self) -> dict[int, int]:
        """The ids of the new meeting_users by those of their users."""
        ids = self.ids["meeting_user"]
        models = self._data.get("meeting_user", {}).values()
        return {self.ids["user"][member["user_id"]]: ids[member["id"]] for member in models}

    def _models(self) -> Iterator[tuple[str, int, Fields]]:
        for collection, models in self._data.items():
            if collection != MIGRATION_KEY:
                for model in models.values():
                    yield collection, model["id"], model

    def _new_ids(self) -> NewIds:
        given = self._given()
        wanted: dict[str, list[int]] = {}
        for collection, id_, _ in self._models():
            if id_ not in given.get(collection, {}) and id_ not in self._existing.get(collection, {}):
                wanted.setdefault(collection, []).append(id_)
        self._uow.reserve({collection: len(ids) for collection, ids in wanted.items()})
        for collection, ids in wanted.items():
            given.setdefault(collection, {}).update(zip(ids, self._uow.next_ids(collection, len(ids)), strict=True))
        return {
            collection: {**given.get(collection, {}), **self._existing.get(collection, {})}
            for collection in allowed_collections(CheckMode.INTERNAL)
        }

    def _given(self) -> _Ids:
        (source,) = (meeting["id"] for meeting in self._data["meeting"].values())
        arrived = self._action.run.state(_Arrived)
        arrived[source] += 1
        return self._action.run.kept(_Given).ids.setdefault((source, arrived[source]), {})

    def _extend(self) -> None:
        """A list that is unset in store and doesn't get a value becomes an empty one."""
        lists = {
            (collection, new): list(list_values(collection, self._data[collection][str(old)], self.ids))
            for collection, ids in self._existing.items()
            for old, new in ids.items()
        }
        self._uow.prefetch(
            [
                GetMany(collection, (id_,), ("id", *(name for name, _ in values)))
                for (collection, id_), values in lists.items()
            ]
        )
        for (collection, id_), values in lists.items():
            for name, added in values:
                self._add(collection, id_, name, added)

    def _add(self, collection: str, id_: int, name: str, values: Sequence[Any]) -> None:
        for value in values:
            self._uow.add_to(collection, id_, name, value)
        stored = self._uow.peek(collection, id_, name)
        if stored is not None and stored[name] is None:
            self._uow.find(collection, id_, name)
            self._uow.update(collection, id_, {name: []})
