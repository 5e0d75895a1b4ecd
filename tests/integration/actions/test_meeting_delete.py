"""Delete meetings with all that is in them (meeting.md, `meeting.delete`)."""

from typing import Any

import pytest

from openslides_backend.models.fields import OnDelete, RelationField
from openslides_backend.models.models import Meeting
from openslides_backend.shared.typing import Fields
from tests.integration.actions.rights import RightsTest

FIRST_ID = 1000


def cascading() -> dict[str, RelationField]:
    """The lists of a meeting whose models go with it."""
    fields = {name: field for name, field in Meeting.fields.items() if isinstance(field, RelationField)}
    return {name: field for name, field in fields.items() if field.on_delete is OnDelete.CASCADE}


class TestMeetingDelete(RightsTest):
    """What goes and what stays."""

    def fill(self, meeting_id: int) -> list[str]:
        """Store one model of each collection that a meeting owns; their fqids."""
        lists: Fields = {}
        models: dict[str, Fields] = {}
        for number, (name, field) in enumerate(cascading().items()):
            id_ = FIRST_ID + number
            reverse = field.reverse(field.target)
            models[f"{field.target}/{id_}"] = {
                reverse.name: f"meeting/{meeting_id}" if reverse.is_generic else meeting_id
            }
            lists[name] = [id_]
        self.set_models(models)
        self.add_to_lists({f"meeting/{meeting_id}": lists})
        return list(models)

    def test_all_collections(self) -> None:
        self.create_meeting()
        fqids = self.fill(1)
        assert self.request("meeting.delete", {"id": 1}).assert_status(200).results == [[None]]
        for fqid in (*fqids, "meeting/1", "group/1", "group/2", "motion_workflow/1", "motion_state/1", "projector/1"):
            self.assert_model_deleted(fqid)
        left = {"organization", "theme", "user", "committee", "history_entry", "history_position"}
        assert self.stack.datastore.get_everything().keys() == left

    def test_surroundings(self) -> None:
        self.create_meeting(
            template_for_organization_id=1, default_meeting_for_committee_id=60, organization_tag_ids=[4]
        )
        user_id = self.create_user(group_ids=[1], is_present_in_meeting_ids=[1])
        self.create_meeting(4, committee_id=60)
        self.create_user(group_ids=[4])
        self.set_models(
            {
                "meeting/1": {"present_user_ids": [user_id]},
                "committee/60": {"default_meeting_id": 1},
                "organization/1": {"template_meeting_ids": [1]},
                "organization_tag/4": {"name": "t", "organization_id": 1, "tagged_ids": ["meeting/1", "meeting/4"]},
            }
        )
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_exists("committee/60", {"default_meeting_id": None, "meeting_ids": [4]})
        self.assert_model_exists("organization/1", {"active_meeting_ids": [4], "template_meeting_ids": []})
        self.assert_model_exists("organization_tag/4", {"tagged_ids": ["meeting/4"]})
        lists = ("is_present_in_meeting_ids", "meeting_ids", "committee_ids", "meeting_user_ids")
        empty: dict[str, Any] = {name: [] for name in lists}
        self.assert_model_exists(f"user/{user_id}", empty)
        assert user_id not in self.get_model("committee/60")["user_ids"]
        (entry,) = self.find_models("history_entry", original_model_id=f"user/{user_id}").values()
        assert entry["model_id"] == f"user/{user_id}"
        assert "meeting_id" not in entry
        self.assert_model_exists("group/4")

    def test_history_stays(self) -> None:
        self.create_meeting(relevant_history_entry_ids=[7], motion_ids=[8])
        entry = {"original_model_id": "motion/8", "model_id": "motion/8", "meeting_id": 1, "entries": ["x"]}
        self.set_models(
            {
                "history_entry/7": entry,
                "motion/8": {"meeting_id": 1, "title": "m", "history_entry_ids": [7], "state_id": 1},
                "motion_state/1": {"motion_ids": [8]},
            }
        )
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_exists("history_entry/7", {"model_id": None, "meeting_id": None, "entries": ["x"]})
        assert self.history_of("motion/8") == [["x"], ["Motion deleted"]]

    def test_files_of_the_organization_stay(self) -> None:
        self.create_meeting(meeting_mediafile_ids=[5])
        self.set_models(
            {
                "meeting_mediafile/5": {"meeting_id": 1, "mediafile_id": 6, "is_public": True},
                "mediafile/6": {"owner_id": "organization/1", "meeting_mediafile_ids": [5]},
            }
        )
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_deleted("meeting_mediafile/5")
        self.assert_model_exists("mediafile/6", {"meeting_mediafile_ids": []})

    def test_forwarded_motions_go_too(self) -> None:
        self.create_meeting(forwarded_motion_ids=[8])
        self.create_meeting(4, motion_ids=[8])
        self.set_models({"motion/8": {"meeting_id": 4, "origin_meeting_id": 1, "title": "m"}})
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_deleted("motion/8")
        self.assert_model_exists("meeting/4", {"motion_ids": []})

    def test_list_polls(self) -> None:
        self.create_meeting(poll_ids=[1], option_ids=[2], vote_ids=[3])
        self.set_models(
            {
                "poll/1": {"meeting_id": 1, "option_ids": [2], "state": "started"},
                "option/2": {
                    "meeting_id": 1,
                    "poll_id": 1,
                    "vote_ids": [3],
                    "content_object_id": "poll_candidate_list/4",
                },
                "vote/3": {"meeting_id": 1, "option_id": 2},
                "poll_candidate_list/4": {"meeting_id": 1, "option_id": 2, "poll_candidate_ids": [5]},
                "poll_candidate/5": {"meeting_id": 1, "poll_candidate_list_id": 4},
            }
        )
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        for fqid in ("poll/1", "option/2", "vote/3", "poll_candidate_list/4", "poll_candidate/5"):
            self.assert_model_deleted(fqid)

    def test_archived_and_several(self) -> None:
        self.create_meeting(is_active_in_organization_id=None, is_archived_in_organization_id=1)
        self.create_meeting(4, committee_id=60)
        self.set_models({"organization/1": {"archived_meeting_ids": [1], "active_meeting_ids": [4]}})
        self.create_user(group_ids=[1, 4])
        self.request("meeting.delete", {"id": 1}, {"id": 4}).assert_status(200)
        self.assert_model_exists("organization/1", {"archived_meeting_ids": [], "active_meeting_ids": []})
        self.assert_model_exists("committee/60", {"meeting_ids": [], "user_ids": []})

    def test_created_meeting_can_be_deleted(self) -> None:
        self.create_committee(60)
        users = [self.create_user(), self.create_user()]
        element = {"committee_id": 60, "name": "x", "language": "en", "admin_ids": users[:1], "user_ids": users[1:]}
        id_ = self.request("meeting.create", element).assert_status(200).id
        self.request("meeting.delete", {"id": id_}).assert_status(200)
        left = {"organization", "theme", "user", "committee", "history_entry", "history_position"}
        assert self.stack.datastore.get_everything().keys() == left

    @pytest.mark.parametrize("participants", [1, 100])
    def test_few_calls(self, participants: int) -> None:
        self.create_meeting()
        users = range(1001, 1001 + participants)
        self.set_models(
            {
                **{f"user/{id_}": {"meeting_user_ids": [id_], "meeting_ids": [1]} for id_ in users},
                **{f"meeting_user/{id_}": {"user_id": id_, "meeting_id": 1, "group_ids": [1]} for id_ in users},
            }
        )
        lists = {"meeting_user_ids": list(users)}
        self.add_to_lists({"meeting/1": {**lists, "user_ids": list(users)}, "group/1": lists})
        with self.stack.count_calls() as calls:
            self.request("meeting.delete", {"id": 1}).assert_status(200)
        calls.assert_at_most(reads=16, reserves=1, writes=1)
        self.assert_model_exists("user/1001", {"meeting_ids": [], "meeting_user_ids": []})


