"""Begin polls anew, and forget who has voted how (poll.md, poll.reset and poll.anonymize)."""

from collections.abc import Sequence

from openslides_backend.actions.poll.box import BallotBox
from openslides_backend.actions.poll.letters import FIELDS, NAMED, SECRET, TOTALS
from openslides_backend.actions.poll.parts import PollOptions
from openslides_backend.actions.poll.rules import may_manage_poll
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Poll
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields
from openslides_backend.voting.counting import ZERO


class PollReset(UpdateAction):
    """Forget all votes, so that the poll can be started again; ballots that the vote service has are lost."""

    name = "poll.reset"
    model = Poll
    payload = Payload(Poll, required=["id"])
    permission = may_manage_poll
    box = BallotBox()
    options = PollOptions()
    parts = (Stored("type"), PollHistory("reset"))

    def clean(self, element: object) -> Fields:
        """The element with what is going to be written, so that those who have voted are read along with the poll."""
        emptied = dict.fromkeys(("entitled_users_at_stop", *TOTALS))
        return {**super().clean(element), "state": "created", "voted_ids": [], **emptied}

    def fill(self, element: Fields) -> None:
        element["is_pseudoanonymized"] = self.stored(element)["type"] == SECRET

    def follow_up(self, elements: Sequence[Fields]) -> None:
        votes = self.options.votes_of(id_ for element in elements for id_ in self.options.ids_of(element))
        self.execute("vote.delete", [{"id": id_} for of_option in votes.values() for id_ in of_option])
        nothing = dict.fromkeys(FIELDS.values(), ZERO)
        self.execute("option.set_auto_fields", [{"id": id_, **nothing} for id_, found in votes.items() if found])
        self.box.clear_later(element["id"] for element in elements)


class PollAnonymize(UpdateAction):
    """Forget for good whose votes those of a named poll are; that they have voted stays known."""

    name = "poll.anonymize"
    model = Poll
    payload = Payload(Poll, required=["id"])
    permission = may_manage_poll
    result_is_null = True
    options = PollOptions()
    parts = (Stored("type", "state"), PollHistory("anonymized"))

    def check(self, element: Fields) -> None:
        poll = self.stored(element)
        if poll["type"] != NAMED:
            raise BadRequest("Only the votes of named polls can be made anonymous.")
        if poll["state"] not in ("finished", "published"):
            raise BadRequest("Only a poll that is finished or published can be made anonymous.")

    def fill(self, element: Fields) -> None:
        element["is_pseudoanonymized"] = True

    def follow_up(self, elements: Sequence[Fields]) -> None:
        votes = self.options.votes_of(id_ for element in elements for id_ in self.options.ids_of(element))
        self.execute("vote.anonymize", [{"id": id_} for of_option in votes.values() for id_ in of_option])
