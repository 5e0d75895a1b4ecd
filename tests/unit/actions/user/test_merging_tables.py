"""Every field of what is merged is in a table (user_merge.md): nothing is dropped because nobody thought of it."""

from collections.abc import Iterator, Mapping
from itertools import chain

import pytest

from openslides_backend.actions.user.merging.tables import ENTITLED, KINDS, MEETING_USER, USER, Fate, Table
from openslides_backend.models.fields import RelationField
from openslides_backend.models.models import MODELS

TABLES = [USER, MEETING_USER, *(kind.table for kind in KINDS)]
STAYING: Mapping[str, str] = {
    "action_worker.user_id": "who began an action in the background, as it was then",
    "history_position.original_user_id": "who did something, as it was then",
    "meeting.user_ids": "calculated",
}
"""Fields with ids of accounts that aren't relations, and why merging leaves them alone."""


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.model.collection)
def test_every_field_has_its_row(table: Table) -> None:
    assert sorted(chain.from_iterable(table.fates.values())) == sorted(table.model.fields)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.model.collection)
def test_no_relation_is_dropped(table: Table) -> None:
    """What belongs to somebody must not stay behind; a single one of the main object's may stay."""
    staying = {name for name, row in table.rows.items() if row is Fate.STAYS}
    lists = {name for name in staying if isinstance(field := table.model.fields[name], RelationField) and field.is_list}
    assert not lists


@pytest.mark.parametrize("table", [USER, MEETING_USER], ids=lambda table: table.model.collection)
def test_every_relation_to_them_is_in_the_table(table: Table) -> None:
    """Whatever model names an account or a participant, its other side has a row."""
    collection = table.model.collection
    reverse = {
        field.reverse(collection).name
        for model in MODELS.values()
        for field in model.fields.values()
        if isinstance(field, RelationField) and collection in field.targets
    }
    assert reverse <= table.rows.keys()


def test_objects_are_merged_by_kinds() -> None:
    named = {name for name, row in MEETING_USER.rows.items() if row is Fate.OBJECTS}
    assert named == {kind.relation for kind in KINDS}
    for kind in KINDS:
        field = MEETING_USER.model.fields[kind.relation]
        assert isinstance(field, RelationField)
        assert field.target == kind.collection


def _with_ids_of_accounts() -> Iterator[str]:
    for model in MODELS.values():
        for field in model.fields.values():
            if not isinstance(field, RelationField) and field.name.endswith(("user_id", "user_ids")):
                yield f"{model.collection}.{field.name}"


def test_other_ids_of_accounts_are_left_alone_knowingly() -> None:
    assert set(_with_ids_of_accounts()) == STAYING.keys()


def test_unknown_fields_are_errors() -> None:
    """What has no row can't even be looked at."""
    assert all(set(table.names) <= {"id", *table.rows} for table in TABLES)
    assert set(ENTITLED.values()) == {"user_id", "vote_delegated_to_user_id"}
