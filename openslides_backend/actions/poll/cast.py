"""Cast a ballot (poll_vote.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.poll.box import credentials_of
from openslides_backend.actions.poll.letters import ANALOG, NAMED
from openslides_backend.actions.poll.parts import PollOptions
from openslides_backend.actions.poll.tally import option_results
from openslides_backend.actions.poll.votes import new_token
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Poll
from openslides_backend.permissions.rules import logged_in
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.services.vote import Credentials
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields
from openslides_backend.voting.ballot import judge_value, parse_value, votes_of
from openslides_backend.voting.counting import decimal_text, parse_decimal, total
from openslides_backend.voting.entitlement import (
    MEETING_FIELDS,
    MEETING_USER_FIELDS,
    POLL_FIELDS,
    USER_FIELDS,
    Voter,
    ballot_weight,
    check_entitled,
    check_present,
)


class PollVote(Action):
    """Hand a ballot over to the vote service; where there is none, count one of a named poll at once.

    In the datastore a secret ballot would be tied to its voter by ids, positions and the order of lists.
    """

    name = "poll.vote"
    model = Poll
    payload = Payload(
        Poll,
        required=["id"],
        extra_required={"value": {"type": ["string", "object"]}},
        extra_optional={"user_id": ID},
    )
    permission = logged_in
    singular = True
    alone = True
    options = PollOptions("value", "weight")
    parts = (OfMeeting(*MEETING_FIELDS), Stored(*POLL_FIELDS, "votesvalid"))

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        if self.run.services.vote.collects or self.run.user_id <= ANONYMOUS:
            return
        for element in elements:
            users = tuple(sorted({self.run.user_id, _represented(self, element)}))
            yield GetMany("user", users, ("id", *USER_FIELDS))
            if (meeting_id := self.meeting_id(element)) is not None:
                yield from (
                    filter_query("meeting_user", _member(id_, meeting_id), *MEETING_USER_FIELDS) for id_ in users
                )

    def check(self, element: Fields) -> None:
        if self.run.user_id <= ANONYMOUS:
            raise BadRequest("Nobody can vote without being logged in.")
        if self.run.services.vote.collects:
            return
        poll = self.stored(element)
        if poll["type"] == ANALOG:
            raise BadRequest("An analog poll takes no ballots.")
        if poll["state"] != "started":
            raise BadRequest("The poll is not started.")
        if poll["type"] != NAMED:
            raise BadRequest("A secret poll needs the vote service, and there is none.")
        acting, represented = self._voter(element, self.run.user_id), self._voter(element, _represented(self, element))
        check_present(poll, acting)
        check_entitled(poll, self.meeting(element), acting, represented)
        judge_value(poll, parse_value(element["value"]))
        if represented.id in (poll["voted_ids"] or ()):
            raise BadRequest("This vote was cast already.")

    def apply(self, element: Fields) -> None:
        vote_service = self.run.services.vote
        if not vote_service.collects:
            self._count(element, self.stored(element))
            return
        ballot: Fields = {name: element[name] for name in ("value", "user_id") if name in element}
        vote_service.vote(element["id"], ballot, credentials_of(self.run.context) or Credentials(None, None))

    def _count(self, element: Fields, poll: Record) -> None:
        """Store the ballot in a started, named poll (poll_vote.md, "Effects")."""
        represented = self._voter(element, _represented(self, element))
        weight = ballot_weight(self.meeting(element), represented)
        # The order of the keys is that of the client here: the ballot is no secret.
        value = parse_value(element["value"])
        common: Fields = {"user_token": new_token(), "user_id": represented.id, "delegated_user_id": self.run.user_id}
        votes = [
            {
                "option_id": vote.option_id or poll["global_option_id"],
                "value": vote.letter,
                "weight": decimal_text(vote.weight),
                **common,
            }
            for vote in votes_of(value, poll["pollmethod"], weight)
        ]
        self.execute("vote.create", votes)
        stored = self.options.votes_of(dict.fromkeys(vote["option_id"] for vote in votes))
        counted = [{**vote, "option_id": id_} for id_, of_option in stored.items() for vote in of_option.values()]
        self.execute("option.set_auto_fields", list(option_results(counted).values()))
        before = poll["voted_ids"] or []
        change = {
            "voted_ids": [*before, represented.id],
            "votescast": decimal_text(len(before) + 1),
            "votesvalid": decimal_text(total([weight, parse_decimal(poll["votesvalid"] if before else None)])),
        }
        self.run.relations.load(Poll, [{"id": element["id"], **change}])
        self.run.relations.update(Poll, element["id"], change)

    def _voter(self, element: Fields, user_id: int) -> Voter:
        meeting_id = self.meeting_id(element) or 0
        user = self.uow.find_fields("user", user_id, "id", *USER_FIELDS)
        members = self.uow.filter("meeting_user", _member(user_id, meeting_id), *MEETING_USER_FIELDS)
        return Voter(user_id, user, next(iter(members.values()), None))


def _represented(action: PollVote, element: Fields) -> int:
    user_id: int = element.get("user_id", action.run.user_id)
    return user_id


def _member(user_id: int, meeting_id: int) -> Filter:
    return equals(user_id=user_id, meeting_id=meeting_id)
