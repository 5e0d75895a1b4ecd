"""A meeting as large as docs/performance.md says fits the limit of values in a body; larger ones are refused."""

from dev.travel_data import LargeMeeting, TravelSizes
from openslides_backend.http.codec import dump_json, parse_json
from openslides_backend.transfer.export import export_meeting
from tests.integration.base import IntegrationTest


class TestLargeMeetings(IntegrationTest):
    def test_with_51_000_votes(self) -> None:
        self.create_meeting()
        large = LargeMeeting(export_meeting(self.stack.datastore, 1, internal=False))
        large.fill(TravelSizes(votes=170))
        assert len(large.data["vote"]) == 51_000
        body = dump_json([{"action": "meeting.import", "data": [{"committee_id": 1, "meeting": large.data}]}])
        assert parse_json(body)
