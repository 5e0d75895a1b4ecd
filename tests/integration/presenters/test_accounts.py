"""The presenters on what may be done with accounts, and where they belong to."""

from typing import Any

import pytest

from openslides_backend.permissions.user_fields import FIELDS, FieldGroup
from openslides_backend.presenters.accounts import MAX_EDITABLE
from tests.integration.base import IntegrationTest


class TestGetUserScope(IntegrationTest):
    """get_user_scope."""

    def scope(self, user_id: int) -> Any:
        return self.presenter("get_user_scope", {"user_ids": [user_id]}).body[0][str(user_id)]

    def test_anonymous(self) -> None:
        self.presenter("get_user_scope", {"user_ids": [1]}, user=0).assert_status(403)

    def test_meeting(self) -> None:
        self.create_meeting()
        user_id = self.create_user(group_ids=[1])
        assert self.scope(user_id) == {
            "collection": "meeting",
            "id": 1,
            "user_oml": "",
            "committee_ids": [60],
            "user_in_archived_meetings_only": False,
            "home_committee_id": None,
        }

    def test_archived_meeting(self) -> None:
        self.create_meeting(is_active_in_organization_id=None)
        scope = self.scope(self.create_user(group_ids=[1]))
        assert (scope["collection"], scope["id"], scope["user_in_archived_meetings_only"]) == ("committee", 60, True)

    def test_home_committee_is_not_among_the_committees(self) -> None:
        self.create_committee(7)
        scope = self.scope(self.create_user(oml="can_manage_users", home_committee_id=7))
        assert scope == {
            "collection": "committee",
            "id": 7,
            "user_oml": "can_manage_users",
            "committee_ids": [],
            "user_in_archived_meetings_only": False,
            "home_committee_id": 7,
        }

    def test_organization(self) -> None:
        scope = self.scope(self.create_user())
        assert (scope["collection"], scope["id"]) == ("organization", 1)

    def test_many_users_take_two_reads(self) -> None:
        self.create_meeting()
        self.create_meeting(4)
        ids = [self.create_user(group_ids=groups) for groups in ([1], [4], [1, 4], [])]
        with self.stack.count_calls() as calls:
            answer = self.presenter("get_user_scope", {"user_ids": ids})
        assert [scope["collection"] for scope in answer.body[0].values()] == [
            "meeting",
            "meeting",
            "organization",
            "organization",
        ]
        calls.assert_at_most(reads=2, reserves=0, writes=0)

    @pytest.mark.parametrize("ids", [[999], [1, 999], [1, 1], [0], [1.0], None])
    def test_wrong_ids(self, ids: object) -> None:
        self.presenter("get_user_scope", {"user_ids": ids}).assert_status(400)


ONE_OF_EACH = {group: names[0] for group, names in FIELDS.items()}


