"""Settings and history of the organization (organization.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

GROUP_A: dict[str, Any] = {
    "name": "name",
    "description": "<strong>text</strong>",
    "legal_notice": "text",
    "privacy_policy": "text",
    "login_text": "text",
    "theme_id": 2,
    "default_language": "de",
    "users_email_sender": "sender",
    "users_email_replyto": "me@example.com",
    "users_email_subject": "subject",
    "users_email_body": "body",
    "require_duplicate_from": True,
    "disable_forward_with_attachments": True,
    "restrict_editing_same_level_committee_admins": True,
    "restrict_edit_forward_committees": True,
}
GROUP_B: dict[str, Any] = {
    "enable_electronic_voting": True,
    "enable_chat": True,
    "enable_anonymous": True,
    "reset_password_verbose_errors": True,
    "saml_enabled": True,
    "limit_of_meetings": 3,
    "limit_of_users": 30,
    "url": "https://example.org",
    "saml_login_button_text": "button",
    "saml_metadata_idp": "idp",
    "saml_metadata_sp": "sp",
    "saml_private_key": "key",
    "saml_attr_mapping": {"saml_id": "id"},
}


class TestOrganizationUpdate(RightsTest):
    """`organization.update`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models({"theme/2": {"name": "Other", "organization_id": 1}})

    def update(self, status: int, text: str = "", **fields: Any) -> None:
        """Update as superadmin."""
        answer = self.request("organization.update", {"id": 1, **fields}).assert_status(status, text)
        if status == 200:
            assert answer.results == [[None]]

    @pytest.mark.parametrize("name", GROUP_A)
    def test_group_a(self, name: str) -> None:
        self.assert_needs_level("organization.update", {"id": 1, name: GROUP_A[name]}, "can_manage_organization")
        self.assert_model_exists("organization/1", {name: GROUP_A[name]})

    @pytest.mark.parametrize("name", GROUP_B)
    def test_group_b(self, name: str) -> None:
        self.assert_needs_level("organization.update", {"id": 1, name: GROUP_B[name]}, "superadmin")
        self.assert_model_exists("organization/1", {name: GROUP_B[name]})

    def test_both_groups(self) -> None:
        user_id = self.create_user(oml="can_manage_organization")
        element = {"id": 1, "name": "x", "url": "y"}
        self.request("organization.update", element, user=user_id).assert_status(403, "superadmin")

    def test_id_alone_is_for_everybody(self) -> None:
        before = self.get_model("organization/1")
        self.request("organization.update", {"id": 1}, user=0).assert_status(200)
        assert self.get_model("organization/1") == before

    def test_null(self) -> None:
        everything = {**GROUP_A, **GROUP_B}
        self.update(200, **everything)
        del everything["theme_id"]
        unset: dict[str, Any] = dict.fromkeys(everything)
        self.update(200, **unset)
        self.assert_model_exists("organization/1", unset)
        self.update(400, "theme_id", theme_id=None)

    def test_theme(self) -> None:
        self.update(200, theme_id=2)
        self.assert_model_exists("theme/1", {"theme_for_organization_id": None})
        self.assert_model_exists("theme/2", {"theme_for_organization_id": 1})
        self.update(400, "theme/7", theme_id=7)

    def test_wrong_payload(self) -> None:
        self.update(400, "default_language", default_language="xx")
        self.update(400, "limit_of_users", limit_of_users=-1)
        self.update(400, vote_decrypt_public_main_key="key")
        self.update(400, name="x" * 257)
        self.request("organization.update", {"id": 2, "name": "x"}).assert_status(400, "organization/2")

    @pytest.mark.parametrize(
        "address", ["me", "me@example", "a b@example.com", "me@example.c", " ", "<me@example.com>"]
    )
    def test_bad_reply_address(self, address: str) -> None:
        self.update(400, "users_email_replyto", users_email_replyto=address)

    def test_reply_address(self) -> None:
        self.update(200, users_email_replyto=" Mü+l-l.er@ex-ample.CÖM\n")
        self.assert_model_exists("organization/1", {"users_email_replyto": "Mü+l-l.er@ex-ample.CÖM"})
        self.update(200, users_email_replyto="")

    @pytest.mark.parametrize("sender", ["[x", "x]", "x\\y"])
    def test_bad_sender(self, sender: str) -> None:
        self.update(400, "users_email_sender", users_email_sender=sender)

    def test_limit_of_meetings(self) -> None:
        self.set_models({"organization/1": {"active_meeting_ids": [1, 2, 3]}})
        self.update(400, "limit_of_meetings", limit_of_meetings=2)
        self.update(200, limit_of_meetings=3)
        self.update(200, limit_of_meetings=0)

    def test_limit_of_users(self) -> None:
        self.create_user()
        self.set_models({f"user/{self.create_user()}": {"is_active": False}})
        self.update(400, "limit_of_users", limit_of_users=1)
        self.update(200, limit_of_users=2)
        self.update(200, limit_of_users=0)

    def test_saml_attr_mapping(self) -> None:
        value = {"attribute": "a", "default": None}
        mapping = {
            "saml_id": "id",
            "title": None,
            "is_physical_person": "person",
            "meeting_mappers": [
                {
                    "external_id": "Landtag",
                    "name": "Mapper",
                    "allow_update": "false",
                    "conditions": [{"attribute": "membernumber", "condition": "1426.*", "more": 1}, None],
                    "mappings": {"number": value, "present": None, "groups": [value, None], "structure_levels": None},
                },
                {"external_id": None, "conditions": None, "mappings": None},
            ],
        }
        self.update(200, saml_attr_mapping=mapping)
        self.assert_model_exists("organization/1", {"saml_attr_mapping": mapping})

    @pytest.mark.parametrize(
        "mapping",
        [
            "text",
            [],
            {},
            {"title": "title"},
            {"saml_id": ""},
            {"saml_id": 1},
            {"saml_id": "id", "username": "x"},
            {"saml_id": "id", "meeting_mappers": {}},
            {"saml_id": "id", "meeting_mappers": [None]},
            {"saml_id": "id", "meeting_mappers": [{"name": "x"}]},
            {"saml_id": "id", "meeting_mappers": [{"external_id": "x", "more": "x"}]},
            {"saml_id": "id", "meeting_mappers": [{"external_id": "x", "conditions": [{"attribute": ""}]}]},
            {"saml_id": "id", "meeting_mappers": [{"external_id": "x", "mappings": {"more": None}}]},
            {"saml_id": "id", "meeting_mappers": [{"external_id": "x", "mappings": {"number": "text"}}]},
            {"saml_id": "id", "meeting_mappers": [{"external_id": "x", "mappings": {"groups": [{"x": "y"}]}}]},
        ],
    )
    def test_bad_saml_attr_mapping(self, mapping: object) -> None:
        self.update(400, "saml_attr_mapping", saml_attr_mapping=mapping)

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            self.update(200, limit_of_users=3, limit_of_meetings=3, name="x")
        calls.assert_at_most(reads=1, reserves=0, writes=1)