class TestMeetingDeleteRights(RightsTest):
    """Who may delete which meeting."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def delete(self, status: int, user: int, text: str = "") -> None:
        """Delete meeting/1."""
        self.request("meeting.delete", {"id": 1}, user=user).assert_status(status, text)

    def test_refused(self) -> None:
        self.create_committee(61)
        self.delete(403, 0)
        self.delete(403, self.create_user(group_ids=[2]))
        self.delete(403, self.create_manager(61))
        self.delete(403, self.create_user(oml="can_manage_users"))
        self.request("meeting.delete", {"id": 99}).assert_status(400)

    @pytest.mark.parametrize("role", ["manager", "organizer", "manager above"])
    def test_allowed(self, role: str) -> None:
        if role == "manager above":
            self.create_committee(61)
            self.set_models({"committee/60": {"parent_id": 61, "all_parent_ids": [61]}})
            self.delete(200, self.create_manager(61))
        else:
            user_id = self.create_manager(60) if role == "manager" else self.create_user(oml="can_manage_organization")
            self.delete(200, user_id)

    def test_locked(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        manager = self.create_manager(60)
        self.delete(400, manager, "locked")
        self.delete(400, self.create_user(), "locked")
        self.delete(400, 0, "locked")
        self.delete(403, self.create_user(group_ids=[2]))
        self.set_permissions(3, ["meeting.can_manage_settings"])
        self.add_to_groups(manager, [3])
        self.delete(200, manager)

    def test_locked_for_superadmins(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.delete(400, self.create_user(oml="can_manage_organization"), "locked")
        self.delete(200, 1)
