"""Deletions that so far happen by cascade only, together with a meeting or with what the models hang on.

Who writes the other actions of one of these collections moves its class to their module and gives it the payload,
permission, visibility and history of its page.
"""

from collections.abc import Sequence

from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import (
    Assignment,
    AssignmentCandidate,
)
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class AssignmentDelete(DeleteAction):
    """Delete elections with their candidates and ballots."""

    name = "assignment.delete"
    model = Assignment
    payload = Payload(Assignment, required=["id"])
    visibility = Visibility.NEVER


class AssignmentCandidateDelete(DeleteAction):
    """Delete candidates, in whatever phase their election is."""

    name = "assignment_candidate.delete"
    model = AssignmentCandidate
    payload = Payload(AssignmentCandidate, required=["id"])
    visibility = Visibility.NEVER

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            assignment_id = self.uow.deleted_value("assignment_candidate", element["id"], "assignment_id")
            if assignment_id is not None:
                self.tell(make_fqid("assignment", assignment_id), "Candidate removed")