class TestGetUserEditable(IntegrationTest):
    """get_user_editable."""

    def editable(self, user_id: int, asking: int) -> str:
        """The groups that may be changed, by their letters."""
        data = {"user_ids": [user_id], "fields": list(ONE_OF_EACH.values())}
        answers = self.presenter("get_user_editable", data, user=asking).assert_status(200).body[0][str(user_id)]
        assert all(bool(message) != allowed for allowed, message in answers.values())
        return "".join(sorted(group for group, name in ONE_OF_EACH.items() if answers[name][0]))

    @pytest.mark.parametrize(
        ("oml", "target_oml", "groups"),
        [
            ("superadmin", "superadmin", "ABCDEFGHIJ"),
            ("can_manage_organization", None, "ABCDEFIJ"),
            ("can_manage_organization", "superadmin", "BC"),
            ("can_manage_users", "can_manage_users", "ABCDEFIJ"),
            (None, None, "BDI"),
            (None, "can_manage_users", "B"),
        ],
    )
    def test_levels(self, oml: str | None, target_oml: str | None, groups: str) -> None:
        assert self.editable(self.create_user(oml=target_oml), self.create_user(oml=oml)) == groups

    @pytest.mark.parametrize(("permission", "groups"), [("user.can_manage", "ABDFIJ"), ("user.can_see", "BDI")])
    def test_meeting_permission(self, permission: str, groups: str) -> None:
        self.create_meeting()
        self.set_permissions(3, [permission])
        assert self.editable(self.create_user(group_ids=[1]), self.create_user(group_ids=[3])) == groups

    def test_right_to_update_is_not_enough_in_a_meeting_of_which_the_user_is_no_participant(self) -> None:
        self.create_meeting()
        self.set_permissions(3, ["user.can_update"])
        asking = self.create_user(group_ids=[3])
        self.set_models({f"user/{asking}": {"meeting_ids": []}})
        assert self.editable(self.create_user(group_ids=[1]), asking) == "BDI"

    def test_home_committee(self) -> None:
        self.create_committee(7)
        target = self.create_user(home_committee_id=7)
        manager = self.create_user(committee_management_ids=[7])
        assert self.editable(target, manager) == "ABDFIJ"
        assert self.editable(target, self.create_user(oml="can_manage_users")) == "ABCDEF"

    def test_anonymous(self) -> None:
        assert self.editable(self.create_user(), 0) == ""
        data = {"user_ids": [1, 998, 999], "fields": ["title"]}
        self.presenter("get_user_editable", data, user=0).assert_status(400, "'user/998'")

    def test_anonymous_learns_nothing_for_much(self) -> None:
        ids = [self.create_user() for _ in range(10)]
        with self.stack.count_calls() as calls:
            self.presenter("get_user_editable", {"user_ids": ids, "fields": ["title"]}, user=0).assert_status(200)
        calls.assert_at_most(reads=1, reserves=0, writes=0)

    def test_too_much(self) -> None:
        data = {"user_ids": list(range(1, MAX_EDITABLE // 2 + 2)), "fields": ["title", "pronoun"]}
        for asking in (1, 0):
            self.presenter("get_user_editable", data, user=asking).assert_status(400, "At most 10000")

    def test_field_of_imports(self) -> None:
        data = {"user_ids": [1], "fields": ["is_present"]}
        assert self.presenter("get_user_editable", data).body == [{"1": {"is_present": [True, ""]}}]

    def test_many_users_take_no_more_reads(self) -> None:
        self.create_meeting()
        self.create_committee(7)
        asking = self.create_user(group_ids=[2], committee_management_ids=[7])
        fields = list(ONE_OF_EACH.values())
        ids = [self.create_user(group_ids=[1], home_committee_id=home) for home in (7, None, 7, None)]
        with self.stack.count_calls() as calls:
            self.presenter("get_user_editable", {"user_ids": ids, "fields": fields}, user=asking).assert_status(200)
        calls.assert_at_most(reads=4, reserves=0, writes=0)

    @pytest.mark.parametrize(
        ("ids", "fields"),
        [([1], []), ([], []), ([1], ["id"]), ([1], ["unknown"]), ([1], [""]), ([999], ["title"]), ([1], None)],
    )
    def test_wrong_data(self, ids: object, fields: object) -> None:
        self.presenter("get_user_editable", {"user_ids": ids, "fields": fields}).assert_status(400)

    def test_every_group_is_asked_for(self) -> None:
        assert set(ONE_OF_EACH) == set(FieldGroup)


class TestGetUserRelatedModels(IntegrationTest):
    """get_user_related_models."""

    def related(self, *ids: int, user: int = 1) -> Any:
        return self.presenter("get_user_related_models", {"user_ids": list(ids)}, user=user).assert_status(200).body[0]

    def test_everything(self) -> None:
        self.create_meeting(name="Meeting")
        user_id = self.create_user(group_ids=[1], oml="can_manage_users", committee_management_ids=[60])
        member = self.meeting_user_id(user_id, 1)
        self.set_models({f"meeting_user/{member}": {"speaker_ids": [5], "locked_out": True}})
        assert self.related(user_id, 999) == {
            str(user_id): {
                "organization_management_level": "can_manage_users",
                "committees": [{"id": 60, "name": "Committee 60", "cml": "can_manage"}],
                "meetings": [
                    {
                        "id": 1,
                        "name": "Meeting",
                        "is_active_in_organization_id": 1,
                        "is_locked": False,
                        "speaker_ids": [5],
                        "locked_out": True,
                    }
                ],
            }
        }

    def test_nothing(self) -> None:
        user_id = self.create_user()
        assert self.related(user_id) == {str(user_id): {}}
        assert self.related() == {}

    def test_without_group(self) -> None:
        self.create_meeting()
        user_id = self.create_user(group_ids=[1])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": {"group_ids": []}})
        assert "meetings" not in self.related(user_id)[str(user_id)]

    @pytest.mark.parametrize("is_member", [True, False])
    def test_locked_meeting(self, is_member: bool) -> None:
        self.create_meeting(locked_from_inside=True)
        user_id = self.create_user(group_ids=[1])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": {"motion_submitter_ids": [7]}})
        if is_member:
            self.add_to_groups(1, [1])
        (meeting,) = self.related(user_id)[str(user_id)]["meetings"]
        assert meeting["is_locked"] is True
        assert ("motion_submitter_ids" in meeting) == is_member

    def test_inconsistent_committees(self) -> None:
        user_id = self.create_user(committee_ids=[7], committee_management_ids=[8])
        self.presenter("get_user_related_models", {"user_ids": [user_id]}).assert_status(400)

    def test_one_refusal_counts_for_all(self) -> None:
        self.create_meeting()
        asking, mine, other = self.create_user(group_ids=[2]), self.create_user(group_ids=[1]), self.create_user()
        assert list(self.related(mine, user=asking)) == [str(mine)]
        self.presenter("get_user_related_models", {"user_ids": [mine, other]}, user=asking).assert_status(403)
        self.presenter("get_user_related_models", {"user_ids": [mine]}, user=0).assert_status(403)

    def test_many_users_take_three_reads(self) -> None:
        self.create_meeting()
        self.create_meeting(4)
        ids = [self.create_user(group_ids=[1, 4]) for _ in range(4)]
        with self.stack.count_calls() as calls:
            assert len(self.related(*ids)) == 4
        calls.assert_at_most(reads=3, reserves=0, writes=0)
