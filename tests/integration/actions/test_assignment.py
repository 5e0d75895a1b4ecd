"""Elections (assignment.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

ELECTION = {"title": "board", "meeting_id": 1}
ADDS_CANDIDATES = "assignment_poll_add_candidates_to_list_of_speakers"


class AssignmentTest(RightsTest):
    """A meeting with election 5, its list of speakers 5 and three candidates."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(assignment_ids=[5], list_of_speakers_ids=[5], assignment_candidate_ids=[11, 12, 13])
        members = [self.meeting_user_id(self.create_user(group_ids=[3]), 1) or 0 for _ in range(3)]
        self.members = members
        in_meeting = {"meeting_id": 1, "sequential_number": 3}
        fields = {"title": "old", "phase": "search", "list_of_speakers_id": 5, "candidate_ids": [12, 11, 13]}
        self.set_models(
            {
                "assignment/5": {**fields, **in_meeting},
                "list_of_speakers/5": {"content_object_id": "assignment/5", **in_meeting},
            }
        )
        for id_, member in zip((11, 12, 13), members, strict=True):
            candidate = {"assignment_id": 5, "meeting_user_id": member, "meeting_id": 1}
            self.set_models(
                {
                    f"assignment_candidate/{id_}": candidate,
                    f"meeting_user/{member}": {"assignment_candidate_ids": [id_]},
                }
            )

    def speaking(self) -> list[int | None]:
        """Meeting users on the list of the election, by weight."""
        speakers = self.find_models("speaker", list_of_speakers_id=5).values()
        return [s.get("meeting_user_id") for s in sorted(speakers, key=lambda s: s.get("weight") or 0)]


class TestCreate(AssignmentTest):
    """`assignment.create`."""

    def test_create(self) -> None:
        self.set_models({"meeting/1": {"list_of_speakers_initially_closed": True}})
        answer = self.request("assignment.create", ELECTION).assert_status(200)
        assert answer.results == [[{"id": answer.id, "sequential_number": 4}]]
        defaults = {"open_posts": 0, "phase": "search", "agenda_item_id": None, "sequential_number": 4}
        election = self.assert_model_exists(f"assignment/{answer.id}", {**ELECTION, **defaults})
        self.assert_model_exists(
            f"list_of_speakers/{election['list_of_speakers_id']}",
            {"content_object_id": f"assignment/{answer.id}", "closed": True, "sequential_number": 4},
        )
        assert self.history_of(f"assignment/{answer.id}") == []

    def test_all_fields(self) -> None:
        self.set_models(
            {
                "tag/3": {"name": "t", "meeting_id": 1},
                "mediafile/8": {"owner_id": "meeting/1"},
                "meeting_mediafile/9": {"meeting_id": 1, "mediafile_id": 8},
            }
        )
        stored = {
            "description": "<p>d</p>",
            "open_posts": 4,
            "phase": "voting",
            "default_poll_description": "p",
            "number_poll_candidates": True,
            "tag_ids": [3],
        }
        extra = {"attachment_mediafile_ids": [8], "agenda_create": True, "agenda_type": "internal"}
        answer = self.request("assignment.create", {**ELECTION, **stored, **extra}).assert_status(200)
        fqid = f"assignment/{answer.id}"
        election = self.assert_model_exists(fqid, {**stored, "attachment_meeting_mediafile_ids": [9]})
        item = {"content_object_id": fqid, "type": "internal"}
        self.assert_model_exists(f"agenda_item/{election['agenda_item_id']}", item)
        self.assert_model_exists("tag/3", {"tagged_ids": [fqid]})

    @pytest.mark.parametrize(
        "given",
        [
            {"title": ""},
            {"title": None},
            {"open_posts": -1},
            {"phase": "x"},
            {"tag_ids": [99]},
            {"attachment_mediafile_ids": None},
            {"candidate_ids": [11]},
            {"agenda_create": 1},
        ],
    )
    def test_bad_values(self, given: dict[str, Any]) -> None:
        answer = self.request("assignment.create", ELECTION, {**ELECTION, **given}).assert_status(400)
        assert answer.body["action_data_error_index"] == 1
        assert list(self.find_models("assignment")) == [5]

    def test_attachments_must_be_of_the_meeting(self) -> None:
        self.create_meeting(4)
        self.set_models({"mediafile/8": {"owner_id": "meeting/4"}})
        for id_ in (8, 99):
            element = {**ELECTION, "attachment_mediafile_ids": [id_]}
            self.request("assignment.create", element).assert_status(400, f"mediafile/{id_}")

    def test_permission(self) -> None:
        self.assert_needs_permission("assignment.create", ELECTION, "assignment.can_manage")

    def test_few_calls(self) -> None:
        self.set_models({"meeting/1": {"agenda_item_creation": "always"}})
        with self.stack.count_calls() as calls:
            self.request("assignment.create", *[ELECTION] * 50).assert_status(200)
        calls.assert_at_most(reads=1, reserves=1, writes=1)


