"""Accounts in large organizations: reads stay bounded (issue of committees, meetings, groups and users)."""

from typing import Any

from tests.integration.base import IntegrationTest

DEPTH, MEETINGS, PARTICIPANTS = 40, 500, 10_000


class TestScale(IntegrationTest):
    """A tree of committees forty levels deep, a user in five hundred meetings, ten thousand participants."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def add_meetings(self, user_id: int) -> list[int]:
        """The user takes part in many meetings of the lowest committee of a deep tree."""
        meetings, tree = range(1000, 1000 + MEETINGS), range(100, 100 + DEPTH)
        models: dict[str, dict[str, Any]] = {}
        for id_ in tree:
            models[f"committee/{id_}"] = {
                "name": f"c{id_}",
                "organization_id": 1,
                "all_parent_ids": list(range(100, id_)),
                "all_child_ids": list(range(id_ + 1, 100 + DEPTH)),
            }
        lowest = tree[-1]
        for id_ in meetings:
            models[f"meeting/{id_}"] = {
                "name": f"m{id_}",
                "committee_id": lowest,
                "is_active_in_organization_id": 1,
                "default_group_id": id_,
                "admin_group_id": id_,
                "user_ids": [user_id],
            }
            models[f"group/{id_}"] = {
                "name": "g",
                "meeting_id": id_,
                "admin_group_for_meeting_id": id_,
                "meeting_user_ids": [id_, 1],
            }
            models[f"meeting_user/{id_}"] = {"user_id": user_id, "meeting_id": id_, "group_ids": [id_]}
        models[f"committee/{lowest}"]["meeting_ids"] = list(meetings)
        self.set_models(models)
        lists = {"meeting_ids": list(meetings), "meeting_user_ids": list(meetings)}
        self.set_models({f"user/{user_id}": {**lists, "committee_ids": [lowest]}})
        return list(meetings)

    def test_a_user_in_many_meetings_of_a_deep_tree(self) -> None:
        user_id = self.create_user()
        meetings = self.add_meetings(user_id)
        manager_id = self.create_user(committee_management_ids=[100])
        with self.stack.count_calls() as updating:
            element = {"id": user_id, "title": "x", "meeting_id": meetings[0], "number": "1"}
            self.request("user.update", element, user=manager_id).assert_status(200)
        assert updating.reads <= 6
        with self.stack.count_calls() as assigning:
            element = {"id": self.create_user(home_committee_id=100), "meeting_ids": meetings, "group_name": "g"}
            answer = self.request("user.assign_meetings", element, user=manager_id).assert_status(200)
        assert answer.result["succeeded"] == meetings
        assert assigning.reads <= 8
        with self.stack.count_calls() as deleting:
            self.request("user.delete", {"id": user_id}, user=manager_id).assert_status(200)
        assert deleting.reads <= 9
        self.assert_model_deleted(f"meeting_user/{meetings[-1]}")

    def test_a_meeting_with_many_participants(self) -> None:
        users, members = (list(range(start, start + PARTICIPANTS)) for start in (20_000, 40_000))
        self.set_models(
            {
                "group/3": {"meeting_user_ids": members},
                "meeting/1": {"user_ids": users, "meeting_user_ids": members, "present_user_ids": users},
            }
        )
        user_id = self.create_user(group_ids=[3])
        with self.stack.count_calls() as calls:
            self.request("user.update", {"id": user_id, "meeting_id": 1, "group_ids": [1]}).assert_status(200)
            self.request("user.set_present", {"id": user_id, "meeting_id": 1, "present": True}).assert_status(200)
            self.request("user.create", {"username": "x", "meeting_id": 1, "group_ids": [3]}).assert_status(200)
        assert calls.reads <= 16
        assert len(self.get_model("group/3")["meeting_user_ids"]) == PARTICIPANTS + 1
        assert len(self.get_model("meeting/1")["present_user_ids"]) == PARTICIPANTS + 1
