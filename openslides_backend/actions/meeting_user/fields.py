"""What the actions of meeting_user have in common: fields, and the check of groups."""

from collections.abc import Iterable
from typing import Any

from openslides_backend.engine.action import Action
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

DATA_FIELDS = ("comment", "about_me", "number", "vote_weight", "locked_out", "group_ids", "structure_level_ids")
DELEGATION_FIELDS = ("vote_delegated_to_id", "vote_delegations_from_ids")
_LISTS = ("group_ids", "structure_level_ids", "vote_delegations_from_ids")
_GROUP = ("id", "meeting_id", "anonymous_group_for_meeting_id")


class MeetingUserAction(Action):
    """Base of actions whose elements hold data of meeting_users."""

    def clean(self, element: Any) -> Fields:
        """As every action; null stands for an empty list."""
        cleaned = super().clean(element)
        return {name: [] if value is None and name in _LISTS else value for name, value in cleaned.items()}


def group_needs(elements: Iterable[Fields]) -> list[Query]:
    """What `check_groups` reads."""
    ids = {group_id for element in elements for group_id in element.get("group_ids") or ()}
    return [GetMany("group", tuple(sorted(ids)), _GROUP)] if ids else []


def check_groups(uow: UnitOfWork, element: Fields) -> None:
    """Nobody can be in an anonymous group. Raises BadRequest."""
    for group_id in element.get("group_ids") or ():
        group = uow.find_fields("group", group_id, *_GROUP)
        if group.get("anonymous_group_for_meeting_id"):
            raise InvalidField("group_ids", f"group/{group_id} is the group of anonymous users.")
