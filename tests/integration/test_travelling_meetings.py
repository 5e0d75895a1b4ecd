"""Nothing of a meeting is lost when it travels: random meetings are exported, imported elsewhere, and cloned."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data
from openslides_backend.transfer.export import export_meeting
from tests.integration.base import SUPERADMIN, IntegrationTest
from tests.integration.random_meetings import random_meetings
from tests.integration.travelling import canonical, without
from tests.integration.two_meetings import SHIFT

LONG = settings(
    max_examples=200, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
FAST = settings(LONG, max_examples=3, derandomize=True)
SEEDS = st.integers(0, 2**32)

OUT_OF_THE_MEETING = {
    "committee_id",
    "default_meeting_for_committee_id",
    "imported_at",
    "is_active_in_organization_id",
    "is_archived_in_organization_id",
    "organization_tag_ids",
    "template_for_organization_id",
}
FORWARDING = {"origin_id", "origin_meeting_id", "derived_motion_ids", "all_origin_ids", "all_derived_motion_ids"}
NOT_CLONED = {"meeting": OUT_OF_THE_MEETING | {"name", "external_id"}, "motion": FORWARDING}
NOT_IMPORTED = {
    "meeting": OUT_OF_THE_MEETING | {"enable_anonymous"},
    "motion": FORWARDING,
    "user": {
        "committee_ids",
        "committee_management_ids",
        "default_password",
        "home_committee_id",
        "last_email_sent",
        "last_login",
        "organization_management_level",
        "password",
    },
}
"""The documented exceptions (meeting_clone_import.md)."""


class TestTravellingMeetings(IntegrationTest):
    def load(self, seed: int) -> None:
        self.stack.reset()
        self.set_models(random_meetings(seed))
        self.request("tag.delete", {"id": 1 + SHIFT}, internal=True)

    def exported(self, meeting_id: int, *, internal: bool) -> Any:
        return export_meeting(self.stack.datastore, meeting_id, internal=internal)

    def assert_consistent(self) -> None:
        stored = self.stack.datastore.get_everything()
        data = {collection: {str(id_): model for id_, model in models.items()} for collection, models in stored.items()}
        check_data({MIGRATION_KEY: MIGRATION_INDEX, **data}, stored=True)

    def clone(self, seed: int) -> None:
        self.load(seed)
        self.assert_consistent()
        original = canonical(self.exported(1, internal=True))
        answer = self.request("meeting.clone", {"meeting_id": 1, "set_as_template": True}, internal=True)
        copy = canonical(self.exported(answer.assert_status(200).id, internal=True))
        assert without(copy, NOT_CLONED) == without(original, NOT_CLONED)
        self.assert_consistent()

    def travel(self, seed: int) -> None:
        self.load(seed)
        export = self.exported(1, internal=False)
        original = canonical(export)
        for name in ("organization_tag_ids", "default_meeting_for_committee_id", "template_for_organization_id"):
            export["meeting"]["1"].pop(name, None)
        self.setup_method()
        self.set_models({f"user/{SUPERADMIN}": {"username": "somebody else"}})
        self.create_committee()
        answer = self.request("meeting.import", {"committee_id": 60, "meeting": export}, internal=True)
        copy = canonical(self.exported(answer.assert_status(200).id, internal=False))
        assert without(copy, NOT_IMPORTED) == without(original, NOT_IMPORTED)
        self.assert_consistent()

    @FAST
    @given(SEEDS)
    def test_clones(self, seed: int) -> None:
        self.clone(seed)

    @FAST
    @given(SEEDS)
    def test_imports(self, seed: int) -> None:
        self.travel(seed)

    @pytest.mark.long
    @LONG
    @given(SEEDS)
    def test_many_clones(self, seed: int) -> None:
        self.clone(seed)

    @pytest.mark.long
    @LONG
    @given(SEEDS)
    def test_many_imports(self, seed: int) -> None:
        self.travel(seed)
