"""Deleting accounts, presence, and putting users into many meetings (user.md)."""

from typing import Any

from tests.integration.base import IntegrationTest


class TestUserDelete(IntegrationTest):
    """`user.delete`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.user_id = self.create_user(group_ids=[3])
        self.member_id = self.meeting_user_id(self.user_id, 1)

    def test_delete(self) -> None:
        self.set_models(
            {
                f"user/{self.user_id}": {
                    "committee_management_ids": [60],
                    "is_present_in_meeting_ids": [1],
                    "vote_ids": [8],
                },
                "committee/60": {"manager_ids": [self.user_id]},
                "meeting/1": {"present_user_ids": [self.user_id], "is_active_in_organization_id": None},
                "vote/8": {"user_id": self.user_id, "meeting_id": 1},
                "list_of_speakers/9": {"meeting_id": 1, "speaker_ids": [5, 6]},
                "speaker/5": {"list_of_speakers_id": 9, "meeting_id": 1, "meeting_user_id": self.member_id},
                "speaker/6": {
                    "list_of_speakers_id": 9,
                    "meeting_id": 1,
                    "meeting_user_id": self.member_id,
                    "begin_time": 1,
                },
                "personal_note/7": {"meeting_id": 1, "meeting_user_id": self.member_id},
                f"meeting_user/{self.member_id}": {"speaker_ids": [5, 6], "personal_note_ids": [7]},
            }
        )
        self.request("user.delete", {"id": self.user_id}).assert_status(200)
        for fqid in (f"user/{self.user_id}", f"meeting_user/{self.member_id}", "speaker/5", "personal_note/7"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("speaker/6", {"meeting_user_id": None})
        self.assert_model_exists("vote/8", {"user_id": None})
        self.assert_model_exists("committee/60", {"manager_ids": [], "user_ids": []})
        self.assert_model_exists("meeting/1", {"user_ids": [], "present_user_ids": [], "meeting_user_ids": []})
        self.assert_model_exists("organization/1", {"user_ids": [1]})
        (entries,) = self.history_of(f"user/{self.user_id}")
        assert entries == ["Participant removed from meeting {}", "meeting/1", "Account deleted"]
        (entry,) = self.find_models("history_entry").values()
        assert "model_id" not in entry

    def test_checks(self) -> None:
        self.request("user.delete", {"id": 1}).assert_status(400, "yourself")
        self.request("user.delete", {"id": 999}).assert_status(400, "user/999")

    def test_last_admin(self) -> None:
        ids = [self.create_user(group_ids=[2]) for _ in range(2)]
        self.request("user.delete", *({"id": id_} for id_ in ids)).assert_status(400, "last member")
        self.request("user.delete", {"id": ids[0]}).assert_status(200)
        self.request("user.delete", {"id": ids[1]}).assert_status(400, "last member")
        self.set_models({"meeting/1": {"template_for_organization_id": 1}})
        self.request("user.delete", {"id": ids[1]}).assert_status(200)

    def test_permission(self) -> None:
        admin_id = self.create_user(group_ids=[2])
        updater_id = self.create_user(group_ids=[1])
        self.set_permissions(1, ["user.can_update"])
        for user in (updater_id, self.user_id, 0):
            self.request("user.delete", {"id": self.user_id}, user=user).assert_status(403)
        self.request("user.delete", {"id": self.user_id}, user=admin_id).assert_status(200)

    def test_reads_do_not_grow(self) -> None:
        groups = [self.create_meeting(base) + 2 for base in range(10, 40, 5)]
        ids = [self.create_user(group_ids=groups) for _ in range(10)]
        with self.stack.count_calls() as one:
            self.request("user.delete", {"id": self.user_id}).assert_status(200)
        with self.stack.count_calls() as many:
            self.request("user.delete", *({"id": id_} for id_ in ids)).assert_status(200)
        assert one.reads <= 9
        assert many.reads <= one.reads, many.paths


class TestPresence(IntegrationTest):
    """`user.set_present` and `user.toggle_presence_by_number`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.user_id = self.create_user(group_ids=[3])
        self.set_models({f"meeting_user/{self.meeting_user_id(self.user_id, 1)}": {"number": "7"}})

    def set_present(self, present: object = True, *, user: int = 1, target: int = 0, status: int = 200) -> Any:
        element = {"id": target or self.user_id, "meeting_id": 1, "present": present}
        return self.request("user.set_present", element, user=user).assert_status(status)

    def toggle(self, number: str = "7", *, user: int = 1, status: int = 200) -> Any:
        return self.request(
            "user.toggle_presence_by_number", {"meeting_id": 1, "number": number}, user=user
        ).assert_status(status)

    def is_present(self) -> bool:
        present = self.user_id in self.get_model("meeting/1").get("present_user_ids", [])
        assert present == (1 in self.get_model(f"user/{self.user_id}").get("is_present_in_meeting_ids", []))
        return present

    def test_set_present(self) -> None:
        assert self.set_present().results == [None]
        assert self.is_present()
        self.set_present()
        assert self.history_of(f"user/{self.user_id}") == [["Set present in meeting {}", "meeting/1"]]
        self.set_present(present=False)
        assert not self.is_present()

    def test_several_elements_take_effect(self) -> None:
        self.create_meeting(10)
        other_id = self.create_user()
        self.request(
            "user.set_present",
            {"id": self.user_id, "meeting_id": 1, "present": True},
            {"id": self.user_id, "meeting_id": 10, "present": True},
            {"id": other_id, "meeting_id": 1, "present": False},
        ).assert_status(200)
        self.assert_model_exists(f"user/{self.user_id}", {"is_present_in_meeting_ids": [1, 10]})
        assert self.history_of(f"user/{self.user_id}") == [["Set present in meeting {}", "meeting/10"]]
        assert self.history_of(f"user/{other_id}") == [["Set not present in meeting {}", "meeting/1"]]

    def test_checks(self) -> None:
        self.set_present(present="true", status=400)
        self.set_present(target=999, status=400)
        element = {"id": self.user_id, "meeting_id": 99, "present": True}
        self.request("user.set_present", element).assert_status(400, "meeting/99")
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.set_present(status=400)

    def test_permission(self) -> None:
        manager_id = self.create_user(committee_management_ids=[60])
        helper_id, users_id = self.create_user(group_ids=[1]), self.create_user(oml="can_manage_users")
        self.set_permissions(1, ["user.can_manage_presence"])
        for user in (manager_id, helper_id, users_id):
            self.set_present(user=user)
        for user in (self.user_id, 0):
            self.set_present(user=user, status=403)
        self.set_models({"meeting/1": {"users_allow_self_set_present": True, "locked_from_inside": True}})
        self.set_present(user=self.user_id)
        self.set_present(user=self.user_id, target=helper_id, status=403)
        self.set_present(user=helper_id)
        for user in (manager_id, users_id, 1, 0):
            self.set_present(user=user, status=403)

    def test_toggle(self) -> None:
        assert self.toggle().result == {"id": self.user_id}
        assert self.is_present()
        self.toggle()
        assert not self.is_present()
        self.toggle("8", status=400)
        other_id = self.create_user(group_ids=[3])
        self.set_models({f"meeting_user/{self.meeting_user_id(other_id, 1)}": {"number": "7"}})
        self.toggle(status=400)

    def test_toggle_permission(self) -> None:
        self.set_permissions(3, ["user.can_manage_presence"])
        self.toggle(user=self.user_id, status=403)
        self.set_permissions(3, ["user.can_update"])
        self.toggle(user=self.user_id)
        users_id = self.create_user(oml="can_manage_users")
        self.toggle(user=users_id)
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.toggle(user=users_id, status=403)
        self.toggle(user=0, status=403)


