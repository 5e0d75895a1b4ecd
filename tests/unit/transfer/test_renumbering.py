"""New ids of models and of what they name."""

from collections import defaultdict

import pytest

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.transfer.renumbering import list_values, renumbered

IDS: defaultdict[str, dict[int, int]] = defaultdict(
    dict, {"meeting": {1: 7}, "motion": {1: 31, 2: 32}, "tag": {4: 44}, "user": {5: 5, 6: 5}}
)


def test_relations() -> None:
    motion = {"id": 1, "meeting_id": 1, "tag_ids": [4], "lead_motion_id": None, "number": "1"}
    expected = {"id": 31, "meeting_id": 7, "tag_ids": [44], "lead_motion_id": None, "number": "1"}
    assert renumbered("motion", motion, IDS) == expected


def test_generic_relations() -> None:
    tag = {"id": 4, "meeting_id": 1, "tagged_ids": ["motion/2", "motion/1"]}
    assert renumbered("tag", tag, IDS)["tagged_ids"] == ["motion/32", "motion/31"]


def test_relations_that_lead_out_stay() -> None:
    meeting = {"id": 1, "committee_id": 9, "organization_tag_ids": [8], "user_ids": [5]}
    assert renumbered("meeting", meeting, IDS) == {"id": 7, "committee_id": 9, "organization_tag_ids": [8]}


def test_several_that_become_one_are_named_once() -> None:
    assert renumbered("meeting", {"id": 1, "present_user_ids": [5, 6]}, IDS)["present_user_ids"] == [5]


def test_references_in_texts() -> None:
    motion = {"id": 1, "state_extension": "see [motion/2], [motion/1]", "recommendation_extension": None}
    assert renumbered("motion", motion, IDS)["state_extension"] == "see [motion/32], [motion/31]"


def test_lists() -> None:
    user = {"id": 5, "option_ids": None, "is_present_in_meeting_ids": [1], "committee_ids": [3], "meeting_ids": [1]}
    assert dict(list_values("user", user, IDS)) == {"option_ids": [], "is_present_in_meeting_ids": [7]}


@pytest.mark.parametrize("fields", [{"meeting_id": 2}, {"tag_ids": [5]}, {"state_extension": "[motion/9]"}])
def test_what_has_no_new_id(fields: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        renumbered("motion", {"id": 1, **fields}, IDS)
