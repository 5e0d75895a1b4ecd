"""Brings the data of a datastore to the current migration index, in one transaction."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from openslides_backend.migrations.data import Collections, Data, MigrationFailed
from openslides_backend.migrations.engine import apply_steps
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.datastore import (
    CreateEvent,
    Datastore,
    DeleteEvent,
    Event,
    FilterModels,
    UpdateEvent,
    WriteRequest,
)
from openslides_backend.shared.exceptions import BadRequest, ModelLocked
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

MAX_TRIES: Final = 5
"""How often it is begun anew if something is written meanwhile."""


def migrate_stored(datastore: Datastore, target: int = MIGRATION_INDEX) -> str:
    """Migrate the data up to the target; a line that says what was done. Data without an index are left alone.

    Deleted models stay as they were. Several processes may do this at the same time.

    Raises BadRequest if the data can't be migrated, or have a higher index, and ServiceError; nothing is changed then.
    """
    for _ in range(MAX_TRIES):
        index = datastore.read_migration_index()
        if index is None or index == target:
            return f"nothing to do, the data have migration index {index or 'none'}"
        if index > target:
            raise BadRequest(f"the data have migration index {index}, this service has only {target}")
        try:
            changes = _migrate(datastore, index, target)
        except ModelLocked:
            continue
        except MigrationFailed as error:
            raise BadRequest(f"the data can't be migrated from index {index} to {target}: {error}") from None
        return f"migrated from index {index} to {target}, {changes} models changed"
    raise BadRequest("the data can't be migrated while they are being changed")


def _migrate(datastore: Datastore, index: int, target: int) -> int:
    """Migrate the data; the number of models that are changed. Raises ModelLocked and MigrationFailed."""
    (found,) = datastore.read([FilterModels("organization", equals(id=ORGANIZATION_ID), ("id",))])
    before: Collections = {
        collection: {str(id_): model for id_, model in models.items()}
        for collection, models in datastore.get_everything().items()
    }
    after = deepcopy(before)

    def last_id(collection: str) -> int:
        """Deleted models have ids as well, which only the datastore knows."""
        return datastore.reserve_ids({collection: 1})[collection][0] - 1

    apply_steps(Data(after, last_id), index, target)
    events = list(_events(before, after))
    request = WriteRequest(events, 0, migration_index=target, migrated_from=(index, found.position))
    datastore.write([request])
    return len(events)


def _events(before: Collections, after: Collections) -> Iterator[Event]:
    for collection in before.keys() | after.keys():
        old, new = before.get(collection, {}), after.get(collection, {})
        yield from (DeleteEvent(f"{collection}/{id_}") for id_ in old.keys() - new.keys())
        yield from (CreateEvent(f"{collection}/{id_}", new[id_]) for id_ in new.keys() - old.keys())
        for id_ in old.keys() & new.keys():
            if changes := _changes(old[id_], new[id_]):
                yield UpdateEvent(f"{collection}/{id_}", changes)


def _changes(old: Fields, new: Fields) -> Fields:
    return {name: new.get(name) for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
