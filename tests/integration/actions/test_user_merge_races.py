"""Somebody changes what is merged at the same moment: the merge begins again with what is there now (user_merge.md)."""

from typing import Any

import pytest

from openslides_backend.services.datastore import CreateEvent, Event, UpdateEvent
from tests.integration.actions.interference import interfered
from tests.integration.actions.test_user_merge_objects import ObjectsTest


class TestRaces(ObjectsTest):
    """What comes in between reading and writing."""

    def setup_method(self) -> None:
        super().setup_method()
        self.give("speaker/11", self.third, list_of_speakers_id=1, weight=1)
        self.set_models({"poll/7": {"meeting_id": 1, "title": "p", "type": "named", "entitled_group_ids": [1]}})

    def merge_meanwhile(self, event: Event, status: int = 200) -> None:
        """Merge while this happens; the first try must not be written."""
        with interfered(self.stack, event) as calls:
            self.call().assert_status(status)
        assert calls.writes == (2 if status == 200 else 1)

    def change(self, fqid: str, **fields: Any) -> Event:
        return UpdateEvent(fqid, fields)

    def test_one_of_them_gets_something(self) -> None:
        self.store("motion_submitter/11", motion_id=1, meeting_id=1)
        member = self.member(self.second)
        self.set_models({"motion_submitter/11": {"meeting_user_id": member}})
        self.merge_meanwhile(UpdateEvent(f"meeting_user/{member}", add={"motion_submitter_ids": [11]}))
        assert self.owners("motion_submitter") == {11: self.member(self.primary)}

    def test_one_of_them_votes(self) -> None:
        self.set_models({"vote/1": {"meeting_id": 1, "user_id": self.second, "weight": "1.000000"}})
        self.merge_meanwhile(UpdateEvent(f"user/{self.second}", add={"vote_ids": [1]}))
        self.assert_model_exists("vote/1", {"user_id": self.primary})

    def test_one_of_them_joins_a_meeting(self) -> None:
        self.create_meeting(7)
        member = {"id": 900, "user_id": self.second, "meeting_id": 7, "number": "9"}
        self.set_models({f"user/{self.second}": {"meeting_user_ids": [self.member(self.second), 900]}})
        self.merge_meanwhile(CreateEvent("meeting_user/900", member))
        self.assert_model_exists(f"meeting_user/{self.member(self.primary, 7)}", {"number": "9"})

    @pytest.mark.parametrize(
        ("fqid", "fields"),
        [
            ("speaker/11", {"begin_time": 1}),
            ("poll/7", {"state": "started"}),
        ],
    )
    def test_what_forbids_it(self, fqid: str, fields: dict[str, Any]) -> None:
        self.merge_meanwhile(self.change(fqid, **fields), status=400)
        self.assert_model_exists(f"user/{self.second}")

    def test_a_poll_ends(self) -> None:
        entries = [{"user_id": self.second, "voted": True, "present": True}]
        self.set_models({"poll/7": {"entitled_users_at_stop": []}})
        self.merge_meanwhile(self.change("poll/7", entitled_users_at_stop=entries))
        stored = self.get_model("poll/7")["entitled_users_at_stop"]
        assert stored == [{**entries[0], "user_merged_into_id": self.primary}]
