"""Candidates of elections (assignment.md)."""

import pytest

from tests.integration.actions.test_assignment import AssignmentTest

MANAGE = "assignment.can_manage"
NOMINATE_SELF = "assignment.can_nominate_self"
NOMINATE_OTHER = "assignment.can_nominate_other"

RIGHTS = [
    ("search", True, [NOMINATE_SELF], True),
    ("search", True, [MANAGE, NOMINATE_OTHER], False),
    ("search", False, [NOMINATE_OTHER], True),
    ("search", False, [MANAGE], True),
    ("search", False, [NOMINATE_SELF], False),
    ("voting", True, [NOMINATE_SELF], False),
    ("voting", True, [NOMINATE_SELF, MANAGE], True),
    ("voting", False, [NOMINATE_OTHER], False),
    ("voting", False, [MANAGE], True),
    (None, True, [NOMINATE_SELF], True),
]
"""Phase, whether it is about oneself, permissions, whether these are enough."""


class CandidateTest(AssignmentTest):
    """`me` is a participant, with meeting user `my_member`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.me = self.create_user(group_ids=[3])
        self.my_member = self.meeting_user_id(self.me, 1) or 0
        self.new = {"assignment_id": 5, "meeting_user_id": self.my_member}

    def phase(self, phase: str | None) -> None:
        self.set_models({"assignment/5": {"phase": phase}})


class TestCreate(CandidateTest):
    """`assignment_candidate.create`."""

    def test_create(self) -> None:
        answer = self.request("assignment_candidate.create", self.new, self.new).assert_status(200)
        ids = [result["id"] for result in answer.results[0]]
        assert answer.results == [[{"id": ids[0]}, {"id": ids[1]}]]
        for id_ in ids:
            self.assert_model_exists(f"assignment_candidate/{id_}", {**self.new, "weight": 10000, "meeting_id": 1})
        self.assert_model_exists("assignment/5", {"candidate_ids": [12, 11, 13, *ids]})
        self.assert_model_exists(f"meeting_user/{self.my_member}", {"assignment_candidate_ids": ids})
        assert self.history_of("assignment/5") == [["Candidate added"]]

    @pytest.mark.parametrize(("phase", "own", "permissions", "allowed"), RIGHTS)
    def test_rights(self, phase: str | None, own: bool, permissions: list[str], allowed: bool) -> None:
        self.phase(phase)
        self.set_permissions(3, permissions)
        element = {**self.new, "meeting_user_id": self.my_member if own else self.members[0]}
        answer = self.request("assignment_candidate.create", element, user=self.me)
        answer.assert_status(200 if allowed else 403)

    def test_anonymous(self) -> None:
        self.request("assignment_candidate.create", self.new, user=0).assert_status(403)

    def test_archived(self) -> None:
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request("assignment_candidate.create", self.new, user=self.me).assert_status(400, "archived")

    def test_finished(self) -> None:
        self.phase("finished")
        other = {"title": "o", "meeting_id": 1, "sequential_number": 9}
        self.set_models({"assignment/6": other})
        answer = self.request("assignment_candidate.create", {**self.new, "assignment_id": 6}, self.new)
        assert answer.assert_status(400, "finished").body["action_data_error_index"] == 1
        self.request("assignment_candidate.create", self.new, internal=True).assert_status(400, "finished")

    def test_members_of_other_meetings(self) -> None:
        """One whose meeting isn't stored may be a candidate, as recorded (assignment_candidate/create/create)."""
        self.set_models({"meeting_user/77": {"meeting_id": 88, "user_id": self.me}})
        element = {**self.new, "meeting_user_id": 77}
        self.request("assignment_candidate.create", element).assert_status(200)
        self.set_models({"meeting/88": {"name": "m", "committee_id": 60, "language": "en"}})
        self.request("assignment_candidate.create", element).assert_status(400, "same meeting")

    def test_who_and_what_must_exist(self) -> None:
        self.request("assignment_candidate.create", {**self.new, "assignment_id": 99}).assert_status(400)
        unknown = {**self.new, "meeting_user_id": 99}
        self.request("assignment_candidate.create", unknown).assert_status(400, "meeting_user/99")
        self.request("assignment_candidate.create", unknown, user=self.me).assert_status(403)

    @pytest.mark.parametrize("key", ["weight", "meeting_id"])
    def test_other_keys(self, key: str) -> None:
        self.request("assignment_candidate.create", {**self.new, key: 1}).assert_status(400, key)

    def test_somebody_of_another_meeting(self) -> None:
        self.create_meeting(4)
        member = self.meeting_user_id(self.create_user(group_ids=[6]), 4)
        element = {**self.new, "meeting_user_id": member}
        self.request("assignment_candidate.create", element).assert_status(400, f"meeting_user/{member}")
        self.set_models({f"meeting_user/{member}": {"meeting_id": 99}})
        self.request("assignment_candidate.create", element).assert_status(200)

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.request("assignment_candidate.create", *[self.new] * 50).assert_status(200)
        calls.assert_at_most(reads=3, reserves=2, writes=1)


