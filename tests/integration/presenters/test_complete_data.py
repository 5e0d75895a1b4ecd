"""The presenters on exports and on checks of complete data."""

from typing import Any

import pytest

from openslides_backend.models.migration import MIGRATION_INDEX
from tests.integration.base import IntegrationTest

NAMES = ("export_meeting", "check_database", "check_database_all")


class TestPermissions(IntegrationTest):
    """All of them are for superadmins."""

    @pytest.mark.parametrize("name", NAMES)
    def test_permission(self, name: str) -> None:
        self.create_meeting()
        data = {} if name == "check_database_all" else {"meeting_id": 1}
        self.presenter(name, data).assert_status(200)
        user_id = self.create_user(group_ids=[2], oml="can_manage_organization")
        self.presenter(name, data, user=user_id).assert_status(403)
        self.presenter(name, data, user=0).assert_status(403)


class TestExportMeeting(IntegrationTest):
    """export_meeting."""

    def export(self) -> Any:
        return self.presenter("export_meeting", {"meeting_id": 1}).assert_status(200).body[0]

    def test_contents(self) -> None:
        self.create_meeting(organization_tag_ids=[9], default_meeting_for_committee_id=60)
        export = self.export()
        assert export["_migration_index"] == MIGRATION_INDEX
        assert set(export["group"]) == {"1", "2", "3"}
        assert export["topic"] == {}
        assert "user" not in export
        assert {"organization_tag_ids", "default_meeting_for_committee_id"}.isdisjoint(export["meeting"]["1"])
        assert not any(name.startswith("meta_") for group in export["group"].values() for name in group)

    def test_user(self) -> None:
        self.create_meeting()
        self.create_meeting(4)
        self.set_models({"gender/2": {"name": "diverse"}})
        user_id = self.create_user(group_ids=[1, 4], gender_id=2, vote_ids=[77], is_present_in_meeting_ids=[4])
        user = self.export()["user"][str(user_id)]
        assert user["gender"] == "diverse"
        assert "gender_id" not in user
        assert user["meeting_ids"] == [1]
        assert user["is_present_in_meeting_ids"] is None
        assert user["meeting_user_ids"] == [self.meeting_user_id(user_id, 1)]
        assert user["vote_ids"] == []

    def test_former_participants(self) -> None:
        self.create_meeting(option_ids=[5], vote_ids=[6])
        former, voted = self.create_user(), self.create_user()
        self.set_models(
            {
                "option/5": {"meeting_id": 1, "content_object_id": f"user/{former}"},
                "vote/6": {"meeting_id": 1, "user_id": voted},
            }
        )
        assert set(self.export()["user"]) == {str(former), str(voted)}

    def test_reads_do_not_depend_on_the_contents(self) -> None:
        self.create_meeting()
        for _ in range(3):
            self.create_user(group_ids=[1])
        with self.stack.count_calls() as calls:
            assert len(self.export()["user"]) == 3
        calls.assert_at_most(reads=4, reserves=0, writes=0)

    @pytest.mark.parametrize("data", [{}, {"meeting_id": 99}, {"meeting_id": 1}])
    def test_refused(self, data: dict[str, int]) -> None:
        self.create_meeting(locked_from_inside=True)
        self.presenter("export_meeting", data).assert_status(400)


class TestCheckDatabase(IntegrationTest):
    """check_database and check_database_all."""

    def test_broken_meeting_is_named(self) -> None:
        self.create_meeting()
        self.create_meeting(4, topic_ids=[9], is_active_in_organization_id=None)
        self.set_models({"topic/9": {"title": "Alone", "meeting_id": 1}})
        answer = self.presenter("check_database", {"meeting_id": 4}).body[0]
        assert answer["ok"] is False
        assert answer["errors"].startswith("Meeting 4\n\t")
        assert "Meeting 4\n\t" in self.presenter("check_database", {}).body[0]["errors"]

    def test_values_of_wrong_types_are_told(self) -> None:
        self.create_meeting(topic_ids=7, group_ids=["x"])
        answer = self.presenter("check_database", {"meeting_id": None}).assert_status(200).body[0]
        assert "topic_ids" in answer["errors"]

    def test_no_meetings(self) -> None:
        assert self.presenter("check_database", {}).body == [{"ok": True, "errors": ""}]

    def test_shared_files(self) -> None:
        self.create_meeting()
        user_meeting_file = {"meeting_id": 1, "mediafile_id": 11, "is_public": True}
        self.set_models(
            {
                "mediafile/10": self.shared_file(is_directory=True, child_ids=[11, 12]),
                "mediafile/11": self.shared_file(parent_id=10, meeting_mediafile_ids=[20, 99]),
                "mediafile/12": self.shared_file(parent_id=10),
                "meeting_mediafile/20": user_meeting_file,
                "meeting/1": {"meeting_mediafile_ids": [20]},
            }
        )
        errors = self.presenter("check_database", {"meeting_id": 1}).assert_status(200).body[0]["errors"]
        assert "\tmediafile/" not in errors

    @staticmethod
    def shared_file(**fields: object) -> dict[str, object]:
        return {"owner_id": "organization/1", "published_to_meetings_in_organization_id": 1, **fields}

    def test_unknown_meeting(self) -> None:
        self.presenter("check_database", {"meeting_id": 99}).assert_status(400)

    def test_all(self) -> None:
        with self.stack.count_calls() as calls:
            answer = self.presenter("check_database_all", {"unknown": 1}).assert_status(200).body[0]
        calls.assert_at_most(reads=1, reserves=0, writes=0)
        self.request("user.update", {"id": 1, "default_vote_weight": None}).assert_status(200)
        assert self.presenter("check_database_all", {}).body[0] == answer
        self.set_models({"committee/5": {"name": "Lost", "organization_id": 7}})
        broken = self.presenter("check_database_all", {}).body[0]
        assert broken["ok"] is False
        assert "committee/5" in broken["errors"]
        assert "committee/5" not in answer.get("errors", "")
