"""Stop, count and publish polls (poll.md, poll.stop and poll.publish)."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from openslides_backend.actions.poll.box import BallotBox
from openslides_backend.actions.poll.countdown import PollCountdown
from openslides_backend.actions.poll.parts import EntitledUsers, PollOptions
from openslides_backend.actions.poll.rules import may_manage_poll
from openslides_backend.actions.poll.tally import POLL_FIELDS, RUBBISH, Tally, option_results, tally, users_in
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.actions.shared.countdown import Command
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Poll
from openslides_backend.services.datastore import DeletedModels, GetMany
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from openslides_backend.shared.typing import Fields
from openslides_backend.voting.counting import ZERO


class _CountingAction(UpdateAction):
    """Ends polls: what the vote service has collected is counted together with what was cast by `poll.vote`.

    The vote service forgets the ballots after everything is written. Until then stop gives the same answer again.
    """

    model = Poll
    payload = Payload(Poll, required=["id"])
    permission = may_manage_poll
    box = BallotBox()
    countdown = PollCountdown()
    options = PollOptions("value", "weight")
    entitled = EntitledUsers()
    parts: ClassVar[tuple[Part, ...]] = (Stored("state", *POLL_FIELDS),)

    def count(self, elements: Sequence[Fields]) -> None:
        """Count the polls that these elements name, which were started.

        Raises BadRequest or ServiceError if the vote service refuses, fails or answers nonsense.
        """
        self.countdown.control(elements, Command.RESET)
        polls = {element["id"]: self.stored(element) for element in elements}
        tallies = [tally(polls[element["id"]], self.box.stop(element["id"])) for element in elements]
        gone = self._gone_users(tallies)
        votes = [_without(gone, vote) for of_poll in tallies for vote in of_poll.votes]
        self.execute("vote.create", votes)
        self._set_results(votes)
        changes = [self._totals(element, of_poll, gone) for element, of_poll in zip(elements, tallies, strict=True)]
        self.load(changes)
        for change in changes:
            self.run.relations.update(Poll, change["id"], self.stored_part(change))
        self.box.clear_later(polls)

    def _set_results(self, votes: Sequence[Fields]) -> None:
        """Store the sums of all votes of the options that got one now."""
        stored = self.options.votes_of(dict.fromkeys(vote["option_id"] for vote in votes))
        earlier = [
            {"option_id": option_id, "value": vote["value"], "weight": vote["weight"]}
            for option_id, of_option in stored.items()
            for vote in of_option.values()
        ]
        self.execute("option.set_auto_fields", list(option_results(earlier).values()))

    def _totals(self, element: Fields, of_poll: Tally, gone: set[int]) -> Fields:
        return {
            "id": element["id"],
            "voted_ids": [id_ for id_ in of_poll.voted_ids if id_ not in gone],
            "votesvalid": of_poll.votesvalid,
            "votescast": of_poll.votescast,
            "votesinvalid": ZERO,
            "entitled_users_at_stop": self.entitled.listed(element, of_poll.voted_ids),
        }

    def _gone_users(self, tallies: Iterable[Tally]) -> set[int]:
        """Those who were deleted after their vote was cast: it counts, but there is nobody to name any more."""
        ids = {id_ for of_poll in tallies for id_ in (*of_poll.voted_ids, *users_in(of_poll.votes))}
        gone = ids - self.uow.get_many("user", sorted(ids), "id").keys()
        if gone:
            self._check_were_there(sorted(gone))
        return gone

    def _check_were_there(self, user_ids: Sequence[int]) -> None:
        """Raises ServiceError if somebody is said to have voted who never was a user."""
        query = GetMany("user", tuple(user_ids), ("id",), DeletedModels.ALL)
        (found,) = self.run.services.datastore.read([query])
        if found.keys() != set(user_ids):
            raise ServiceError(RUBBISH)


def _without(gone: set[int], vote: Fields) -> Fields:
    if not gone:
        return vote
    return {name: value for name, value in vote.items() if not (name.endswith("user_id") and value in gone)}


class PollStop(_CountingAction):
    """Accept no more ballots, and count those that were cast."""

    name = "poll.stop"
    parts: ClassVar[tuple[Part, ...]] = (PollHistory("stopped"),)

    def check(self, element: Fields) -> None:
        if self.stored(element)["state"] != "started":
            raise BadRequest("Only a poll that is started can be stopped.")

    def fill(self, element: Fields) -> None:
        element["state"] = "finished"

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.count(elements)


class _PublishHistory(PollHistory):
    action: "PollPublish"

    def participle(self, element: Fields) -> str:
        return "stopped/published" if element["id"] in self.action.started else "published"


class PollPublish(_CountingAction):
    """Let everybody see the result; a poll that is still started is stopped and counted."""

    name = "poll.publish"
    parts: ClassVar[tuple[Part, ...]] = (_PublishHistory("published"),)
    started: frozenset[int] = frozenset()
    """Ids of the polls that were started before this action."""

    def prepare(self, elements: list[Fields]) -> None:
        states = self.uow.get_many("poll", [element["id"] for element in elements], *self.stored_names)
        self.started = frozenset(id_ for id_, poll in states.items() if poll["state"] == "started")

    def check(self, element: Fields) -> None:
        if self.stored(element)["state"] not in ("started", "finished"):
            raise BadRequest("Only a poll that is started or finished can be published.")

    def fill(self, element: Fields) -> None:
        element["state"] = "published"

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.count([element for element in elements if element["id"] in self.started])