class TestUpdate(AssignmentTest):
    """`assignment.update`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models({"meeting/1": {ADDS_CANDIDATES: True}})

    def begin(self, status: int = 200, user: int = 1, **fields: Any) -> None:
        """Let the voting begin."""
        self.request("assignment.update", {"id": 5, "phase": "voting", **fields}, user=user).assert_status(status)

    def test_update(self) -> None:
        self.set_models({"assignment/5": {"phase": "finished"}})
        fields = {"title": "new", "phase": "search", "open_posts": None, "number_poll_candidates": True}
        answer = self.request("assignment.update", {"id": 5, **fields}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("assignment/5", fields)
        assert self.speaking() == []
        assert self.history_of("assignment/5") == []

    def test_candidates_become_speakers(self) -> None:
        self.begin()
        assert self.speaking() == [self.members[1], self.members[0], self.members[2]]
        self.begin()
        assert len(self.speaking()) == 3

    def test_those_who_speak_already_are_passed_over(self) -> None:
        self.set_models(
            {
                "speaker/1": {"list_of_speakers_id": 5, "meeting_user_id": self.members[0], "end_time": 3, "weight": 1},
                "speaker/2": {"list_of_speakers_id": 5, "meeting_id": 1, "weight": 2},
                "assignment_candidate/13": {"meeting_user_id": self.members[1]},
                "assignment_candidate/14": {"assignment_id": 5, "meeting_id": 1},
                "assignment/5": {"candidate_ids": [13, 14, 11, 12]},
            }
        )
        self.begin()
        assert self.speaking() == [self.members[0], None, self.members[1]]

    @pytest.mark.parametrize(
        "models",
        [
            {"meeting/1": {ADDS_CANDIDATES: False}},
            {"assignment/5": {"phase": "voting"}},
            {"assignment/5": {"candidate_ids": []}},
        ],
    )
    def test_nobody_comes_on_the_list(self, models: dict[str, dict[str, Any]]) -> None:
        self.set_models(models)
        self.begin()
        assert self.speaking() == []

    def test_checks_of_speakers_hold(self) -> None:
        self.set_models({"meeting/1": {"list_of_speakers_present_users_only": True}})
        answer = self.request("assignment.update", {"id": 5, "title": "x"}, {"id": 5, "phase": "voting"})
        answer.assert_status(400, "present")
        assert answer.body["action_data_error_index"] == 1
        self.assert_model_exists("assignment/5", {"phase": "search"})

    def test_who_is_a_candidate_can_not_open_a_closed_list(self) -> None:
        self.set_models({"list_of_speakers/5": {"closed": True}})
        self.set_permissions(3, ["assignment.can_manage"])
        user_id = self.get_model(f"meeting_user/{self.members[0]}")["user_id"]
        self.begin(400, user=user_id)
        self.set_permissions(3, ["assignment.can_manage", "list_of_speakers.can_manage"])
        self.begin(200, user=user_id)

    def test_candidates_of_the_same_batch(self) -> None:
        member = self.meeting_user_id(self.create_user(group_ids=[3]), 1)
        self.request_multi(
            [
                ("assignment_candidate.create", [{"assignment_id": 5, "meeting_user_id": member}]),
                ("assignment.update", [{"id": 5, "phase": "voting"}, {"id": 5, "phase": "voting"}]),
            ]
        ).assert_status(200)
        assert self.speaking() == [self.members[1], self.members[0], self.members[2], member]

    def test_attachments(self) -> None:
        self.set_models(
            {"mediafile/8": {"owner_id": "meeting/1"}, "meeting_mediafile/9": {"meeting_id": 1, "mediafile_id": 8}}
        )
        self.begin(attachment_mediafile_ids=[8])
        self.assert_model_exists("assignment/5", {"attachment_meeting_mediafile_ids": [9]})
        self.begin(attachment_mediafile_ids=[])
        self.assert_model_exists("assignment/5", {"attachment_meeting_mediafile_ids": []})

    def test_there_must_be_one(self) -> None:
        self.request("assignment.update", {"id": 6, "phase": "voting"}).assert_status(400, "assignment/6")

    def test_permission(self) -> None:
        self.assert_needs_permission("assignment.update", {"id": 5, "phase": "voting"}, "assignment.can_manage")

    def test_few_calls(self) -> None:
        ids = list(range(20, 60))
        members = [self.meeting_user_id(self.create_user(group_ids=[3]), 1) for _ in ids]
        for id_, member in zip(ids, members, strict=True):
            candidate = {"assignment_id": 5, "meeting_user_id": member, "meeting_id": 1}
            self.set_models({f"assignment_candidate/{id_}": candidate})
        self.set_models({"assignment/5": {"candidate_ids": ids}})
        with self.stack.count_calls() as calls:
            self.begin()
        assert self.speaking() == members
        calls.assert_at_most(reads=4, reserves=1, writes=1)


class TestDelete(AssignmentTest):
    """`assignment.delete`."""

    def test_delete(self) -> None:
        self.set_models(
            {
                "assignment/5": {
                    "phase": "finished",
                    "poll_ids": [7, 8],
                    "agenda_item_id": 2,
                    "projection_ids": [4],
                    "tag_ids": [3],
                },
                "poll/7": {"content_object_id": "assignment/5", "meeting_id": 1},
                "poll/8": {"content_object_id": "assignment/5", "meeting_id": 1},
                "agenda_item/2": {"content_object_id": "assignment/5", "meeting_id": 1},
                "projection/4": {"content_object_id": "assignment/5", "meeting_id": 1},
                "tag/3": {"name": "t", "meeting_id": 1, "tagged_ids": ["assignment/5"]},
                "meeting/1": {"poll_ids": [7, 8]},
            }
        )
        answer = self.request("assignment.delete", {"id": 5}).assert_status(200)
        assert answer.results == [[None]]
        gone = ["assignment/5", "list_of_speakers/5", "poll/7", "poll/8", "agenda_item/2", "projection/4"]
        for fqid in [*gone, *(f"assignment_candidate/{id_}" for id_ in (11, 12, 13))]:
            self.assert_model_deleted(fqid)
        self.assert_model_exists("tag/3", {"tagged_ids": []})
        self.assert_model_exists("meeting/1", {"assignment_ids": [], "assignment_candidate_ids": [], "poll_ids": []})
        self.assert_model_exists(f"meeting_user/{self.members[0]}", {"assignment_candidate_ids": []})
        (entry,) = self.find_models("history_entry").values()
        assert entry["entries"] == ["Candidate removed"] * 3 + ["Ballot deleted"] * 2
        assert (entry["original_model_id"], entry.get("model_id")) == ("assignment/5", None)

    def test_permission(self) -> None:
        self.assert_needs_permission("assignment.delete", {"id": 5}, "assignment.can_manage")
