"""Candidates of elections (assignment.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Action, Part, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.sorting import LinearSortAction, linear_payload
from openslides_backend.models.models import AssignmentCandidate
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, is_own_meeting_user, rights_in
from openslides_backend.permissions.rules import Inquiry, Verdict, all_of, in_meeting_of, logged_in, rule
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_LINK = ("assignment_id", "meeting_user_id")


@rule
def _may_nominate(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Oneself and others by a permission each, and while votes are cast as a manager besides.

    Managing elections doesn't contain the permission to nominate oneself.
    """
    candidate: ReadOnlyFields = element
    if element.has("id"):
        candidate = yield from existing("assignment_candidate", element.id("id"), *_LINK)
    assignment = yield from existing("assignment", candidate["assignment_id"], "meeting_id", "phase")
    rights = yield from rights_in(inquiry.user_id, assignment["meeting_id"])
    own = yield from is_own_meeting_user(inquiry.user_id, candidate.get("meeting_user_id"))
    needed = [Permissions.Assignment.CAN_NOMINATE_SELF if own else Permissions.Assignment.CAN_NOMINATE_OTHER]
    if assignment.get("phase") == "voting":
        needed.insert(0, Permissions.Assignment.CAN_MANAGE)
    missing = [permission for permission in needed if not rights.has(permission)]
    return f"Missing permission in meeting {assignment['meeting_id']}: {missing[0].value}." if missing else None


class _Unfinished(Part):
    """Candidates of finished elections stay who they are."""

    stored_fields = ("assignment_id",)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        known = [element["assignment_id"] or self._peek_stored(element) for element in elements]
        ids = sorted({assignment_id for assignment_id in known if assignment_id is not None})
        return [GetMany("assignment", tuple(ids), ("id", "phase"))] if ids else []

    def check(self, element: Fields) -> None:
        if self._is_exempt():
            return
        assignment_id = element.get("assignment_id") or self.action.stored(element)["assignment_id"]
        assignment = assignment_id and self.uow.find("assignment", assignment_id, "phase")
        if assignment and assignment["phase"] == "finished":
            raise BadRequest(f"{make_fqid('assignment', assignment_id)} is finished: its candidates stay.")

    def _is_exempt(self) -> bool:
        """Deletion follows no phase where others have decided on it: cascades, merges, internal requests."""
        deletes = isinstance(self.action, DeleteAction)
        return deletes and (self.action.nested or self.run.context.internal)

    def _peek_stored(self, element: Fields) -> int | None:
        stored = self.uow.peek("assignment_candidate", element["id"], "assignment_id") if element["id"] else None
        return None if stored is None else stored["assignment_id"]


def _tell(action: Action, assignment_ids: Iterable[int | None], text: str) -> None:
    """Tell each election once in a call; where others cascade, each candidate is a call of its own."""
    told = list(assignment_ids) if action.nested else list(dict.fromkeys(assignment_ids))
    for assignment_id in told:
        if assignment_id is not None:
            action.tell(make_fqid("assignment", assignment_id), text)


class AssignmentCandidateCreate(CreateAction):
    """Nominate somebody, maybe oneself; nobody looks whether he has been nominated before."""

    name = "assignment_candidate.create"
    model = AssignmentCandidate
    payload = Payload(AssignmentCandidate, required=_LINK)
    permission = all_of(logged_in, _may_nominate)
    meeting_source = "assignment_id"
    parts = (_Unfinished(),)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        _tell(self, (element["assignment_id"] for element in elements), "Candidate added")


class AssignmentCandidateUpdate(UpdateAction):
    """Change a candidate's place, when users are merged."""

    name = "assignment_candidate.update"
    model = AssignmentCandidate
    payload = Payload(AssignmentCandidate, required=["id"], required_keys=["weight"])
    visibility = Visibility.BACKEND_INTERNAL


class AssignmentCandidateDelete(DeleteAction):
    """Withdraw a candidate; the places of the others stay."""

    name = "assignment_candidate.delete"
    model = AssignmentCandidate
    permission = all_of(logged_in, _may_nominate)
    parts = (_Unfinished(),)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        ids = (self.uow.last_value("assignment_candidate", element["id"], "assignment_id") for element in elements)
        _tell(self, ids, "Candidate removed")


class AssignmentCandidateSort(LinearSortAction):
    """Give all candidates of an election a new order."""

    name = "assignment_candidate.sort"
    model = AssignmentCandidate
    payload = linear_payload(AssignmentCandidate, "assignment_id", "candidate_ids")
    permission = in_meeting_of("assignment_id", Permissions.Assignment.CAN_MANAGE)
    meeting_source = "assignment_id"
    main_key = main_field = "assignment_id"
    ids_key = "candidate_ids"

    def require(self, element: Fields) -> None:
        self.uow.get("assignment", element["assignment_id"], "id")
