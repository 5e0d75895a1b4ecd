"""The story of a motion that goes up: from a local meeting, with its amendment and support, to that of the parent."""

from collections.abc import Iterator
from typing import Any

import pytest

from dev.stack import Stack
from tests.system.people import PASSWORD, Person, account, stored

RIGHTS = ["motion.can_see", "motion.can_create", "motion.can_create_amendments", "motion.can_support"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}) as running:
        yield running


def two_meetings(superadmin: Person, chair_id: int, speaker_id: int) -> tuple[int, int]:
    """The meetings of a local committee and of that which it forwards to, each with an admin."""
    parent = superadmin.does("committee.create", {"name": "Nation", "organization_id": 1})["id"]
    local = superadmin.does(
        "committee.create", {"name": "Village", "organization_id": 1, "forward_to_committee_ids": [parent]}
    )["id"]
    admins = {local: chair_id, parent: speaker_id}
    ids = [
        superadmin.does(
            "meeting.create", {"committee_id": id_, "name": f"m{id_}", "language": "en", "admin_ids": [admin]}
        )["id"]
        for id_, admin in admins.items()
    ]
    return ids[0], ids[1]


def delegate(chair: Person, stack: Stack, meeting_id: int, group_id: int, name: str) -> tuple[Person, int]:
    """A new participant, and the id of the meeting user."""
    user_id = chair.does(
        "user.create",
        {
            "username": f"story-{name}",
            "first_name": name,
            "default_password": PASSWORD,
            "meeting_id": meeting_id,
            "group_ids": [group_id],
        },
    )["id"]
    (member_id,) = stored(stack, f"user/{user_id}")["meeting_user_ids"]
    return Person(stack, f"story-{name}", PASSWORD), member_id


def allow_forwarding(chair: Person, stack: Stack, motion_id: int) -> None:
    """Let motions and amendments be forwarded, and supported, in the state of this motion."""
    state_id = stored(stack, f"motion/{motion_id}")["state_id"]
    allowed = dict.fromkeys(("allow_motion_forwarding", "allow_amendment_forwarding", "allow_support"), True)
    chair.does("motion_state.update", {"id": state_id, **allowed})


def assert_arrived(stack: Stack, result: dict[str, Any], motion_id: int, amendment_id: int, meeting_id: int) -> None:
    """The motion is in the meeting of the parent with its origin, and so is the amendment."""
    (below,) = result["amendment_result_data"]
    copy, amendment = (stored(stack, f"motion/{one['id']}") for one in (result, below))
    assert (copy["meeting_id"], copy["origin_id"], copy["all_origin_ids"]) == (meeting_id, motion_id, [motion_id])
    assert (copy["text"], copy["additional_submitter"]) == ("<p>Plant trees in all streets.</p>", "Ada")
    assert (amendment["lead_motion_id"], amendment["origin_id"]) == (copy["id"], amendment_id)
    assert (amendment["marked_forwarded"], amendment["additional_submitter"]) == (True, "Ben")
    assert copy["list_of_speakers_id"] != stored(stack, f"motion/{motion_id}")["list_of_speakers_id"]
    (recommendation_id,) = copy["change_recommendation_ids"]
    assert stored(stack, f"motion_change_recommendation/{recommendation_id}")["meeting_id"] == meeting_id
    assert "submitter_ids" not in copy


def test_from_the_village_to_the_nation(stack: Stack) -> None:
    superadmin = Person(stack, "superadmin", "superadmin")
    chair_id, speaker_id = (account(superadmin, f"story-{name}") for name in ("chair", "speaker"))
    village, nation = two_meetings(superadmin, chair_id, speaker_id)
    chair, speaker = (Person(stack, f"story-{name}", PASSWORD) for name in ("chair", "speaker"))
    chair.does("meeting.update", {"id": village, "motions_supporters_min_amount": 1})
    group_id = chair.does("group.create", {"name": "Delegates", "meeting_id": village})["id"]
    chair.does("group.update", {"id": group_id, "permissions": RIGHTS})
    (ada, ada_id), (ben, ben_id) = (delegate(chair, stack, village, group_id, name) for name in ("Ada", "Ben"))

    motion = {"meeting_id": village, "title": "Trees", "text": "<p>Plant trees.</p>"}
    motion_id = ada.does("motion.create", motion)["id"]
    allow_forwarding(chair, stack, motion_id)
    ben.does("motion_supporter.create", {"motion_id": motion_id, "meeting_user_id": ben_id})
    ben.is_refused("motion_supporter.create", {"motion_id": motion_id, "meeting_user_id": ada_id})
    ben.is_refused("motion_editor.create", {"motion_id": motion_id, "meeting_user_id": ben_id})
    chair.does("motion_editor.create", {"motion_id": motion_id, "meeting_user_id": ada_id})
    paragraphs = {"0": "<p>Plant trees, and water them.</p>"}
    amendment = {"lead_motion_id": motion_id, "title": "Water", "amendment_paragraphs": paragraphs}
    amendment_id = ben.does("motion.create", {"meeting_id": village, **amendment})["id"]
    lines = {"line_from": 1, "line_to": 2, "text": "<p>Plant many trees.</p>"}
    chair.does("motion_change_recommendation.create", {"motion_id": motion_id, **lines})

    element = {
        "meeting_id": nation,
        "origin_id": motion_id,
        "title": "Trees",
        "text": "<p>Plant trees in all streets.</p>",
    }
    flags = ("with_amendments", "mark_amendments_as_forwarded", "with_change_recommendations", "use_original_submitter")
    everything = {**element, **dict.fromkeys(flags, True)}
    ada.is_refused("motion.create_forwarded", element)
    speaker.is_refused("motion.create_forwarded", element)
    result = chair.does("motion.create_forwarded", everything)
    assert_arrived(stack, result, motion_id, amendment_id, nation)

    assert stored(stack, f"motion/{motion_id}")["derived_motion_ids"] == [result["id"]]
    chair.is_refused("motion.set_state", {"id": result["id"], "state_id": 1})
    speaker.does("motion.delete", {"id": result["id"]})
    assert stored(stack, f"motion/{motion_id}")["derived_motion_ids"] == []
