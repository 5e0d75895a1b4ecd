"""The questions of permission rules as plain methods, for actions and presenters."""

from collections.abc import Iterable
from typing import TypeVar

from openslides_backend.permissions.answers import Answers
from openslides_backend.permissions.evaluation import Question, ask, together
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import (
    Rights,
    groups_of,
    has_permission,
    is_admin,
    is_restricted_delegator,
    level_of,
    manages_committee,
    manages_meeting,
    rights_in,
)
from openslides_backend.services.datastore import DatastoreReader

T = TypeVar("T")


class Checker:
    """Answers for one user, from anything that reads: the datastore client or the unit of work of an action.

    Every call asks the reader afresh, so that an action sees its own changes (the unit of work remembers what it has
    read). With `remember`, what was read is kept: for presenters, whose data don't change underneath.
    All methods raise ServiceError if the reader fails, and those with a meeting ModelDoesNotExist if there is none.
    """

    def __init__(self, reader: DatastoreReader, user_id: int, *, remember: bool = False) -> None:
        self._reader = reader
        self._answers = Answers(reader) if remember else None
        self.user_id = user_id

    def ask(self, asked: Question[T]) -> T:
        """The result of any question."""
        return ask(self._answers or Answers(self._reader), asked)

    def ask_all(self, asked: Iterable[Question[T]]) -> list[T]:
        """The results of many questions, in as many reads as the longest of them takes."""
        return self.ask(together(asked))

    def level(self) -> Level:
        """The user's organization management level."""
        return self.ask(level_of(self.user_id))

    def has_level(self, level: Level) -> bool:
        """Whether the user has this organization management level or a higher one ("OML x")."""
        return self.level() >= level

    def manages_committee(self, committee_id: int | None) -> bool:
        """Whether the user manages the committee or one above it, or has OML `can_manage_organization`."""
        return self.ask(manages_committee(self.user_id, committee_id))

    def manages_meeting(self, meeting_id: int) -> bool:
        """Whether the user manages the committee of the meeting, locked from inside or not."""
        return self.ask(manages_meeting(self.user_id, meeting_id))

    def rights_in(self, meeting_id: int) -> Rights:
        """What the user may do in the meeting, for asking about several permissions."""
        return self.ask(rights_in(self.user_id, meeting_id))

    def has_permission(self, meeting_id: int, permission: str) -> bool:
        """Whether the user has the permission in the meeting; an internal request has none."""
        return self.ask(has_permission(self.user_id, meeting_id, permission))

    def is_admin(self, meeting_id: int) -> bool:
        """Whether the user is admin of the meeting."""
        return self.ask(is_admin(self.user_id, meeting_id))

    def groups_of(self, meeting_id: int) -> frozenset[int]:
        """The ids of the user's groups in the meeting, locked out or not."""
        return self.ask(groups_of(self.user_id, meeting_id))

    def is_restricted_delegator(self, meeting_id: int, setting: str) -> bool:
        """Whether the user has delegated the vote and the meeting forbids delegators what the setting names."""
        return self.ask(is_restricted_delegator(self.user_id, meeting_id, setting))
