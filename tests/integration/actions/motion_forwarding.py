"""What the tests of forwarded motions share."""

from typing import Any

from openslides_backend.shared.typing import Fields
from tests.integration.base import Answer, IntegrationTest

ORIGIN, TARGET, OTHER = 1, 10, 20
ORIGIN, TARGET, OTHER = 1, 10, 20
FORBIDDEN = 5
"""A state of the origin in which nothing can be forwarded."""


class ForwardTest(IntegrationTest):
    """Base: meeting/1, whose committee forwards to those of meeting/10 and meeting/20."""

    def setup_method(self) -> None:
        super().setup_method()
        for meeting_id in (ORIGIN, TARGET, OTHER):
            self.create_meeting(meeting_id)
        self.set_models(
            {
                "committee/60": {"name": "Base", "forward_to_committee_ids": [69, 79]},
                "motion_state/1": {"allow_motion_forwarding": True, "allow_amendment_forwarding": True},
                f"motion_state/{FORBIDDEN}": {"name": "f", "meeting_id": ORIGIN, "workflow_id": 1},
            }
        )

    def motion(self, id_: int, lead_id: int | None = None, meeting_id: int = ORIGIN, **fields: Any) -> None:
        """Store a motion, or an amendment to one."""
        motion = {"title": f"M{id_}", "text": f"<p>t{id_}</p>", "meeting_id": meeting_id, "sequential_number": id_}
        self.set_models({f"motion/{id_}": {**motion, "state_id": meeting_id, "lead_motion_id": lead_id, **fields}})
        self.add_to_lists({f"meeting/{meeting_id}": {"motion_ids": [id_]}})
        if lead_id is not None:
            self.add_to_lists({f"motion/{lead_id}": {"amendment_ids": [id_]}})

    def element(self, origin_id: int, target: int = TARGET, **more: Any) -> Fields:
        """A payload."""
        return {"origin_id": origin_id, "meeting_id": target, "title": f"C{origin_id}", "text": "<p>c</p>", **more}

    def forward(self, *elements: Fields, user: int = 1, **options: Any) -> Answer:
        """Call the action."""
        return self.request("motion.create_forwarded", *elements, user=user, **options)

    def copies(self, meeting_id: int = TARGET) -> dict[int, Fields]:
        """The new motions by their origins."""
        motions = self.find_models("motion", meeting_id=meeting_id).values()
        return {motion["origin_id"]: motion for motion in motions if "origin_id" in motion}
