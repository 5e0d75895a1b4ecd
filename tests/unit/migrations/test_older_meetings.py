"""Whole meetings of older versions become meetings that pass the acceptance check, and lose nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.migrations.engine import migrate_meeting
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.transfer.checker import CheckMode, check_data
from openslides_backend.transfer.findings import CheckFailed
from tests.unit.migrations.older import current, of_index_43, of_index_70

OLDER: dict[int, Callable[[], dict[str, Any]]] = {43: of_index_43, 70: of_index_70}
NEW_IN_43 = {
    "meeting/1/custom_translations",
    "motion/1/text_hash",
    "motion/2/text_hash",
    "projector/1/chyron_background_color_2",
}
UNKNOWN_TO_43 = {
    "list_of_speakers/1/structure_level_list_of_speakers_ids",
    "meeting/1/motion_editor_ids",
    "meeting/1/motion_working_group_speaker_ids",
    "meeting/1/point_of_order_category_ids",
    "meeting/1/structure_level_list_of_speakers_ids",
    "meeting_user/1/motion_editor_ids",
    "meeting_user/1/motion_working_group_speaker_ids",
    "motion/1/editor_ids",
    "motion/1/working_group_speaker_ids",
    "motion_editor/1",
    "motion_working_group_speaker/1",
    "point_of_order_category/1",
    "structure_level/1/color",
    "structure_level/1/structure_level_list_of_speakers_ids",
    "structure_level_list_of_speakers/1",
}


def check(data: dict[str, Any]) -> None:
    """The check of an import, which sets the committee later."""
    data["meeting"]["1"].setdefault("committee_id", None)
    check_data(data, mode=CheckMode.EXTERNAL, repair=True)


def differences(first: dict[str, Any], second: dict[str, Any]) -> Iterator[str]:
    """Models that only one of two meetings has, and fields that differ; what is empty is as good as unset."""
    for collection in (first.keys() | second.keys()) - {"_migration_index"}:
        ours, others = first.get(collection, {}), second.get(collection, {})
        yield from (f"{collection}/{id_}" for id_ in ours.keys() ^ others.keys())
        for id_ in ours.keys() & others.keys():
            for name in ours[id_].keys() | others[id_].keys():
                if (ours[id_].get(name) or None) != (others[id_].get(name) or None):
                    yield f"{collection}/{id_}/{name}"


def test_the_current_meeting_passes_as_it_is() -> None:
    data = current()
    assert migrate_meeting(data) == current()
    check(data)


@pytest.mark.parametrize(
    ("index", "expected"), [(43, NEW_IN_43 | UNKNOWN_TO_43), (70, {"meeting/1/custom_translations"})]
)
def test_older_meetings_pass_and_lose_nothing(index: int, expected: set[str]) -> None:
    data, now = OLDER[index](), current()
    with pytest.raises(CheckFailed):
        check({**deepcopy(data), "_migration_index": MIGRATION_INDEX})
    check(migrate_meeting(data))
    check(now)
    assert set(differences(now, data)) == expected
    assert data["meeting"]["1"]["custom_translations"] == {"Motion": "Application"}


@pytest.mark.parametrize("index", OLDER)
def test_on_the_way_makes_no_difference(index: int) -> None:
    at_once = migrate_meeting(OLDER[index]())
    for rest in range(index + 1, MIGRATION_INDEX):
        halfway = migrate_meeting(OLDER[index](), rest)
        assert halfway["_migration_index"] == rest
        assert migrate_meeting(halfway) == at_once, rest


MEETING = of_index_43()
FIELDS = [
    (collection, id_, name)
    for collection, models in MEETING.items()
    if collection != "_migration_index"
    for id_, model in models.items()
    for name in model
]
JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=3),
        st.sampled_from(["\ud800", "motion/1", "meeting_mediafile/1", "#0", "[motion:1]"]),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from([1, 44]), st.lists(st.tuples(st.sampled_from(FIELDS), JUNK), min_size=1, max_size=2))
def test_junk_is_refused_or_left_alone(index: int, junk: list[tuple[tuple[str, str, str], object]]) -> None:
    data = {**deepcopy(MEETING), "_migration_index": index}
    for (collection, id_, name), value in junk:
        data[collection][id_][name] = value
    with suppress(BadRequest):
        assert migrate_meeting(data)["_migration_index"] == MIGRATION_INDEX
