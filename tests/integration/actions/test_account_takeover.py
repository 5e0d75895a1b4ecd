"""Nobody gets rights to an account by what he does to it (user_permissions.md, sections 3 and 5)."""

from openslides_backend.permissions.permissions import Permissions
from tests.integration.base import IntegrationTest

NEW_MEETING = {"committee_id": 60, "name": "new", "language": "en", "set_as_template": True}


class TestAccountTakeover(IntegrationTest):
    """Meeting 1 is in committee 60, meeting 4 in committee 63, whose manager is the victim."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)
        self.victim = self.create_manager(63)
        self.meeting_admin = self.create_user(group_ids=[3])
        self.set_permissions(3, [Permissions.User.CAN_UPDATE])
        self.manager = self.create_manager(60)

    def create_manager(self, committee_id: int) -> int:
        user_id = self.create_user(committee_management_ids=[committee_id])
        self.add_to_lists({f"committee/{committee_id}": {"manager_ids": [user_id]}})
        return user_id

    def assert_has_no_right(self, user: int, victim: int) -> None:
        for name, data in (
            ("user.set_password", {"password": "x"}),
            ("user.generate_new_password", {}),
            ("user.update", {"default_password": "x"}),
            ("user.update", {"email": "a@example.com"}),
            ("user.delete", {}),
        ):
            self.request(name, {"id": victim, **data}, user=user).assert_status(403)

    def test_the_chain(self) -> None:
        """From a right in one meeting to a committee's manager, and on to another committee's."""
        own_manager = self.create_manager(60)
        data = {"id": own_manager, "meeting_id": 1, "group_ids": [1]}
        self.request("user.update", data, user=self.meeting_admin).assert_status(200)
        self.assert_has_no_right(self.meeting_admin, own_manager)

        claim = {"id": self.victim, "home_committee_id": 60}
        self.request("user.update", claim, user=self.manager).assert_status(403)
        self.assert_has_no_right(self.manager, self.victim)
        self.request("meeting.delete", {"id": 4}, user=self.manager).assert_status(403)

    def test_a_home_committee_is_given_by_those_who_may_change_the_account(self) -> None:
        member = self.create_user(group_ids=[1])
        self.request("user.update", {"id": member, "home_committee_id": 60}, user=self.manager).assert_status(200)

    def test_a_manager_can_not_make_an_account_his_committees(self) -> None:
        victim = self.create_user(group_ids=[4])
        for name, data in (
            ("user.update", {"id": victim, "meeting_id": 1, "group_ids": [1]}),
            ("user.update", {"id": victim, "committee_management_ids": [60]}),
            ("user.update", {"id": victim, "home_committee_id": 60}),
            ("user.assign_meetings", {"id": victim, "meeting_ids": [1], "group_name": "Delegates"}),
            ("committee.update", {"id": 60, "manager_ids": [self.manager, victim]}),
            ("committee.create", {"name": "x", "organization_id": 1, "parent_id": 60, "manager_ids": [victim]}),
            ("meeting.create", {**NEW_MEETING, "user_ids": [victim]}),
            ("meeting.create", {**NEW_MEETING, "admin_ids": [self.manager, victim]}),
            ("meeting.clone", {"meeting_id": 1, "admin_ids": [self.manager], "user_ids": [victim]}),
            ("meeting.clone", {"meeting_id": 1, "admin_ids": [victim]}),
        ):
            self.request(name, data, user=self.manager).assert_status(403)
        self.assert_has_no_right(self.manager, victim)

    def test_who_belongs_nowhere_may_become_a_manager(self) -> None:
        data = {"id": 60, "manager_ids": [self.manager, self.create_user()]}
        self.request("committee.update", data, user=self.manager).assert_status(200)

    def test_new_meetings_are_for_own_people_and_those_who_belong_nowhere(self) -> None:
        people = [self.manager, self.create_user(group_ids=[1]), self.create_user()]
        data = {**NEW_MEETING, "user_ids": people, "admin_ids": people}
        self.request("meeting.create", data, user=self.manager).assert_status(200)
        self.request("meeting.clone", {"meeting_id": 1, "admin_ids": people}, user=self.manager).assert_status(200)

    def test_a_manager_can_not_share_a_committee_with_another_manager(self) -> None:
        data = {"id": self.victim, "meeting_id": 1, "group_ids": [1]}
        self.request("user.update", data, user=self.manager).assert_status(403)

    def test_an_account_without_a_meeting_is_not_for_the_first_who_takes_it(self) -> None:
        victim = self.create_user()
        data = {"id": victim, "meeting_id": 1, "group_ids": [1]}
        self.request("user.update", data, user=self.meeting_admin).assert_status(403)
        self.request("user.update", data, user=self.create_user(oml="can_manage_users")).assert_status(200)

    def test_who_has_another_meeting_can_be_added(self) -> None:
        victim = self.create_user(group_ids=[4])
        data = {"id": victim, "meeting_id": 1, "group_ids": [1]}
        self.request("user.update", data, user=self.meeting_admin).assert_status(200)
        self.assert_has_no_right(self.meeting_admin, victim)


class TestInactiveUsers(IntegrationTest):
    """A token may be valid for a moment longer than the account."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.admin = self.create_user(group_ids=[2])
        self.manager = self.create_user(committee_management_ids=[60])
        self.superadmin = self.create_user(oml="superadmin")

    def assert_all_are_refused(self) -> None:
        for user in (self.admin, self.manager, self.superadmin):
            self.request("tag.create", {"meeting_id": 1, "name": "x"}, user=user).assert_status(403)
            self.request("user.update_self", {"pronoun": "x"}, user=user).assert_status(403)
            self.presenter("get_user_scope", {"user_ids": [1]}, user=user).assert_status(403)

    def test_inactive_users_have_no_rights(self) -> None:
        for user in (self.admin, self.manager, self.superadmin):
            self.set_models({f"user/{user}": {"is_active": False}})
        self.assert_all_are_refused()

    def test_deleted_users_have_no_rights(self) -> None:
        self.delete_models(*(f"user/{user}" for user in (self.admin, self.manager, self.superadmin)))
        self.assert_all_are_refused()
