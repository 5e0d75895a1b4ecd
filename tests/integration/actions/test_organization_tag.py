"""Tags of the organization (organization.md)."""

from typing import Any

from tests.integration.actions.rights import RightsTest

TAG = {"name": "wanted", "color": "#ffffff", "organization_id": 1}


class TestOrganizationTag(RightsTest):
    """`organization_tag.*`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(is_active_in_organization_id=None, organization_tag_ids=[5])
        self.create_committee(61, organization_tag_ids=[5])
        tag = {**TAG, "tagged_ids": ["committee/61", "meeting/1"]}
        self.set_models({"organization_tag/5": tag, "organization/1": {"organization_tag_ids": [5]}})

    def test_create(self) -> None:
        answer = self.request("organization_tag.create", TAG).assert_status(200)
        assert answer.result == {"id": 6}
        self.assert_model_exists("organization_tag/6", TAG)
        self.assert_model_exists("organization/1", {"organization_tag_ids": [5, 6]})
        self.assert_needs_level("organization_tag.create", TAG, "can_manage_organization")

    def test_wrong_payload(self) -> None:
        for field in TAG:
            element = {name: value for name, value in TAG.items() if name != field}
            self.request("organization_tag.create", element).assert_status(400, field)
        refused: list[dict[str, Any]] = [
            {"name": ""},
            {"color": "#FFFFFF"},
            {"color": None},
            {"organization_id": 2},
            {"tagged_ids": []},
        ]
        for change in refused:
            self.request("organization_tag.create", {**TAG, **change}).assert_status(400)
        refused = [{"name": ""}, {"name": None}, {"color": "red"}, {"color": None}, {"organization_id": 1}]
        for change in refused:
            self.request("organization_tag.update", {"id": 5, **change}).assert_status(400)

    def test_update(self) -> None:
        change = {"name": "unwanted", "color": "#000000"}
        answer = self.request("organization_tag.update", {"id": 5, **change}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("organization_tag/5", change)
        self.assert_needs_level("organization_tag.update", {"id": 5, "name": "x"}, "can_manage_organization")
        self.request("organization_tag.update", {"id": 7, "name": "x"}).assert_status(400, "organization_tag/7")

    def test_delete(self) -> None:
        answer = self.request("organization_tag.delete", {"id": 5}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_deleted("organization_tag/5")
        for fqid in ("committee/61", "meeting/1", "organization/1"):
            self.assert_model_exists(fqid, {"organization_tag_ids": []})

    def test_delete_rights(self) -> None:
        self.assert_needs_level("organization_tag.delete", {"id": 5}, "can_manage_organization")
