"""Changing accounts (user.md, user_permissions.md)."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest

WAITING = {"list_of_speakers_id": 9, "meeting_id": 1, "weight": 1}


class UpdateTest(IntegrationTest):
    """Base: meeting/1, and a delegate in group 3 of it."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.user_id = self.create_user("delegate", group_ids=[3])
        self.member_id = self.meeting_user_id(self.user_id, 1)

    def update(self, *, user: int = 1, **fields: Any) -> None:
        self.request("user.update", {"id": self.user_id, **fields}, user=user).assert_status(200)

    def refused(self, text: str, *, status: int = 400, user: int = 1, **fields: Any) -> None:
        self.request("user.update", {"id": self.user_id, **fields}, user=user).assert_status(status, text)

    def history(self) -> list[str]:
        return [text for entries in self.history_of(f"user/{self.user_id}") for text in entries]


class TestUserUpdate(UpdateTest):
    """`user.update`."""

    def test_fields(self) -> None:
        self.update(username=" a ", first_name=" b ", title=" c ", email="d@example.com", is_active="yes", pronoun=None)
        self.assert_model_exists(
            f"user/{self.user_id}",
            {"username": "a", "first_name": "b", "title": " c ", "email": "d@example.com", "is_active": True},
        )
        assert self.history() == ["Personal data changed"]

    def test_history_of_values_that_differ_only(self) -> None:
        self.update(username="delegate", title=None, is_active=True, member_number="5", committee_management_ids=[])
        assert self.history() == []
        self.update(organization_management_level="can_manage_users", committee_management_ids=[60], is_active=False)
        assert self.history() == [
            "Organization management level changed",
            "Committee management changed",
            "Set inactive",
        ]
        self.update(is_active=True)
        assert self.history()[-1] == "Set active"

    def test_managed_committees_make_a_member(self) -> None:
        self.create_committee(70)
        self.update(committee_management_ids=[70])
        assert self.get_model(f"user/{self.user_id}")["committee_ids"] == [60, 70]
        assert self.get_model("committee/70")["manager_ids"] == [self.user_id]

    def test_external_and_home_committee_exclude_each_other(self) -> None:
        self.update(home_committee_id=60)
        self.assert_model_exists(f"user/{self.user_id}", {"home_committee_id": 60, "external": False})
        self.update(external=True)
        self.assert_model_exists(f"user/{self.user_id}", {"home_committee_id": None, "external": True})
        self.update(external=False)
        self.update(home_committee_id=None)
        self.refused("external", external=True, home_committee_id=60)

    def test_single_sign_on(self) -> None:
        self.set_models({f"user/{self.user_id}": {"password": "hash", "default_password": "x"}})
        self.refused("empty", saml_id=None)
        self.refused("empty", saml_id="  ")
        self.update(saml_id=" s ")
        expected = {"saml_id": "s", "password": "", "default_password": "", "can_change_own_password": False}
        self.assert_model_exists(f"user/{self.user_id}", expected)
        self.refused("single sign-on", default_password="x")
        self.refused("single sign-on", can_change_own_password=True)
        self.update(default_password="", can_change_own_password=False, saml_id="s")

    def test_default_password_does_not_touch_the_password(self) -> None:
        self.set_models({f"user/{self.user_id}": {"password": "hash"}})
        self.update(default_password="new")
        self.assert_model_exists(f"user/{self.user_id}", {"password": "hash", "default_password": "new"})

    @pytest.mark.parametrize(
        ("text", "fields"),
        [
            ("white space", {"username": "a b"}),
            ("invisible", {"username": "super\u200badmin"}),
            ("empty", {"username": "  "}),
            ("in use", {"username": "superadmin"}),
            ("valid address", {"email": "a@b"}),
            ("gender/5", {"gender_id": 5}),
            ("committee/99", {"home_committee_id": 99}),
            ("in use", {"member_number": "m"}),
            ("empty", {"member_number": ""}),
        ],
    )
    def test_checks(self, text: str, fields: dict[str, Any]) -> None:
        self.create_user("other", member_number="m")
        self.refused(text, **fields)

    def test_own_values_are_no_conflict_and_values_can_be_swapped_on(self) -> None:
        other_id = self.create_user("other")
        self.update(username="delegate")
        elements = [{"id": self.user_id, "username": "new"}, {"id": other_id, "username": "delegate"}]
        self.request("user.update", *elements).assert_status(200)
        elements = [{"id": self.user_id, "username": "same"}, {"id": other_id, "username": "same"}]
        answer = self.request("user.update", *elements).assert_status(400, "in use")
        assert answer.body["action_data_error_index"] == 1

    def test_missing_user(self) -> None:
        self.request("user.update", {"id": 999, "title": "x"}).assert_status(400, "user/999")
        self.request("user.update", {"id": 999, "title": "x"}, internal=True).assert_status(400, "user/999")

    def test_own_superadmin(self) -> None:
        for fields in ({"organization_management_level": None}, {"is_active": False}, {"is_active": None}):
            self.request("user.update", {"id": 1, **fields}).assert_status(400, "superadmin")
        self.request("user.update", {"id": 1, "organization_management_level": "superadmin"}).assert_status(200)
        other_id = self.create_user(oml="superadmin")
        self.request("user.update", {"id": 1, "is_active": False}, user=other_id).assert_status(200)

    def test_limit(self) -> None:
        self.set_models({"organization/1": {"limit_of_users": 2}, f"user/{self.user_id}": {"is_active": False}})
        third_id = self.create_user()
        self.refused("limit", is_active=True)
        self.update(is_active=False)
        elements = [{"id": third_id, "is_active": False}, {"id": self.user_id, "is_active": True}]
        self.request("user.update", *elements).assert_status(200)
        self.update(is_active=True)

    def test_deactivating_ends_sessions(self) -> None:
        self.request("user.update_self", {"pronoun": "x"}, user=self.user_id).assert_status(200)
        self.update(is_active=False)
        self.request("user.update_self", {"pronoun": "x"}, user=self.user_id).assert_status(403)

    def test_internal_fields(self) -> None:
        self.refused("service itself", is_present_in_meeting_ids=[1])
        element = {"id": self.user_id, "is_present_in_meeting_ids": [1]}
        self.request("user.update", element, internal=True).assert_status(200)
        self.assert_model_exists("meeting/1", {"present_user_ids": [self.user_id]})

    def test_archived_and_payload(self) -> None:
        self.refused("meeting_id", number="1")
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.refused("archived", meeting_id=1, number="1")
        self.update(title="x")

    def test_permission(self) -> None:
        admin_id = self.create_user(group_ids=[2])
        self.update(user=admin_id, title="x", meeting_id=1, number="1")
        self.refused("", status=403, user=admin_id, is_demo_user=True)
        self.refused("", status=400, user=admin_id, saml_id="x")
        self.refused("", status=403, user=self.user_id, title="x")
        self.refused("", status=403, user=0, title="x")
        self.set_models({f"user/{self.user_id}": {"organization_management_level": "can_manage_users"}})
        self.refused("", status=403, user=admin_id, title="y")
        self.update(user=admin_id, meeting_id=1, group_ids=[1])


