"""Personal notes (small_collections.md)."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestPersonalNote(IntegrationTest):
    """`personal_note.*`; user `me` is in meeting/1."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)
        self.me = self.create_user(group_ids=[3])
        self.member = self.meeting_user_id(self.me, 1)
        self.set_models({f"motion/{id_}": {"title": "m", "meeting_id": 1} for id_ in (1, 2)})
        self.set_models({"motion/4": {"title": "m", "meeting_id": 4}, "motion/9": {"title": "nowhere"}})

    def create(self, status: int, text: str = "", **fields: Any) -> None:
        """Create a note on motion/1."""
        element = {"content_object_id": "motion/1", "star": True, **fields}
        self.request("personal_note.create", element, user=self.me).assert_status(status, text)

    def test_create(self) -> None:
        answer = self.request(
            "personal_note.create",
            {"content_object_id": "motion/1", "star": True},
            {"content_object_id": "motion/2", "note": "<p>good</p><script>", "star": None},
            user=self.me,
        ).assert_status(200)
        assert answer.results == [[{"id": 1}, {"id": 2}]]
        note = {"meeting_id": 1, "meeting_user_id": self.member}
        self.assert_model_exists("personal_note/1", {**note, "star": True, "content_object_id": "motion/1"})
        self.assert_model_exists("personal_note/2", {**note, "note": "<p>good</p>", "star": None})
        self.assert_model_exists("motion/1", {"personal_note_ids": [1]})
        self.assert_model_exists(f"meeting_user/{self.member}", {"personal_note_ids": [1, 2]})
        self.assert_model_exists("meeting/1", {"personal_note_ids": [1, 2]})

    def test_meeting_user_is_created_if_missing(self) -> None:
        user_id = self.create_user(meeting_ids=[1])
        answer = self.request(
            "personal_note.create",
            {"content_object_id": "motion/1", "star": True},
            {"content_object_id": "motion/2", "star": True},
            user=user_id,
        ).assert_status(200)
        member = self.meeting_user_id(user_id, 1)
        self.assert_model_exists(f"meeting_user/{member}", {"group_ids": None, "personal_note_ids": [1, 2]})
        self.assert_model_exists(f"personal_note/{answer.id}", {"meeting_user_id": member})
        assert len(self.history_of(f"user/{user_id}")) == 1

    def test_content_object(self) -> None:
        nobody = self.create_user()
        for fqid in ("motion/7", "topic/1", "motion", None):
            element = {"content_object_id": fqid, "star": True}
            self.request("personal_note.create", element, user=nobody).assert_status(400)
        self.create(400, content_object_id="motion/9")
        self.request("personal_note.create", {"star": True}).assert_status(400, "content_object_id")

    @pytest.mark.parametrize("fields", [{}, {"star": None}, {"star": False}, {"note": ""}, {"note": "<!-- -->"}])
    def test_empty_notes(self, fields: dict[str, Any]) -> None:
        element = {"content_object_id": "motion/1", **fields}
        self.request("personal_note.create", element, user=self.me).assert_status(400, "star")

    def test_one_note_a_motion(self) -> None:
        element = {"content_object_id": "motion/1", "star": True}
        answer = self.request("personal_note.create", element, element, user=self.me).assert_status(400, "motion/1")
        assert answer.body["action_data_error_index"] == 1
        self.create(200)
        self.create(400, "motion/1")
        other = self.create_user(group_ids=[3])
        self.request("personal_note.create", element, user=other).assert_status(200)

    def test_meeting_user_can_not_be_chosen(self) -> None:
        self.create(400, "meeting_user_id", meeting_user_id=self.member)
        element = {"content_object_id": "motion/1", "star": True, "meeting_user_id": self.member}
        self.request("personal_note.create", element, user=0).assert_status(400, "meeting_user_id")

    def test_internal(self) -> None:
        element = {"content_object_id": "motion/1", "star": True}
        self.request("personal_note.create", element, internal=True).assert_status(400, "logged in")
        element["meeting_user_id"] = self.meeting_user_id(self.create_user(group_ids=[6]), 4) or 0
        self.request("personal_note.create", element, internal=True).assert_status(400, "meeting")
        element["meeting_user_id"] = self.member or 0
        answer = self.request("personal_note.create", element, internal=True).assert_status(200)
        self.assert_model_exists(f"personal_note/{answer.id}", {"meeting_user_id": self.member})

    def test_create_rights(self) -> None:
        self.create(403, content_object_id="motion/4")
        element = {"content_object_id": "motion/1", "star": True}
        for user_id in (0, 1, self.create_user(group_ids=[6])):
            self.request("personal_note.create", element, user=user_id).assert_status(403)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.create(400, "archived")

    def test_update(self) -> None:
        self.create(200, note="x")
        answer = self.request("personal_note.update", {"id": 1, "star": False, "note": None}, user=self.me)
        assert answer.assert_status(200).results == [[None]]
        self.assert_model_exists("personal_note/1", {"star": False, "note": None})
        self.request("personal_note.update", {"id": 1, "content_object_id": "motion/2"}, user=self.me).assert_status(
            400
        )

    def test_delete(self) -> None:
        self.create(200)
        assert self.request("personal_note.delete", {"id": 1}, user=self.me).assert_status(200).results == [[None]]
        self.assert_model_deleted("personal_note/1")
        self.assert_model_exists("motion/1", {"personal_note_ids": []})
        self.assert_model_exists(f"meeting_user/{self.member}", {"personal_note_ids": []})

    @pytest.mark.parametrize("name", ["personal_note.update", "personal_note.delete"])
    def test_only_the_own_note(self, name: str) -> None:
        self.create(200)
        for user_id in (0, 1, self.create_user(group_ids=[3])):
            self.request(name, {"id": 1}, user=user_id).assert_status(403)
        self.request(name, {"id": 7}, user=self.me).assert_status(400, "personal_note/7")
        self.set_models({f"user/{self.me}": {"meeting_ids": []}})
        self.request(name, {"id": 1}, user=self.me).assert_status(403)
        self.set_models({f"user/{self.me}": {"meeting_ids": [1]}, "meeting/1": {"is_active_in_organization_id": None}})
        self.request(name, {"id": 1}, user=self.me).assert_status(400, "archived")

    def test_few_calls(self) -> None:
        self.set_models({f"motion/{id_}": {"title": "m", "meeting_id": 1} for id_ in range(10, 60)})
        elements = [{"content_object_id": f"motion/{id_}", "star": True} for id_ in range(10, 60)]
        with self.stack.count_calls() as calls:
            self.request("personal_note.create", *elements, user=self.me).assert_status(200)
        calls.assert_at_most(reads=4, reserves=1, writes=1)
