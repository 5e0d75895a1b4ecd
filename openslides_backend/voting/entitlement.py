"""Who may cast whose ballot, and what it weighs (poll_vote.md, "Who" and "Effects")."""

import re
from dataclasses import dataclass
from decimal import Decimal

from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import ReadOnlyFields

POLL_FIELDS = (
    "meeting_id",
    "type",
    "state",
    "pollmethod",
    "option_ids",
    "global_option_id",
    "global_yes",
    "global_no",
    "global_abstain",
    "min_votes_amount",
    "max_votes_amount",
    "max_votes_per_option",
    "entitled_group_ids",
    "voted_ids",
)
MEETING_FIELDS = ("users_enable_vote_delegations", "users_forbid_delegator_to_vote", "users_enable_vote_weight")
USER_FIELDS = ("is_present_in_meeting_ids", "default_vote_weight")
MEETING_USER_FIELDS = ("id", "user_id", "meeting_id", "group_ids", "vote_delegated_to_id", "vote_weight")
"""What the rules of a ballot look at, of each model."""

_FULL_WEIGHT = Decimal("1.000000")
_WEIGHT = re.compile(r"[0-9]{1,20}\.[0-9]{6}")


class NotEntitled(BadRequest):
    """This user may not cast this ballot."""


@dataclass(frozen=True, slots=True)
class Voter:
    """A user as the poll's meeting knows him.

    `meeting_user` is the one in that meeting, None if he has none there; `user` is empty if there is no such user.
    """

    id: int
    user: ReadOnlyFields
    meeting_user: ReadOnlyFields | None


def check_present(poll: ReadOnlyFields, acting: Voter) -> None:
    """Raises NotEntitled unless the acting user is present in the poll's meeting (check 5)."""
    if poll["meeting_id"] not in (acting.user.get("is_present_in_meeting_ids") or ()):
        raise NotEntitled("You must be present in the meeting of the poll.")


def check_entitled(poll: ReadOnlyFields, meeting: ReadOnlyFields, acting: Voter, represented: Voter) -> None:
    """Raises NotEntitled unless the acting user may cast the ballot of the represented one (checks 6 to 9)."""
    if represented.meeting_user is None:
        raise NotEntitled("The represented user does not belong to the meeting of the poll.")
    groups = represented.meeting_user.get("group_ids") or ()
    if set(groups).isdisjoint(poll.get("entitled_group_ids") or ()):
        raise NotEntitled("The represented user is not entitled to vote.")
    delegate = represented.meeting_user.get("vote_delegated_to_id")
    enabled = bool(meeting.get("users_enable_vote_delegations"))
    if acting.id == represented.id:
        if enabled and meeting.get("users_forbid_delegator_to_vote") and delegate:
            raise NotEntitled("You have delegated your vote.")
    elif not enabled or acting.meeting_user is None or delegate != acting.meeting_user["id"]:
        raise NotEntitled("The represented user has not delegated the vote to you.")


def ballot_weight(meeting: ReadOnlyFields, represented: Voter) -> Decimal:
    """What the ballot of a user weighs, with six decimal places; unset and zero both count as no weight of his own.

    Raises ValueError if what is stored is no such weight.
    """
    if not meeting.get("users_enable_vote_weight"):
        return _FULL_WEIGHT
    member = represented.meeting_user or {}
    stored = (_weight(member.get("vote_weight")), _weight(represented.user.get("default_vote_weight")))
    return next(filter(None, stored), _FULL_WEIGHT)


def _weight(stored: object) -> Decimal | None:
    if stored is None:
        return None
    if not isinstance(stored, str) or not _WEIGHT.fullmatch(stored):
        raise ValueError("a weight that is no decimal with six places, or negative")
    return Decimal(stored)
