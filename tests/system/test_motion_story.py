"""The story of a motion over HTTP, told by different people: from the first draft to what the assembly decides."""

from collections.abc import Iterator
from typing import Any

import pytest

from dev.stack import Stack
from tests.system.people import PASSWORD, Person, account, stored

DELEGATE_RIGHTS = [
    "motion.can_create",
    "motion.can_create_amendments",
    "motion.can_support",
    "list_of_speakers.can_be_speaker",
]


@pytest.fixture(name="stack", scope="module")
def fixture_stack() -> Iterator[Stack]:
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}) as running:
        yield running


class Assembly:
    """A meeting with a chair and two delegates, and a workflow in which motions are prepared and then permitted."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        superadmin = Person(stack, "superadmin", "superadmin")
        chair_id = account(superadmin, "assembly-chair")
        self.committee_id = superadmin.does("committee.create", {"name": "Assemblies", "organization_id": 1})["id"]
        meeting = {"committee_id": self.committee_id, "name": "Assembly", "language": "en", "admin_ids": [chair_id]}
        self.meeting_id = superadmin.does("meeting.create", meeting)["id"]
        self.superadmin = superadmin
        self.chair = Person(stack, "assembly-chair", PASSWORD)
        self.group_id = self.chair.does("group.create", {"name": "Members", "meeting_id": self.meeting_id})["id"]
        self.chair.does("group.update", {"id": self.group_id, "permissions": DELEGATE_RIGHTS})
        self.states = self._prepare_workflow()

    def _prepare_workflow(self) -> dict[str, int]:
        meeting = stored(self.stack, f"meeting/{self.meeting_id}")
        workflows = [stored(self.stack, f"motion_workflow/{id_}") for id_ in meeting["motion_workflow_ids"]]
        workflow = max(workflows, key=lambda found: len(found["state_ids"]))
        states = {stored(self.stack, f"motion_state/{id_}")["name"]: id_ for id_ in workflow["state_ids"]}
        self.chair.does(
            "meeting.update",
            {
                "id": self.meeting_id,
                "motions_default_workflow_id": workflow["id"],
                "motions_default_amendment_workflow_id": workflow["id"],
                "motions_supporters_min_amount": 1,
                "motions_number_type": "serially_numbered",
                "motions_number_min_digits": 2,
                "motions_amendments_prefix": "-A",
            },
        )
        self.chair.does("motion_state.update", {"id": states["submitted"], "allow_support": True})
        return states

    def delegate(self, name: str) -> tuple[Person, int]:
        """A new member; the person and the meeting user."""
        account_ = {"username": name, "default_password": PASSWORD, "group_ids": [self.group_id]}
        user_id = self.chair.does("user.create", {**account_, "meeting_id": self.meeting_id})["id"]
        (member,) = stored(self.stack, f"user/{user_id}")["meeting_user_ids"]
        return Person(self.stack, name, PASSWORD), member

    def motion(self, id_: int) -> Any:
        """The motion as it is stored."""
        return stored(self.stack, f"motion/{id_}")

    def goes_to(self, person: Person, motion_id: int, state: str) -> None:
        """Somebody takes a motion into a state."""
        person.does("motion.set_state", {"id": motion_id, "state_id": self.states[state]})
        assert self.motion(motion_id)["state_id"] == self.states[state]


def test_from_a_draft_to_a_decision(stack: Stack) -> None:
    assembly = Assembly(stack)
    anna, anna_member = assembly.delegate("member-anna")
    ben, ben_member = assembly.delegate("member-ben")
    chair, states = assembly.chair, assembly.states

    # Anna writes, and is the only one who may go on writing.
    text = "<p>We buy <b>bread</b>.</p><p>We eat it.</p>"
    anna.is_refused("motion.create", {"meeting_id": assembly.meeting_id, "title": "x", "text": text, "number": "1"})
    motion_id = anna.does("motion.create", {"meeting_id": assembly.meeting_id, "title": "Bread", "text": text})["id"]
    ben.is_refused("motion.update", {"id": motion_id, "title": "Cake"})
    anna.does("motion.update", {"id": motion_id, "title": "Bread for all"})
    assert ben.call("motion_supporter.create", support(motion_id, ben_member)).status_code == 400
    assembly.goes_to(anna, motion_id, "submitted")
    anna.is_refused("motion.update", {"id": motion_id, "title": "Too late"})

    # Ben supports it, the chair permits it and calls it.
    ben.does("motion_supporter.create", support(motion_id, ben_member))
    ben.is_refused("motion.set_state", {"id": motion_id, "state_id": states["permitted"]})
    assert "number" not in assembly.motion(motion_id)
    assembly.goes_to(chair, motion_id, "permitted")
    assert assembly.motion(motion_id)["number"] == "01"
    chair.does("agenda_item.create", {"content_object_id": f"motion/{motion_id}"})
    list_id = assembly.motion(motion_id)["list_of_speakers_id"]
    speaker = {"list_of_speakers_id": list_id, "meeting_user_id": anna_member}
    speaker_id = anna.does("speaker.create", speaker)["id"]
    chair.does("speaker.speak", {"id": speaker_id})
    chair.does("speaker.end_speech", {"id": speaker_id})

    # Ben amends it.
    amendment = {"meeting_id": assembly.meeting_id, "title": "Cake", "lead_motion_id": motion_id}
    assert ben.call("motion.create", amendment).status_code == 400
    amendment_id = ben.does("motion.create", {**amendment, "amendment_paragraphs": {"0": "<p>We buy cake.</p>"}})["id"]
    assembly.goes_to(ben, amendment_id, "submitted")
    assembly.goes_to(chair, amendment_id, "permitted")
    assert assembly.motion(amendment_id)["number"] == "01-A01"

    # The committee's recommendations are followed.
    chair.does("motion.set_recommendation", {"id": amendment_id, "recommendation_id": states["accepted"]})
    chair.does("motion.set_recommendation", {"id": motion_id, "recommendation_id": states["referred to"]})
    chair.does("motion.update", {"id": motion_id, "recommendation_extension": f"the kitchen [motion/{amendment_id}]"})
    ben.is_refused("motion.follow_recommendation", {"id": amendment_id})
    chair.does("motion.follow_recommendation", {"id": motion_id}, {"id": amendment_id})
    decided = assembly.motion(motion_id)
    assert (decided["state_id"], assembly.motion(amendment_id)["state_id"]) == (
        states["referred to"],
        states["accepted"],
    )
    assert decided["state_extension"] == f"the kitchen [motion/{amendment_id}]"
    assert decided["state_extension_reference_ids"] == [f"motion/{amendment_id}"]
    told = ["Motion created", "Motion updated", "State set to {}", "Supporters changed", "State set to {}"]
    assert told_of(stack, decided) == [*told, "Recommendation set to {}", "State set to {}"]


def support(motion_id: int, member: int) -> dict[str, int]:
    """The element that makes somebody a supporter."""
    return {"motion_id": motion_id, "meeting_user_id": member}


def told_of(stack: Stack, motion: dict[str, Any]) -> list[str]:
    """What history tells about a motion, without the details."""
    return [stored(stack, f"history_entry/{id_}")["entries"][0] for id_ in motion["history_entry_ids"]]
