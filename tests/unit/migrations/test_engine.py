"""From an index to another: which steps are applied, and what is refused."""

from copy import deepcopy
from typing import Any

import pytest

from openslides_backend.migrations.engine import load_steps, migrate_meeting
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.shared.exceptions import BadRequest


def meeting(index: Any, **fields: object) -> dict[str, Any]:
    return {"_migration_index": index, "meeting": {"1": {"id": 1, **fields}}}


def test_current_data_are_left_alone() -> None:
    data = meeting(MIGRATION_INDEX, custom_translations=[], description=None, users_sort_by="x")
    before = deepcopy(data)
    assert migrate_meeting(data) is data
    assert data == before


def test_steps_from_the_index_on() -> None:
    data = meeting(58, users_sort_by="x", users_pdf_url="y")
    assert migrate_meeting(data)["meeting"]["1"] == {
        "id": 1,
        "users_sort_by": "x",
        "users_pdf_url": "y",
        "motion_poll_default_method": "YNA",
        "motion_poll_projection_name_order_first": "last_name",
        "motion_poll_projection_max_columns": 6,
    }
    assert data["_migration_index"] == MIGRATION_INDEX
    assert "motion_poll_default_method" not in migrate_meeting(meeting(59))["meeting"]["1"]


@pytest.mark.parametrize(("index", "kept"), [(1, False), (43, False), (44, True), (82, True)])
def test_nulls_of_old_data_are_dropped(index: int, kept: bool) -> None:
    assert ("description" in migrate_meeting(meeting(index, description=None))["meeting"]["1"]) is kept


def test_higher_index_names_both() -> None:
    with pytest.raises(BadRequest, match=rf"_migration_index: .*{MIGRATION_INDEX + 1}.*{MIGRATION_INDEX}"):
        migrate_meeting(meeting(MIGRATION_INDEX + 1))


@pytest.mark.parametrize("index", [None, "82", True, 0, -1, 82.0])
def test_wrong_index(index: object) -> None:
    with pytest.raises(BadRequest, match="_migration_index"):
        migrate_meeting(meeting(index))


@pytest.mark.parametrize("key", ["0", "01", "-1", "x", "9" * 5000, "2147483648"])
def test_ids_out_of_bounds(key: str) -> None:
    with pytest.raises(BadRequest, match=r"^motion/"):
        migrate_meeting({"_migration_index": 82, "motion": {key: {"id": 1}}})


def test_failure_names_indexes_model_and_field() -> None:
    with pytest.raises(BadRequest, match=rf"82.*{MIGRATION_INDEX}.*meeting/1/custom_translations"):
        migrate_meeting(meeting(82, custom_translations=[{"original": 1}]))


def test_steps_are_for_indexes_below_the_current_one() -> None:
    assert max(load_steps()) < MIGRATION_INDEX
