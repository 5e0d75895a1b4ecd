"""Start polls (poll.md, poll.start)."""

from collections.abc import Sequence

from openslides_backend.actions.poll.box import BallotBox
from openslides_backend.actions.poll.countdown import PollCountdown
from openslides_backend.actions.poll.letters import ANALOG
from openslides_backend.actions.poll.rules import may_manage_poll
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.actions.shared.countdown import Command
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Poll
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields


class PollStart(UpdateAction):
    """Let ballots be cast.

    The vote service opens its box before anything is written: it takes ballots only once it finds the poll started.
    """

    name = "poll.start"
    model = Poll
    payload = Payload(Poll, required=["id"])
    permission = may_manage_poll
    box = BallotBox()
    countdown = PollCountdown()
    parts = (Stored("type", "state"), PollHistory("started"))

    def check(self, element: Fields) -> None:
        poll = self.stored(element)
        if poll["type"] == ANALOG:
            raise BadRequest("An analog poll can't be started.")
        if poll["state"] != "created":
            raise BadRequest(f"A poll in the state '{poll['state']}' can't be started.")

    def fill(self, element: Fields) -> None:
        element["state"] = "started"

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.countdown.control(elements, Command.RESTART)
        for element in elements:
            self.box.start(element["id"])
