"""Refusals name the field that is to blame (docs/errors.md)."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest

ATTACHED = "attachment_mediafile_ids"


class TestBlamedFields(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_models(
            {
                "agenda_item/1": {"meeting_id": 1, "content_object_id": "topic/1"},
                "topic/1": {"title": "x", "meeting_id": 1},
            }
        )

    @pytest.mark.parametrize(
        ("name", "element", "field", "code"),
        [
            ("agenda_item.update", {"id": 1, "tag_ids": [99]}, "tag_ids", "model_does_not_exist"),
            ("user.create", {"username": "x", "group_ids": [1]}, "meeting_id", "invalid_payload"),
            ("user.create", {"username": "x", "meeting_id": 1, "number": 5}, "number", "invalid_payload"),
            ("motion.update", {"id": 1, "title": None}, "title", "invalid_payload"),
            ("user.update", {"id": 1, "vote_ids": [1]}, "vote_ids", "invalid_payload"),
        ],
    )
    def test_actions(self, name: str, element: dict[str, Any], field: str, code: str) -> None:
        answer = self.request(name, element).assert_status(400)
        assert (answer.body["field"], answer.body["code"]) == (field, code)

    @pytest.mark.parametrize(
        ("name", "element", "field"),
        [
            ("topic.create", {"meeting_id": 1, "title": "x", "agenda_parent_id": 99}, "agenda_parent_id"),
            ("user.create", {"username": "x", "meeting_id": 1, "group_ids": [99]}, "group_ids"),
            ("topic.create", {"meeting_id": 1, "title": "x", "attachment_mediafile_ids": [5, 99]}, ATTACHED),
            ("topic.create", {"meeting_id": 1, "title": "x", "attachment_mediafile_ids": [6]}, ATTACHED),
            (
                "projector.project",
                {"meeting_id": 1, "ids": [1], "content_object_id": "mediafile/99"},
                "content_object_id",
            ),
            ("projector.add_to_preview", {"meeting_id": 1, "ids": [9], "content_object_id": "topic/1"}, "ids"),
            ("meeting.set_logo", {"id": 1, "place": "web_header", "mediafile_id": 6}, "mediafile_id"),
        ],
    )
    def test_actions_inside(self, name: str, element: dict[str, Any], field: str) -> None:
        """What another action refuses is told by the key that the client has sent, and its element."""
        published = {
            "published_to_meetings_in_organization_id": 1,
            "owner_id": "organization/1",
            "mimetype": "image/png",
        }
        self.set_models(
            {"mediafile/5": published, "mediafile/6": {**published, "published_to_meetings_in_organization_id": None}}
        )
        answer = self.request(name, element).assert_status(400)
        assert (answer.body.get("field"), answer.body["action_data_error_index"]) == (field, 0), answer.message

    def test_the_element_with_an_unknown_file(self) -> None:
        good = {"meeting_id": 1, "title": "x"}
        answer = self.request("topic.create", good, {**good, ATTACHED: [99]}).assert_status(400, "mediafile/99")
        assert (answer.body["field"], answer.body["action_data_error_index"]) == (ATTACHED, 1)

    def test_options(self) -> None:
        poll = {"title": "x", "type": "analog", "pollmethod": "Y", "meeting_id": 1, "content_object_id": "topic/1"}
        answer = self.request("poll.create", {**poll, "options": [{"content_object_id": "user/99"}]}).assert_status(400)
        assert (answer.body["field"], answer.body["action_data_error_index"]) == ("options", 0), answer.message

    @pytest.mark.parametrize(
        ("batch", "field"),
        [
            ([{"action": "no.such", "data": []}], "action"),
            ([{"action": 5, "data": []}], "action"),
            ([{"action": "tag.create", "data": {}}], "data"),
            ([{"action": "poll.vote", "data": [{"id": 1}, {"id": 2}]}], "data"),
            ([{"action": "tag.create"}], None),
            ({}, None),
        ],
    )
    def test_batches(self, batch: object, field: str | None) -> None:
        answer = self.request_json(batch).assert_status(400)
        assert answer.body.get("field") == field

    def test_single_sign_on(self) -> None:
        mapping = {"saml_id": "login", "email": "mail", "is_active": "active"}
        self.set_models({"organization/1": {"saml_enabled": True, "saml_attr_mapping": mapping}})
        for attributes, field in (
            ({"mail": "x"}, "login"),
            ({"login": "x", "mail": "no"}, "mail"),
            ({"login": "x", "active": "?"}, "active"),
        ):
            answer = self.request("user.save_saml_account", attributes, internal=True).assert_status(400)
            assert answer.body["field"] == field, answer.message

    def test_models_of_another_meeting(self) -> None:
        self.set_models({"tag/5": {"name": "x", "meeting_id": 2}, "meeting/2": {"name": "other"}})
        answer = self.request("agenda_item.update", {"id": 1, "tag_ids": [5]}).assert_status(400, "same meeting")
        assert answer.body["field"] == "tag_ids"

    def test_presenters(self) -> None:
        answer = self.presenter("get_history_information", {"fqid": "x"}).assert_status(400)
        assert (answer.body["field"], answer.body["presenter_error_index"]) == ("fqid", 0)
