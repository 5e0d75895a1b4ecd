"""A meeting with a workflow, in which tests have motions."""

from typing import Any

from tests.integration.actions.rights import RightsTest

FIRST, SECOND, OTHER, LABELLED = 11, 12, 13, 14
WORKFLOW = 10


class MotionTest(RightsTest):
    """Meeting 1, whose default workflow goes from state 11 to 12 and back; 13 and 14 are in it, but apart from those.

    State 12 gives numbers, 14 is meant to be recommended. Group 3 is that of participants without permissions.
    """

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(motions_default_workflow_id=WORKFLOW, motions_default_amendment_workflow_id=WORKFLOW)
        states: dict[int, dict[str, Any]] = {
            FIRST: {},
            SECOND: {"set_number": True},
            OTHER: {},
            LABELLED: {"recommendation_label": "Acceptance"},
        }
        state = {"meeting_id": 1, "workflow_id": WORKFLOW, "set_number": False, "weight": 1, "css_class": "grey"}
        self.set_models(
            {
                f"motion_workflow/{WORKFLOW}": {
                    "name": "w",
                    "meeting_id": 1,
                    "sequential_number": 99,
                    "first_state_id": FIRST,
                    "state_ids": list(states),
                },
                **{f"motion_state/{id_}": {**state, "name": str(id_), **more} for id_, more in states.items()},
            }
        )
        self.state(FIRST, first_state_of_workflow_id=WORKFLOW, next_state_ids=[SECOND])
        self.state(SECOND, previous_state_ids=[FIRST])
        self.settings(motions_number_type="serially_numbered", motions_number_min_digits=2)

    def settings(self, **fields: Any) -> None:
        """Change fields of the meeting."""
        self.set_models({"meeting/1": fields})

    def state(self, id_: int, **fields: Any) -> None:
        """Change fields of a state."""
        self.set_models({f"motion_state/{id_}": fields})

    def motion(self, id_: int, **fields: Any) -> int:
        """Store a motion, in the first state unless told otherwise."""
        motion = {"title": f"m{id_}", "meeting_id": 1, "sequential_number": id_, "state_id": FIRST, **fields}
        self.set_models({f"motion/{id_}": motion})
        lists = {"meeting/1": {"motion_ids": [id_]}, f"motion_state/{motion['state_id']}": {"motion_ids": [id_]}}
        if "lead_motion_id" in fields:
            lists[f"motion/{fields['lead_motion_id']}"] = {"amendment_ids": [id_]}
        self.add_to_lists(lists)
        return id_

    def participant(self, *permissions: str) -> int:
        """A user in group 3, which gets these permissions."""
        self.set_permissions(3, list(permissions))
        return self.create_user(group_ids=[3])

    def submitted_by(self, user_id: int, motion_id: int) -> None:
        """Make a participant the submitter of a motion."""
        id_, member = self.new_id(), self.meeting_user_id(user_id, 1)
        link = {"motion_id": motion_id, "meeting_user_id": member, "meeting_id": 1, "weight": 1}
        self.set_models({f"motion_submitter/{id_}": link})
        back = {"motion_submitter_ids": [id_]}
        lists = {f"motion/{motion_id}": {"submitter_ids": [id_]}, f"meeting_user/{member}": back, "meeting/1": back}
        self.add_to_lists(lists)

    def number(self, id_: int) -> str | None:
        """The number of a motion."""
        number: str | None = self.get_model(f"motion/{id_}").get("number")
        return number
