"""Imports of meetings that older versions have exported (meeting_clone_import.md, "Migration index")."""

from typing import Any

import pytest

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.transfer.checker import FORWARDING_FIELDS, CheckMode, check_data
from openslides_backend.transfer.export import export_meeting
from tests.integration.base import Answer, IntegrationTest
from tests.unit.migrations.older import of_index_43, of_index_70


class TestOlderMeetings(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_committee()

    def import_(self, data: dict[str, Any]) -> Answer:
        for mediafile in data["mediafile"].values():
            mediafile["blob"] = None
        return self.request("meeting.import", {"committee_id": 60, "meeting": data})

    @pytest.mark.parametrize("data", [of_index_43(), of_index_70()], ids=["43", "70"])
    def test_it_becomes_a_meeting_like_all_others(self, data: dict[str, Any]) -> None:
        meeting_id = self.import_(data).assert_status(200).id
        export = export_meeting(self.stack.datastore, meeting_id, internal=True)
        assert export["_migration_index"] == MIGRATION_INDEX
        check_data(export, mode=CheckMode.INTERNAL, repair=True, fields_to_remove={"motion": FORWARDING_FIELDS})
        meeting = export["meeting"][str(meeting_id)]
        assert meeting["custom_translations"] == {"Motion": "Application"}
        (supporter,) = export["motion_supporter"].values()
        assert export["meeting_user"][str(supporter["meeting_user_id"])]["motion_supporter_ids"] == [supporter["id"]]
        assert {level["name"] for level in export["structure_level"].values()} == {"North", "South"}

    def test_what_can_not_be_migrated_is_named_and_nothing_is_written(self) -> None:
        data = of_index_70()
        data["meeting"]["1"]["custom_translations"] = ["x"]
        before = self.stack.datastore.get_everything()
        answer = self.import_(data).assert_status(400, "meeting/1/custom_translations")
        assert "70" in answer.message
        assert self.stack.datastore.get_everything() == before