class TestUpdate(CandidateTest):
    """`assignment_candidate.update`."""

    def test_only_internally(self) -> None:
        self.request("assignment_candidate.update", {"id": 11, "weight": 3}).assert_status(400)

    def test_update(self) -> None:
        for weight in (3, None):
            element = {"id": 11, "weight": weight}
            self.request("assignment_candidate.update", element, internal=True).assert_status(200)
            self.assert_model_exists("assignment_candidate/11", {"weight": weight})
        self.request("assignment_candidate.update", {"id": 11}, internal=True).assert_status(400, "weight")


class TestDelete(CandidateTest):
    """`assignment_candidate.delete`."""

    def test_delete(self) -> None:
        elements = [{"id": 11}, {"id": 13}]
        answer = self.request("assignment_candidate.delete", *elements).assert_status(200)
        assert answer.results == [[None, None]]
        self.assert_model_deleted("assignment_candidate/11")
        self.assert_model_exists("assignment/5", {"candidate_ids": [12]})
        self.assert_model_exists(f"meeting_user/{self.members[0]}", {"assignment_candidate_ids": []})
        assert self.history_of("assignment/5") == [["Candidate removed"]]

    @pytest.mark.parametrize(("phase", "own", "permissions", "allowed"), RIGHTS)
    def test_rights(self, phase: str | None, own: bool, permissions: list[str], allowed: bool) -> None:
        self.phase(phase)
        self.set_permissions(3, permissions)
        if own:
            self.set_models({"assignment_candidate/11": {"meeting_user_id": self.my_member}})
        answer = self.request("assignment_candidate.delete", {"id": 11}, user=self.me)
        answer.assert_status(200 if allowed else 403)

    @pytest.mark.parametrize("member", [None, 99])
    def test_nobody_counts_as_somebody_else(self, member: int | None) -> None:
        self.set_models({"assignment_candidate/11": {"meeting_user_id": member}})
        self.set_permissions(3, [NOMINATE_SELF])
        self.request("assignment_candidate.delete", {"id": 11}, user=self.me).assert_status(403)
        self.set_permissions(3, [NOMINATE_OTHER])
        self.request("assignment_candidate.delete", {"id": 11}, user=self.me).assert_status(200)

    def test_anonymous_and_unknown(self) -> None:
        self.request("assignment_candidate.delete", {"id": 11}, user=0).assert_status(403)
        self.request("assignment_candidate.delete", {"id": 99}).assert_status(400, "assignment_candidate/99")

    def test_finished(self) -> None:
        self.phase("finished")
        self.request("assignment_candidate.delete", {"id": 11}).assert_status(400, "finished")
        self.request("assignment_candidate.delete", {"id": 11}, internal=True).assert_status(200)

    def test_a_meeting_is_deleted_with_candidates_of_finished_elections(self) -> None:
        self.phase("finished")
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_deleted("assignment_candidate/11")

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.request("assignment_candidate.delete", *({"id": id_} for id_ in (11, 12, 13))).assert_status(200)
        calls.assert_at_most(reads=4, reserves=1, writes=1)


class TestSort(CandidateTest):
    """`assignment_candidate.sort`."""

    def test_sort(self) -> None:
        self.set_models({"assignment/5": {"candidate_ids": []}})
        element = {"assignment_id": 5, "candidate_ids": [13, 11, 12]}
        answer = self.request("assignment_candidate.sort", element).assert_status(200)
        assert answer.results == [None]
        for weight, id_ in enumerate((13, 11, 12), start=1):
            self.assert_model_exists(f"assignment_candidate/{id_}", {"weight": weight})
        assert self.history_of("assignment/5") == []

    @pytest.mark.parametrize("ids", [[11, 12], [11, 12, 13, 14], [11, 12, 99], [11, 12, 13, 13]])
    def test_exactly_the_candidates(self, ids: list[int]) -> None:
        other = {"title": "o", "meeting_id": 1, "sequential_number": 9}
        self.set_models({"assignment/6": other, "assignment_candidate/14": {"assignment_id": 6, "meeting_id": 1}})
        element = {"assignment_id": 5, "candidate_ids": ids}
        self.request("assignment_candidate.sort", element).assert_status(400, "candidate_ids")

    def test_one_element(self) -> None:
        element = {"assignment_id": 5, "candidate_ids": [13, 11, 12]}
        self.request("assignment_candidate.sort", element, element).assert_status(400)
        self.request_multi([("assignment_candidate.sort", [element])] * 2).assert_status(400)

    def test_unknown_election(self) -> None:
        self.request("assignment_candidate.sort", {"assignment_id": 6, "candidate_ids": []}).assert_status(400)

    def test_permission(self) -> None:
        element = {"assignment_id": 5, "candidate_ids": [13, 11, 12]}
        self.assert_needs_permission("assignment_candidate.sort", element, MANAGE)
