"""Delete polls (poll.md, poll.delete)."""

from collections.abc import Sequence

from openslides_backend.actions.poll.box import BallotBox
from openslides_backend.actions.poll.rules import may_manage_poll
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Poll
from openslides_backend.shared.typing import Fields


class PollDelete(DeleteAction):
    """Delete polls with their options; the vote service forgets those that were started.

    Polls that are deleted together with something else are left to the vote service, which finds out by itself.
    """

    name = "poll.delete"
    model = Poll
    payload = Payload(Poll, required=["id"])
    permission = may_manage_poll
    box = BallotBox()
    parts = (Stored("state"), PollHistory("deleted", touching=False))

    def begin(self, elements: Sequence[Fields]) -> None:
        started = [element["id"] for element in elements if self.stored(element)["state"] == "started"]
        if not self.nested:
            self.box.clear_later(started)
