"""The presenters on committees that forward motions."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestForwarding(IntegrationTest):
    """get_forwarding_committees and get_forwarding_meetings."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4, committee_id=63, name="Active", start_time=5, end_time=6)
        self.create_meeting(7, committee_id=63, is_active_in_organization_id=None)
        self.create_meeting(10, committee_id=64, is_active_in_organization_id=None)
        self.create_committee(65, name=None)

    def ask(self, name: str, user: int = 1, **more: object) -> Any:
        return self.presenter(name, {"meeting_id": 1, **more}, user=user)

    def test_committees_in_stored_order(self) -> None:
        self.set_models({"committee/60": {"receive_forwardings_from_committee_ids": [64, 65, 63]}})
        with self.stack.count_calls() as calls:
            assert self.ask("get_forwarding_committees").body == [["Committee 64", "Committee 63"]]
        calls.assert_at_most(reads=3, reserves=0, writes=0)

    def test_no_committees(self) -> None:
        assert self.ask("get_forwarding_committees", unknown=1).body == [[]]

    def test_meetings(self) -> None:
        self.set_models(
            {
                "committee/60": {"forward_to_committee_ids": [63, 64, 60]},
                "committee/63": {"default_meeting_id": 7},
                "meeting/1": {"name": None, "start_time": None, "end_time": None},
            }
        )
        with self.stack.count_calls() as calls:
            answer = self.ask("get_forwarding_meetings", for_agenda=True)
        assert answer.body == [
            [
                {
                    "id": 63,
                    "name": "Committee 63",
                    "default_meeting_id": 7,
                    "meetings": [{"id": 4, "name": "Active", "start_time": 5, "end_time": 6}],
                },
                {
                    "id": 60,
                    "name": "Committee 60",
                    "default_meeting_id": None,
                    "meetings": [{"id": 1, "name": "", "start_time": None, "end_time": None}],
                },
            ]
        ]
        calls.assert_at_most(reads=4, reserves=0, writes=0)

    def test_archived_meeting(self) -> None:
        self.presenter("get_forwarding_meetings", {"meeting_id": 7}).assert_status(400)
        self.presenter("get_forwarding_committees", {"meeting_id": 7}).assert_status(200)

    @pytest.mark.parametrize(
        ("name", "permission"),
        [
            ("get_forwarding_committees", "motion.can_manage_metadata"),
            ("get_forwarding_meetings", "motion.can_forward"),
        ],
    )
    def test_permission(self, name: str, permission: str) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, [])
        self.ask(name, user_id).assert_status(403)
        self.set_permissions(3, [permission])
        self.ask(name, user_id).assert_status(200)
        self.ask(name, 0).assert_status(403)
        self.presenter(name, {"meeting_id": 999}).assert_status(400)
        self.presenter(name, {}).assert_status(400)
