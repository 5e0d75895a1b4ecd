"""Merging accounts (user_merge.md)."""

from typing import Any

import pytest

from tests.integration.base import Answer, IntegrationTest


class MergeTest(IntegrationTest):
    """Base: meetings 1 and 4; a primary account who is in the first one, and two others who are in both."""

    def setup_method(self) -> None:
        super().setup_method()
        for base in (1, 4):
            self.create_meeting(base)
        self.primary = self.create_user("primary", group_ids=[3])
        self.second = self.create_user("second", group_ids=[1, 6])
        self.third = self.create_user("third", group_ids=[1, 4])

    def member(self, user_id: int, meeting_id: int = 1) -> int:
        """The id of the user's participant."""
        return self.meeting_user_id(user_id, meeting_id) or 0

    def set_user(self, user_id: int, **fields: Any) -> None:
        self.set_models({f"user/{user_id}": fields})

    def set_member(self, user_id: int, meeting_id: int = 1, **fields: Any) -> None:
        self.set_models({f"meeting_user/{self.member(user_id, meeting_id)}": fields})

    def call(self, *, user: int = 1, **fields: Any) -> Answer:
        return self.request(
            "user.merge_together", {"id": self.primary, "user_ids": [self.second, self.third], **fields}, user=user
        )

    def merge(self, **fields: Any) -> dict[str, Any]:
        """Merge all; the primary account."""
        answer = self.call(**fields).assert_status(200)
        assert answer.results == [None]
        return self.get_model(f"user/{self.primary}")

    def refused(self, text: str, **fields: Any) -> None:
        self.call(**fields).assert_status(400, text)
        self.assert_model_exists(f"user/{self.second}")