class TestDeleteHistoryInformation(RightsTest):
    """`organization.delete_history_information`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(is_active_in_organization_id=None)
        self.set_models(
            {
                "user/1": {"history_position_ids": [1, 2], "history_entry_ids": [1]},
                "meeting/1": {"relevant_history_entry_ids": [2]},
                "assignment/1": {"title": "a", "meeting_id": 1, "history_entry_ids": [2]},
                "history_position/1": {"user_id": 1, "original_user_id": 1, "timestamp": 1, "entry_ids": [1, 2]},
                "history_position/2": {"user_id": 1, "original_user_id": 1, "timestamp": 2},
                "history_entry/1": {"position_id": 1, "model_id": "user/1", "original_model_id": "user/1"},
                "history_entry/2": {
                    "position_id": 1,
                    "model_id": "assignment/1",
                    "original_model_id": "assignment/1",
                    "meeting_id": 1,
                },
            }
        )

    def test_delete(self) -> None:
        answer = self.request("organization.delete_history_information", {"id": 7}).assert_status(200)
        assert answer.results == [[None]]
        for fqid in ("history_position/1", "history_position/2", "history_entry/1", "history_entry/2"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("user/1", {"history_position_ids": [], "history_entry_ids": []})
        self.assert_model_exists("meeting/1", {"relevant_history_entry_ids": []})
        self.assert_model_exists("assignment/1", {"history_entry_ids": []})
        assert self.find_models("history_position") == {}
        self.request("organization.delete_history_information", {"id": 1}).assert_status(200)

    def test_rights(self) -> None:
        self.assert_needs_level("organization.delete_history_information", {"id": 1}, "can_manage_organization")

    def test_single_ones(self) -> None:
        for name in ("history_position.delete", "history_entry.delete"):
            self.request(name, {"id": 1}).assert_status(400, name)
        self.request("history_entry.delete", {"id": 2}, internal=True).assert_status(200)
        self.assert_model_exists("history_position/1", {"entry_ids": [1]})
        self.assert_model_exists("meeting/1", {"relevant_history_entry_ids": []})
        self.request("history_position.delete", {"id": 1}, internal=True).assert_status(200)
        self.assert_model_deleted("history_entry/1")
        self.assert_model_exists("user/1", {"history_position_ids": [2], "history_entry_ids": []})

    def test_few_calls(self) -> None:
        self.set_models({f"history_position/{n}": {"timestamp": n} for n in range(3, 60)})
        with self.stack.count_calls() as calls:
            self.request("organization.delete_history_information", {"id": 1}).assert_status(200)
        calls.assert_at_most(reads=4, reserves=0, writes=1)