class TestMeetingData(UpdateTest):
    """Participation in `user.update`."""

    def test_new_participant(self) -> None:
        self.create_meeting(10)
        self.update(meeting_id=10, group_ids=[12], vote_weight="1.500000")
        member_id = self.meeting_user_id(self.user_id, 10)
        self.assert_model_exists(f"meeting_user/{member_id}", {"group_ids": [12], "vote_weight": "1.500000"})
        user = self.get_model(f"user/{self.user_id}")
        assert (user["meeting_ids"], user["committee_ids"]) == ([1, 10], [60, 69])

    def test_leaving_a_meeting(self) -> None:
        self.set_models(
            {
                f"user/{self.user_id}": {"is_present_in_meeting_ids": [1]},
                "meeting/1": {"present_user_ids": [self.user_id]},
                "list_of_speakers/9": {"meeting_id": 1, "speaker_ids": [5, 6]},
                "speaker/5": {**WAITING, "meeting_user_id": self.member_id},
                "speaker/6": {**WAITING, "meeting_user_id": self.member_id, "begin_time": 1, "end_time": 2},
                f"meeting_user/{self.member_id}": {"speaker_ids": [5, 6]},
            }
        )
        self.update(meeting_id=1, group_ids=[])
        self.assert_model_deleted("speaker/5")
        self.assert_model_exists("speaker/6", {"meeting_user_id": self.member_id})
        self.assert_model_exists(f"meeting_user/{self.member_id}", {"group_ids": []})
        self.assert_model_exists("meeting/1", {"user_ids": [], "present_user_ids": []})
        self.assert_model_exists(f"user/{self.user_id}", {"meeting_ids": [], "is_present_in_meeting_ids": []})
        assert self.history()[0] == "Set not present in meeting {}"

    def test_some_groups_less_is_not_leaving(self) -> None:
        self.add_to_groups(self.user_id, [1])
        self.set_models({f"user/{self.user_id}": {"is_present_in_meeting_ids": [1]}})
        self.update(meeting_id=1, group_ids=[1])
        self.assert_model_exists(f"user/{self.user_id}", {"is_present_in_meeting_ids": [1]})

    def test_last_admin(self) -> None:
        first_id, second_id = self.create_user(group_ids=[2]), self.create_user(group_ids=[2])
        self.request("user.update", {"id": first_id, "meeting_id": 1, "group_ids": [3]}).assert_status(200)
        out = {"id": second_id, "meeting_id": 1, "group_ids": [3]}
        self.request("user.update", out).assert_status(400, "last member")
        self.request("user.update", {**out, "group_ids": []}).assert_status(400, "last member")
        handed_over = {"id": first_id, "meeting_id": 1, "group_ids": [2]}
        self.request("user.update", out, handed_over).assert_status(200)
        self.request("user.update", {**handed_over, "group_ids": []}).assert_status(400, "last member")
        self.set_models({"meeting/1": {"template_for_organization_id": 1}})
        self.request("user.update", {**handed_over, "group_ids": []}).assert_status(200)

    def test_both_of_two_admins(self) -> None:
        ids = [self.create_user(group_ids=[2]) for _ in range(2)]
        elements = [{"id": id_, "meeting_id": 1, "group_ids": [3]} for id_ in ids]
        self.request("user.update", *elements).assert_status(400, "last member")

    @pytest.mark.parametrize(
        ("status", "fields"),
        [
            (200, {}),
            (400, {"group_ids": [2]}),
            (400, {"organization_management_level": "can_manage_users"}),
            (400, {"committee_management_ids": [50]}),
            (200, {"committee_management_ids": [70]}),
            (200, {"home_committee_id": 60}),
        ],
    )
    def test_locking_out(self, status: int, fields: dict[str, Any]) -> None:
        self.create_user(group_ids=[2])
        self.create_committee(50)
        self.create_committee(70)
        self.set_models({"committee/60": {"all_parent_ids": [50]}})
        element = {"id": self.user_id, "meeting_id": 1, "locked_out": True, **fields}
        self.request("user.update", element).assert_status(status)

    def test_locking_out_whoever_manages_users(self) -> None:
        self.set_permissions(3, ["user.can_manage"])
        self.refused("locked out", meeting_id=1, locked_out=True)
        self.set_permissions(3, ["user.can_update"])
        self.update(meeting_id=1, locked_out=True)
        self.refused("locked out", organization_management_level="can_manage_users")
        self.refused("locked out", committee_management_ids=[60])
        self.set_permissions(3, ["user.can_manage"])
        self.refused("locked out", meeting_id=1, group_ids=[3])
        self.update(meeting_id=1, locked_out=False, organization_management_level="can_manage_users")

    def test_earlier_elements_count(self) -> None:
        out = {"id": self.user_id, "meeting_id": 1, "group_ids": [], "locked_out": True}
        promoted = {"id": self.user_id, "organization_management_level": "can_manage_users"}
        self.request("user.update", out, promoted).assert_status(400, "locked out")
        self.request("user.update", promoted, out).assert_status(400, "locked out")
        back = {"id": self.user_id, "meeting_id": 1, "locked_out": False}
        self.request("user.update", out, back, promoted).assert_status(200)

    def test_nobody_locks_himself_out(self) -> None:
        self.add_to_groups(1, [3])
        element = {"id": 1, "meeting_id": 1, "locked_out": True}
        self.request("user.update", element).assert_status(400, "yourself")

    def test_reads_do_not_grow(self) -> None:
        ids = [self.create_user(group_ids=[3]) for _ in range(20)]

        def elements(chosen: list[int]) -> list[dict[str, Any]]:
            fields = {"meeting_id": 1, "group_ids": [1], "member_number": None, "number": "7"}
            return [{"id": id_, "username": f"new{id_}", **fields} for id_ in chosen]

        with self.stack.count_calls() as one:
            self.request("user.update", *elements(ids[:1])).assert_status(200)
        with self.stack.count_calls() as many:
            self.request("user.update", *elements(ids[1:])).assert_status(200)
        assert one.reads <= 2
        assert (many.reads, many.reserves, many.writes) == (one.reads, one.reserves, one.writes), many.paths


