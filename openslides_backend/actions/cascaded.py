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
    Mediafile,
    Motion,
    Option,
    Poll,
    PollCandidate,
    PollCandidateList,
    Vote,
)
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields


class MotionDelete(DeleteAction):
    """Delete motions with everything that hangs on them."""

    name = "motion.delete"
    model = Motion
    payload = Payload(Motion, required=["id"])
    visibility = Visibility.NEVER

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("motion", element["id"]), "Motion deleted")


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


class PollDelete(DeleteAction):
    """Delete polls with their options; the vote service isn't told."""

    name = "poll.delete"
    model = Poll
    payload = Payload(Poll, required=["id"])
    visibility = Visibility.NEVER

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            content_object = self.uow.deleted_value("poll", element["id"], "content_object_id")
            if content_object is not None:
                self.tell(content_object, "Ballot deleted")


class OptionDelete(DeleteAction):
    """Delete options with their votes, and the candidate lists that are voted on."""

    name = "option.delete"
    model = Option
    payload = Payload(Option, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL

    def follow_up(self, elements: Sequence[Fields]) -> None:
        lists = []
        for element in elements:
            content_object = self.uow.deleted_value("option", element["id"], "content_object_id")
            if content_object is not None and content_object.startswith("poll_candidate_list/"):
                lists.append(split_fqid(content_object)[1])
        self.uow.load("poll_candidate_list", lists, "id")
        live = [{"id": id_} for id_ in lists if self.uow.is_live("poll_candidate_list", id_)]
        self.execute("poll_candidate_list.delete", live)


class VoteDelete(DeleteAction):
    """Delete votes; totals stay."""

    name = "vote.delete"
    model = Vote
    payload = Payload(Vote, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL


class PollCandidateListDelete(DeleteAction):
    """Delete candidate lists with their candidates."""

    name = "poll_candidate_list.delete"
    model = PollCandidateList
    payload = Payload(PollCandidateList, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL


class PollCandidateDelete(DeleteAction):
    """Delete the candidates of a list."""

    name = "poll_candidate.delete"
    model = PollCandidate
    payload = Payload(PollCandidate, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL


class MediafileDelete(DeleteAction):
    """Delete files with what they mean to meetings, but not the files below a folder."""

    name = "mediafile.delete"
    model = Mediafile
    payload = Payload(Mediafile, required=["id"])
    visibility = Visibility.NEVER
