"""Votes, the shares of ballots that fell to single options (option_vote.md)."""

import secrets
import string

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Vote
from openslides_backend.shared.typing import Fields

_TOKEN_CHARACTERS = string.ascii_letters + string.digits
_TOKEN_LENGTH = 16


def new_token() -> str:
    """A fresh `user_token`: what the votes of one ballot, and of no other, have in common."""
    # One number for all characters: to ask for each of them costs more than the rest of a vote.
    number, characters = secrets.randbelow(len(_TOKEN_CHARACTERS) ** _TOKEN_LENGTH), []
    for _ in range(_TOKEN_LENGTH):
        number, place = divmod(number, len(_TOKEN_CHARACTERS))
        characters.append(_TOKEN_CHARACTERS[place])
    return "".join(characters)


class VoteCreate(CreateAction):
    """Create votes for options; totals stay."""

    name = "vote.create"
    model = Vote
    payload = Payload(
        Vote,
        required=["option_id", "user_token"],
        required_keys=["weight", "value"],
        optional=["user_id", "delegated_user_id"],
    )
    visibility = Visibility.BACKEND_INTERNAL
    meeting_source = "option_id"


class VoteUpdate(UpdateAction):
    """Correct the weight of votes."""

    name = "vote.update"
    model = Vote
    payload = Payload(Vote, required=["id"], required_keys=["weight"])
    visibility = Visibility.BACKEND_INTERNAL


class VoteDelete(DeleteAction):
    """Delete votes; totals stay."""

    name = "vote.delete"
    model = Vote
    payload = Payload(Vote, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL


class VoteAnonymize(UpdateAction):
    """Forget whose votes they are, and who cast them."""

    name = "vote.anonymize"
    model = Vote
    payload = Payload(Vote, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL

    def clean(self, element: object) -> Fields:
        """The element with what is going to be written, so that the users are read along with the votes."""
        return {**super().clean(element), "user_id": None, "delegated_user_id": None}