class TestUserAssignMeetings(IntegrationTest):
    """`user.assign_meetings`."""

    def setup_method(self) -> None:
        super().setup_method()
        for base in (1, 10, 20, 30):
            self.create_meeting(base, committee_id=60)
        self.user_id = self.create_user(group_ids=[12, 32])
        self.set_models({"group/3": {"name": "X"}, "group/12": {"name": "X"}, "group/30": {"name": "x"}})

    def assign(self, *meeting_ids: int, user: int = 1, status: int = 200, name: str = "X") -> Any:
        element = {"id": self.user_id, "meeting_ids": list(meeting_ids), "group_name": name}
        return self.request("user.assign_meetings", element, user=user).assert_status(status)

    def group_ids(self, meeting_id: int) -> list[int]:
        member_id = self.meeting_user_id(self.user_id, meeting_id)
        groups: list[int] = self.get_model(f"meeting_user/{member_id}").get("group_ids", [])
        return groups

    def test_assign(self) -> None:
        answer = self.assign(30, 20, 10, 1)
        assert answer.result == {"succeeded": [1, 10], "standard_group": [20], "nothing": [30]}
        assert [self.group_ids(meeting_id) for meeting_id in (1, 10, 20, 30)] == [[3], [12], [20], [32]]

    def test_groups_are_added(self) -> None:
        self.set_models({"group/31": {"name": "X"}})
        self.create_user(group_ids=[31])
        self.assign(30)
        assert self.group_ids(30) == [32, 31]

    def test_anonymous_group_does_not_count(self) -> None:
        self.set_models({"group/3": {"anonymous_group_for_meeting_id": 1}})
        assert self.assign(1).result["standard_group"] == [1]

    def test_checks(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        self.assign(1, status=400)
        self.set_models({"meeting/1": {"locked_from_inside": False, "is_active_in_organization_id": None}})
        self.assign(1, user=0, status=400)
        self.assign(99, status=400)
        self.set_models({f"meeting_user/{self.meeting_user_id(self.user_id, 30)}": {"locked_out": True}})
        self.assign(30, name="Admin", status=400)

    def test_permission(self) -> None:
        manager_id = self.create_user(committee_management_ids=[60])
        admin_id = self.create_user(group_ids=[2, 11])
        self.assign(1, 10, user=manager_id)
        self.assign(1, user=admin_id, status=403)
        self.assign(1, user=0, status=403)
        empty: dict[str, list[int]] = {"succeeded": [], "standard_group": [], "nothing": []}
        assert self.assign(user=admin_id).result == empty
        self.create_meeting(40)
        self.assign(1, 40, user=manager_id, status=403)

    def test_reads_do_not_grow(self) -> None:
        with self.stack.count_calls() as one:
            self.assign(1)
        with self.stack.count_calls() as many:
            self.assign(10, 20, 30)
        assert max(one.reads, many.reads) <= 8, many.paths
