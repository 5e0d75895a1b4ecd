"""A meeting in which things are put to the vote."""

from collections.abc import Sequence
from typing import Any

from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest

MOTION, ASSIGNMENT, TOPIC = "motion/7", "assignment/8", "topic/9"
GROUP = 3
"""The group that is entitled to vote."""
VALID_MANAGERS = {
    MOTION: "motion.can_manage_polls",
    ASSIGNMENT: "assignment.can_manage_polls",
    TOPIC: "poll.can_manage",
}


class PollingTest(RightsTest):
    """Meeting 1 with a motion, an assignment and a topic; electronic voting is enabled."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_models(
            {
                "organization/1": {"enable_electronic_voting": True},
                "motion_state/1": {"allow_create_poll": True},
                MOTION: {"title": "m", "meeting_id": 1, "state_id": 1},
                ASSIGNMENT: {"title": "a", "meeting_id": 1},
                TOPIC: {"title": "t", "meeting_id": 1},
            }
        )

    def poll(self, **fields: Any) -> Fields:
        """The payload of an analog poll."""
        texts = fields.pop("texts", ["one", "two"])
        options = fields.pop("options", [{"text": text} for text in texts])
        basics = {"title": "p", "type": "analog", "pollmethod": "YNA", "meeting_id": 1, "content_object_id": ASSIGNMENT}
        return {**basics, "options": options, **fields}

    def create_poll(self, **fields: Any) -> int:
        """Create a poll; its id."""
        return self.request("poll.create", self.poll(**fields)).assert_status(200).id

    def electronic_poll(self, **fields: Any) -> int:
        """Create a named poll in which group 3 is entitled to vote; its id."""
        return self.create_poll(**{"type": "named", "entitled_group_ids": [GROUP], **fields})

    def options_of(self, poll_id: int) -> Sequence[Fields]:
        """Its options in their order, the global one last."""
        poll = self.get_model(f"poll/{poll_id}")
        ids = [*poll.get("option_ids", ()), poll["global_option_id"]]
        return [self.get_model(f"option/{id_}") for id_ in ids]

    def results_of(self, poll_id: int) -> list[tuple[str | None, str | None, str | None]]:
        """Yes, no and abstain of the options, the global one last."""
        return [(o.get("yes"), o.get("no"), o.get("abstain")) for o in self.options_of(poll_id)]

    def votes_of(self, poll_id: int) -> list[list[tuple[str, str]]]:
        """Values and weights of the votes for each option."""
        votes = [self.find_models("vote", option_id=option["id"]) for option in self.options_of(poll_id)]
        return [[(vote["value"], vote["weight"]) for vote in of_option.values()] for of_option in votes]
