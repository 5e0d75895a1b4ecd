"""The presenter on what was done to a model."""

import pytest

from tests.integration.base import IntegrationTest


class TestGetHistoryInformation(IntegrationTest):
    """get_history_information."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models(
            {
                "history_position/8": {"timestamp": 200, "original_user_id": 0, "entry_ids": [3]},
                "history_position/5": {"timestamp": 100, "original_user_id": 1, "entry_ids": [1, 2]},
                "history_entry/1": {"original_model_id": "motion/7", "entries": ["Created"], "position_id": 5},
                "history_entry/2": {"original_model_id": "user/9", "entries": ["a", "b"], "position_id": 5},
                "history_entry/3": {"original_model_id": "motion/7", "entries": ["Deleted"], "position_id": 8},
            }
        )

    def test_positions_in_order_in_three_reads(self) -> None:
        with self.stack.count_calls() as calls:
            answer = self.presenter("get_history_information", {"fqid": "motion/7"})
        assert answer.body == [
            [
                {
                    "position": 5,
                    "timestamp": 100,
                    "user": "superadmin",
                    "information": {"motion/7": ["Created"], "user/9": ["a", "b"]},
                },
                {"position": 8, "timestamp": 200, "user": "unknown user", "information": {"motion/7": ["Deleted"]}},
            ]
        ]
        calls.assert_at_most(reads=3, reserves=0, writes=0)

    def test_nothing(self) -> None:
        assert self.presenter("get_history_information", {"fqid": "topic/1"}).body == [[]]

    @pytest.mark.parametrize("fqid", ["motion", "motion/0", 7, None])
    def test_wrong_fqid(self, fqid: object) -> None:
        self.presenter("get_history_information", {"fqid": fqid}).assert_status(400)

    def test_permission(self) -> None:
        user_id = self.create_user(oml="can_manage_organization")
        self.presenter("get_history_information", {"fqid": "motion/7"}, user=user_id).assert_status(403)