class TestUserUpdateSelf(UpdateTest):
    """`user.update_self`."""

    def own(self, status: int = 200, text: str = "", **fields: Any) -> None:
        self.request("user.update_self", fields, user=self.user_id).assert_status(status, text)

    def test_fields(self) -> None:
        self.own(username=" a b ", pronoun="x", email="a@example.com", gender_id=None)
        self.assert_model_exists(f"user/{self.user_id}", {"username": "a b", "pronoun": "x", "email": "a@example.com"})
        assert self.history() == ["Personal data changed"]

    def test_checks(self) -> None:
        self.own(400, "in use", username="superadmin")
        self.own(400, "empty", username=" ")
        self.own(400, "valid", email="x")
        self.own(400, "gender/3", gender_id=3)
        self.own(400, "", title="x")
        self.own(400, "", meeting_id=None)
        self.own(400, "meeting_id", vote_delegated_to_id=None)
        self.own(meeting_id=1)
        self.request("user.update_self", {"pronoun": "x"}, user=0).assert_status(403)
        self.request("user.update_self", {"pronoun": "x"}, internal=True).assert_status(400)

    def test_delegation(self) -> None:
        other_id = self.create_user(group_ids=[3])
        other_member_id = self.meeting_user_id(other_id, 1)
        self.own(403, "own_delegation", meeting_id=1, vote_delegated_to_id=other_member_id)
        self.set_permissions(3, ["user.can_edit_own_delegation"])
        self.own(meeting_id=1, vote_delegated_to_id=other_member_id)
        self.assert_model_exists(f"meeting_user/{other_member_id}", {"vote_delegations_from_ids": [self.member_id]})
        drop = {"meeting_id": 1, "vote_delegations_from_ids": [self.member_id]}
        self.request("user.update_self", drop, user=other_id).assert_status(200)
        drop["vote_delegations_from_ids"] = None
        self.request("user.update_self", drop, user=other_id).assert_status(200)
        self.assert_model_exists(f"meeting_user/{self.member_id}", {"vote_delegated_to_id": None})
        drop["vote_delegations_from_ids"] = [self.member_id]
        self.request("user.update_self", drop, user=other_id).assert_status(400, "not added")
        self.own(meeting_id=1, vote_delegated_to_id=None)