class TestAccount(MergeTest):
    """What the primary account gets, and who may do it."""

    def test_others_are_deleted(self) -> None:
        members = [self.member(self.second, 4), self.member(self.third)]
        self.merge()
        for fqid in (f"user/{self.second}", f"user/{self.third}", *(f"meeting_user/{id_}" for id_ in members)):
            self.assert_model_deleted(fqid)
        assert self.get_model("organization/1")["user_ids"] == [1, self.primary]

    def test_calculated_fields(self) -> None:
        user = self.merge()
        assert (user["meeting_ids"], user["committee_ids"]) == ([1, 4], [60, 63])
        assert self.get_model("meeting/1")["user_ids"] == [self.primary]
        assert self.get_model("meeting/4")["user_ids"] == [self.primary]
        assert self.get_model("committee/63")["user_ids"] == [self.primary]

    def test_values_of_others_are_not_taken_over(self) -> None:
        self.set_user(self.second, first_name="x", email="x@example.com", member_number="5", is_active=False, title="x")
        user = self.merge()
        assert {"first_name", "email", "member_number", "title"}.isdisjoint(user)
        assert user["is_active"] is True

    def test_values_of_the_payload(self) -> None:
        user = self.merge(username=" new ", first_name="f", email="f@example.com", default_vote_weight="2.000000")
        assert (user["username"], user["first_name"], user["default_vote_weight"]) == ("new", "f", "2.000000")
        assert user["email"] == "f@example.com"

    @pytest.mark.parametrize(
        ("field", "value", "text"),
        [
            ("username", "second", "in use"),
            ("username", "a b", "white space"),
            ("email", "x", "valid"),
            ("gender_id", 99, "gender/99"),
            ("username", None, "username"),
            ("default_vote_weight", "0.000000", "default_vote_weight"),
            ("organization_management_level", "superadmin", "organization_management_level"),
        ],
    )
    def test_values_that_are_refused(self, field: str, value: object, text: str) -> None:
        self.refused(text, **{field: value})

    def test_the_highest_level(self) -> None:
        self.set_user(self.second, organization_management_level="can_manage_users")
        self.set_user(self.third, organization_management_level="can_manage_organization")
        assert self.merge()["organization_management_level"] == "can_manage_organization"

    @pytest.mark.parametrize(
        ("values", "merged"),
        [((None, False, True), True), ((None, False, None), False), ((True, None, False), True), ((None,) * 3, None)],
    )
    def test_changing_the_own_password(self, values: tuple[bool | None, ...], merged: bool | None) -> None:
        for user_id, value in zip((self.primary, self.second, self.third), values, strict=True):
            self.set_user(user_id, can_change_own_password=value)
        assert self.merge().get("can_change_own_password") is merged

    def test_single_sign_on(self) -> None:
        self.set_user(self.primary, saml_id="s")
        self.set_user(self.second, can_change_own_password=True)
        self.refused("single sign-on", default_password="x")
        assert "can_change_own_password" not in self.merge()

    def test_committees_and_presence(self) -> None:
        self.set_user(self.primary, committee_management_ids=[60])
        self.set_user(self.third, committee_management_ids=[63], is_present_in_meeting_ids=[1, 4])
        self.set_user(self.second, is_present_in_meeting_ids=[4])
        self.set_models(
            {
                "committee/60": {"manager_ids": [self.primary]},
                "committee/63": {"manager_ids": [self.third]},
                "meeting/1": {"present_user_ids": [self.third]},
                "meeting/4": {"present_user_ids": [self.third, self.second]},
            }
        )
        user = self.merge()
        assert (user["committee_management_ids"], user["is_present_in_meeting_ids"]) == ([60, 63], [4])
        assert self.get_model("committee/63")["manager_ids"] == [self.primary]
        assert self.get_model("meeting/1").get("present_user_ids") in (None, [])
        assert self.get_model("meeting/4")["present_user_ids"] == [self.primary]

    def test_the_limit_of_users(self) -> None:
        """Those who are merged count until they are deleted."""
        self.set_user(self.primary, is_active=False)
        self.set_models({"organization/1": {"limit_of_users": 3}})
        self.refused("limit", is_active=True)
        self.set_models({"organization/1": {"limit_of_users": 4}})
        assert self.merge(is_active=True)["is_active"] is True

    def test_no_committees(self) -> None:
        users = [self.create_user(committee_ids=[]) for _ in range(2)]
        self.call(id=users[0], user_ids=users[1:]).assert_status(200)
        assert "committee_ids" not in self.get_model(f"user/{users[0]}")
        self.set_user(users[0], committee_ids=[])
        self.call(id=users[0], user_ids=[self.third]).assert_status(200)
        assert self.get_model(f"user/{users[0]}")["committee_ids"] == [60, 63]

    def test_nobody_to_be_merged(self) -> None:
        self.set_user(self.primary, committee_ids=[60])
        user = self.merge(user_ids=[999])
        assert user["is_present_in_meeting_ids"] == []
        assert self.history_of(f"user/{self.primary}") == [["Updated with data from nobody"]]

    def test_history(self) -> None:
        self.set_models(
            {
                "history_position/1": {"timestamp": 1, "original_user_id": self.third, "user_id": self.third},
                "history_entry/1": {"entries": ["x"], "original_model_id": f"user/{self.third}", "position_id": 1},
                "history_entry/2": {"entries": ["y"], "original_model_id": f"user/{self.third}", "position_id": 1},
                f"user/{self.third}": {"history_entry_ids": [1, 2], "history_position_ids": [1]},
            }
        )
        self.set_models({f"history_entry/{id_}": {"model_id": f"user/{self.third}"} for id_ in (1, 2)})
        user = self.merge()
        second, third = f"user/{self.second}", f"user/{self.third}"
        assert user["history_entry_ids"][:2] == [1, 2]
        assert user["history_position_ids"] == [1]
        assert self.history_of(f"user/{self.primary}") == [["Updated with data from {}, {}", second, third]]
        assert self.history_of(second) == [["Merged into {}", f"user/{self.primary}"]]
        self.assert_model_exists("history_entry/1", {"model_id": f"user/{self.primary}", "original_model_id": third})
        self.assert_model_exists("history_position/1", {"user_id": self.primary, "original_user_id": self.third})

    def test_sessions_of_the_others_end(self) -> None:
        for user_id in (self.primary, self.second):
            self.request("user.update_self", {"pronoun": "x"}, user=user_id).assert_status(200)
        self.merge()
        answer = self.request("user.update_self", {"pronoun": "y"}, user=self.second).assert_status(403)
        assert answer.body["code"] == "authentication_failed"
        self.request("user.update_self", {"pronoun": "y"}, user=self.primary).assert_status(200)

    @pytest.mark.parametrize(
        ("own", "other", "status"),
        [
            (None, None, 403),
            ("can_manage_users", None, 200),
            ("can_manage_users", "can_manage_users", 200),
            ("can_manage_users", "can_manage_organization", 403),
            ("can_manage_organization", "can_manage_organization", 200),
            ("can_manage_organization", "superadmin", 403),
        ],
    )
    def test_permission(self, own: str | None, other: str | None, status: int) -> None:
        self.set_user(self.third, organization_management_level=other)
        requester = self.create_user(oml=own, group_ids=[2], committee_management_ids=[60])
        self.call(user=requester).assert_status(status)

    def test_locked_and_archived_meetings(self) -> None:
        self.set_models(
            {"meeting/1": {"locked_from_inside": True}, "meeting/4": {"is_active_in_organization_id": None}}
        )
        assert self.merge()["meeting_ids"] == [1, 4]


