"""Stored data are brought to the current migration index, in one transaction or not at all."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from openslides_backend.migrations.stored import migrate_stored
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.datastore import CreateEvent, DeleteEvent, UpdateEvent, WriteRequest
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.transfer.checker import MIGRATION_KEY
from tests.integration.stack import shared_stack
from tests.unit.migrations.older import current, of_index_70


@pytest.fixture
def datastore() -> Iterator[HttpDatastore]:
    stack = shared_stack()
    stack.reset()
    yield stack.datastore
    stack.reset()


def store(datastore: HttpDatastore, data: dict[str, Any]) -> None:
    """Write the data with their index."""
    events = [
        CreateEvent(f"{collection}/{id_}", {name: value for name, value in model.items() if value is not None})
        for collection, models in data.items()
        if collection != MIGRATION_KEY
        for id_, model in models.items()
    ]
    organization = CreateEvent("organization/1", {"id": 1, "name": "x"})
    datastore.write([WriteRequest([organization, *events], 0, migration_index=data[MIGRATION_KEY])])


def stored(datastore: HttpDatastore) -> dict[str, dict[str, dict[str, Any]]]:
    """Everything but the organization, by collection and id."""
    return {
        collection: {str(id_): model for id_, model in models.items()}
        for collection, models in datastore.get_everything().items()
        if collection != "organization"
    }


def of_index(index: int, **meeting: object) -> dict[str, Any]:
    return {MIGRATION_KEY: index, "meeting": {"1": {"id": 1, "name": "x", **meeting}}}


class _Meddling(HttpDatastore):
    """A datastore into which somebody else writes just before what is written here, as often as is said."""

    def __init__(self, other: HttpDatastore, times: int) -> None:
        self.__dict__.update(other.__dict__)
        self.times = times

    def write(self, requests: Any) -> None:
        """Write, after somebody else has."""
        if self.times:
            self.times -= 1
            super().write([WriteRequest([UpdateEvent("meeting/1", {"name": f"changed {self.times}"})], 1)])
        super().write(requests)


def test_a_whole_meeting(datastore: HttpDatastore) -> None:
    store(datastore, of_index_70())
    datastore.write(
        [WriteRequest([CreateEvent("motion_supporter/7", {"id": 7}), DeleteEvent("motion_supporter/7")], 0)]
    )
    assert migrate_stored(datastore).startswith(f"migrated from index 70 to {MIGRATION_INDEX}, ")
    assert datastore.read_migration_index() == MIGRATION_INDEX
    found, expected = stored(datastore), current()
    assert found["meeting"]["1"]["custom_translations"] == {"Motion": "Application"}
    # New models don't get the ids of deleted ones.
    assert found["motion_supporter"] == {"8": {**expected["motion_supporter"]["1"], "id": 8}}
    assert found["motion"]["1"]["supporter_ids"] == found["meeting_user"]["1"]["motion_supporter_ids"] == [8]
    for collection in ("user", "motion_submitter", "poll", "group", "mediafile"):
        assert found[collection] == {
            id_: {name: value for name, value in model.items() if value is not None}
            for id_, model in expected[collection].items()
        }


def test_models_are_removed_and_fields_unset(datastore: HttpDatastore) -> None:
    data = of_index(75)
    data["projection"] = {"1": {"id": 1}, "2": {"id": 2, "content_object_id": "meeting/1"}}
    data["group"] = {"1": {"id": 1, "external_id": ""}}
    store(datastore, data)
    assert migrate_stored(datastore) == f"migrated from index 75 to {MIGRATION_INDEX}, 2 models changed"
    assert stored(datastore)["projection"].keys() == {"2"}
    assert stored(datastore)["group"] == {"1": {"id": 1}}


@pytest.mark.parametrize("index", [None, MIGRATION_INDEX])
def test_nothing_to_do(datastore: HttpDatastore, index: int | None) -> None:
    data = of_index(MIGRATION_INDEX, custom_translations=[])
    store(datastore, {**data, MIGRATION_KEY: index})
    before = deepcopy(stored(datastore))
    assert migrate_stored(datastore).startswith("nothing to do")
    assert stored(datastore) == before
    assert datastore.read_migration_index() == index


def test_only_the_index_changes(datastore: HttpDatastore) -> None:
    store(datastore, of_index(82))
    assert migrate_stored(datastore) == f"migrated from index 82 to {MIGRATION_INDEX}, 0 models changed"
    assert datastore.read_migration_index() == MIGRATION_INDEX
    assert migrate_stored(datastore).startswith("nothing to do")


def test_newer_data_are_refused(datastore: HttpDatastore) -> None:
    store(datastore, of_index(MIGRATION_INDEX + 1))
    with pytest.raises(BadRequest, match=rf"{MIGRATION_INDEX + 1}.*{MIGRATION_INDEX}"):
        migrate_stored(datastore)


def test_what_can_not_be_migrated_stays_as_it_is(datastore: HttpDatastore) -> None:
    store(datastore, of_index(76, custom_translations=[1]) | {"projector": {"1": {"id": 1, "scroll": -1}}})
    before = stored(datastore)
    with pytest.raises(BadRequest, match="meeting/1/custom_translations"):
        migrate_stored(datastore)
    assert stored(datastore) == before
    assert datastore.read_migration_index() == 76


def test_changes_meanwhile_are_kept(datastore: HttpDatastore) -> None:
    store(datastore, of_index(82, custom_translations=[]))
    assert migrate_stored(_Meddling(datastore, 2)).startswith("migrated")
    assert stored(datastore)["meeting"]["1"] == {"id": 1, "name": "changed 0", "custom_translations": {}}


def test_it_is_given_up_when_there_is_no_end_of_changes(datastore: HttpDatastore) -> None:
    store(datastore, of_index(82, custom_translations=[]))
    with pytest.raises(BadRequest, match="while they are being changed"):
        migrate_stored(_Meddling(datastore, 100))
    assert datastore.read_migration_index() == 82
