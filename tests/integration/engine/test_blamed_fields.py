"""Refusals name the field that is to blame (docs/errors.md)."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestBlamedFields(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.set_models({"agenda_item/1": {"meeting_id": 1, "content_object_id": "topic/1"}, "topic/1": {"title": "x"}})

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

    def test_models_of_another_meeting(self) -> None:
        self.set_models({"tag/5": {"name": "x", "meeting_id": 2}, "meeting/2": {"name": "other"}})
        answer = self.request("agenda_item.update", {"id": 1, "tag_ids": [5]}).assert_status(400, "same meeting")
        assert answer.body["field"] == "tag_ids"

    def test_presenters(self) -> None:
        answer = self.presenter("get_history_information", {"fqid": "x"}).assert_status(400)
        assert (answer.body["field"], answer.body["presenter_error_index"]) == ("fqid", 0)
