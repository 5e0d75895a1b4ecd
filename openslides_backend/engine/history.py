"""What the actions of a batch tell about models, stored as history models (engine.md, "History")."""

from collections.abc import Mapping, Sequence

from openslides_backend.engine.relations import Relations
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.models.fields import RelationField
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

POSITION = "history_position"
ENTRY = "history_entry"


class History:
    """Collects entries during one action of the batch and stores them after it."""

    def __init__(self, uow: UnitOfWork, relations: Relations, models: Mapping[str, type[Model]], user_id: int) -> None:
        self._uow = uow
        self._relations = relations
        self._models = models
        self._user_id = user_id
        self._entries: dict[str, list[str]] = {}

    def tell(self, fqid: str, *texts: str) -> None:
        """Append a template and its arguments to the entry of a model; other collections than those with a history are
        passed over."""
        if split_fqid(fqid)[0] in self._told_collections():
            self._entries.setdefault(fqid, []).extend(texts)

    def mark(self) -> Mapping[str, int]:
        """How much has been told so far."""
        return {fqid: len(texts) for fqid, texts in self._entries.items()}

    def forget_since(self, mark: Mapping[str, int]) -> None:
        """What has been told since then isn't worth telling."""
        self._entries = {fqid: self._entries[fqid][:length] for fqid, length in mark.items()}

    def store(self, timestamp: int) -> None:
        """Write one position with all entries collected since the last call; `timestamp` in Unix seconds."""
        if not self._entries:
            return
        told, self._entries = self._entries, {}
        self._load(told)
        self._uow.reserve({POSITION: 1, ENTRY: len(told)})
        (position_id,) = self._uow.next_ids(POSITION, 1)
        position: Fields = {"timestamp": timestamp, "original_user_id": self._user_id}
        if self._user_id > 0 and self._uow.exists("user", self._user_id):
            position["user_id"] = self._user_id
        self._relations.create(self._models[POSITION], position_id, position)
        for entry_id, (fqid, texts) in zip(self._uow.next_ids(ENTRY, len(told)), told.items(), strict=True):
            self._relations.create(self._models[ENTRY], entry_id, self._entry(fqid, texts, position_id))

    def _told_collections(self) -> Mapping[str, str]:
        field = self._models[ENTRY].fields["model_id"]
        return field.targets if isinstance(field, RelationField) else {}

    def _load(self, told: Mapping[str, Sequence[str]]) -> None:
        queries: list[Query] = []
        if self._user_id > 0:
            queries.append(GetMany("user", (self._user_id,), ("id",)))
        by_collection: dict[str, list[int]] = {}
        for fqid in told:
            collection, id_ = split_fqid(fqid)
            by_collection.setdefault(collection, []).append(id_)
        for collection, ids in by_collection.items():
            names = ("id", "meeting_id") if "meeting_id" in self._models[collection].fields else ("id",)
            queries.append(GetMany(collection, tuple(ids), names))
        self._uow.prefetch(queries)
        meetings = {meeting_id for fqid in told if (meeting_id := self._meeting_of(fqid)) is not None}
        self._uow.load("meeting", sorted(meetings), "id")

    def _meeting_of(self, fqid: str) -> int | None:
        collection, id_ = split_fqid(fqid)
        if "meeting_id" not in self._models[collection].fields:
            return None
        meeting_id: int | None = self._uow.last_value(collection, id_, "meeting_id")
        return meeting_id

    def _entry(self, fqid: str, texts: list[str], position_id: int) -> Fields:
        entry: Fields = {"entries": texts, "original_model_id": fqid, "position_id": position_id}
        if self._uow.exists(*split_fqid(fqid)):
            entry["model_id"] = fqid
        meeting_id = self._meeting_of(fqid)
        if meeting_id is not None and self._uow.exists("meeting", meeting_id):
            entry["meeting_id"] = meeting_id
        return entry