class TestRefused(MergeTest):
    """Who can't be merged."""

    def test_who_is_named(self) -> None:
        self.refused("itself", user_ids=[self.second, self.primary])
        self.refused("yourself", user_ids=[self.second, 1])
        self.refused("user/999", id=999)
        element = {"id": self.primary, "user_ids": [self.second]}
        for other in (
            {"id": self.third, "user_ids": [self.second]},
            {"id": self.second, "user_ids": [self.third]},
            {"id": self.primary, "user_ids": []},
        ):
            self.request("user.merge_together", element, other).assert_status(400, "several elements")
        self.call(user_ids=[self.second, self.second]).assert_status(400)

    def test_several_elements(self) -> None:
        fourth = self.create_user("fourth", group_ids=[2])
        elements = [{"id": self.primary, "user_ids": [self.second]}, {"id": fourth, "user_ids": [self.third]}]
        self.request("user.merge_together", *elements).assert_status(200)
        assert self.get_model(f"user/{fourth}")["meeting_ids"] == [1, 4]
        assert self.get_model(f"user/{self.primary}")["meeting_ids"] == [1, 4]

    def test_delegations_between_those_of_several_elements(self) -> None:
        fourth = self.create_user("fourth", group_ids=[3])
        self.set_member(self.second, vote_delegated_to_id=self.member(self.third))
        self.set_member(self.third, vote_delegations_from_ids=[self.member(self.second)])
        elements = [{"id": self.primary, "user_ids": [self.second]}, {"id": fourth, "user_ids": [self.third]}]
        self.request("user.merge_together", *elements).assert_status(200)
        self.assert_model_exists(
            f"meeting_user/{self.member(fourth)}", {"vote_delegations_from_ids": [self.member(self.primary)]}
        )

    def test_myself_as_the_primary_one(self) -> None:
        self.request("user.merge_together", {"id": 1, "user_ids": [self.second]}).assert_status(200)
        assert self.get_model("user/1")["meeting_ids"] == [1, 4]

    @pytest.mark.parametrize(
        ("who", "fields", "text"),
        [
            ("third", {"is_demo_user": True}, "demonstrations"),
            ("primary", {"is_demo_user": True}, "demonstrations"),
            ("third", {"saml_id": "x"}, "single sign-on"),
        ],
    )
    def test_accounts(self, who: str, fields: dict[str, object], text: str) -> None:
        self.set_user(getattr(self, who), **fields)
        self.refused(text)

    def test_member_numbers(self) -> None:
        self.set_user(self.second, member_number="1")
        self.refused("in use", member_number="1")
        self.set_user(self.primary, member_number="2")
        self.refused("member_number")
        self.set_user(self.second, member_number=None)
        self.merge()

    def test_running_poll(self) -> None:
        poll = {"meeting_id": 1, "state": "started", "entitled_group_ids": [2]}
        self.set_models({"poll/7": poll, "poll/8": {**poll, "meeting_id": 4, "entitled_group_ids": [4]}})
        self.refused("poll/8")
        self.set_models({"poll/7": {"entitled_group_ids": [1]}})
        for poll_id in (7, 8):
            self.refused(f"poll/{poll_id}")
        self.set_models({"poll/8": {"state": "finished"}, "poll/7": {"entitled_group_ids": [2]}})
        self.merge()

    def test_delegations(self) -> None:
        other = self.create_user(group_ids=[1])
        self.set_member(self.second, vote_delegated_to_id=self.member(other))
        self.set_member(other, vote_delegations_from_ids=[self.member(self.second)])
        self.set_member(self.third, vote_delegations_from_ids=[999])
        self.refused("receives delegations")
        self.set_member(self.third, vote_delegations_from_ids=None)
        self.set_member(self.second, vote_delegated_to_id=self.member(self.third))
        self.refused("to another")

    @pytest.mark.parametrize("field", ["vote_ids", "delegated_vote_ids"])
    @pytest.mark.parametrize("place", ["poll_id", "used_as_global_option_in_poll_id"])
    def test_votes_in_the_same_poll(self, field: str, place: str) -> None:
        self.set_models(
            {
                "option/5": {"meeting_id": 1, place: 7},
                "vote/5": {"meeting_id": 1, "option_id": 5, "weight": "1.000000"},
                f"user/{self.second}": {field: [5]},
                f"user/{self.third}": {"poll_voted_ids": [7]},
            }
        )
        self.refused("have voted in poll/7")

    def test_options_and_lists_of_the_same_poll(self) -> None:
        self.set_models(
            {
                **{f"option/{id_}": {"meeting_id": 1, "poll_id": 7} for id_ in (5, 6)},
                **{f"poll_candidate/{id_}": {"meeting_id": 1, "poll_candidate_list_id": 9} for id_ in (5, 6)},
                f"user/{self.second}": {"option_ids": [5], "poll_candidate_ids": [5]},
                f"user/{self.third}": {"option_ids": [6], "poll_candidate_ids": [6]},
            }
        )
        self.refused("are options of poll/7")
        self.refused("are on poll_candidate_list/9")

    def test_running_speech(self) -> None:
        self.set_models({"speaker/5": {"meeting_id": 4, "list_of_speakers_id": 9, "begin_time": 1, "pause_time": 2}})
        self.set_member(self.second, 4, speaker_ids=[5])
        self.refused("speaker/5")

    def test_locked_out(self) -> None:
        self.set_member(self.primary, locked_out=True)
        self.set_member(self.second, group_ids=[1, 2])
        self.add_to_lists({"group/2": {"meeting_user_ids": [self.member(self.second)]}})
        self.refused("locked out")
