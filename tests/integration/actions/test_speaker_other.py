"""Deleting, sorting and taking over speakers (speaker.md)."""

import time
from typing import Any

import pytest

from tests.integration.actions.speaking import LIST, SpeakingTest

CAN_MANAGE = "list_of_speakers.can_manage"
RUNNING = {"running": True, "countdown_time": 5000}
RESET = {"running": False, "countdown_time": 60}


class TestDelete(SpeakingTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.settings(couple_countdown=True)
        self.set_models({"projector_countdown/5": RUNNING})

    def test_delete(self) -> None:
        _, member = self.participant()
        self.speaker(1, meeting_user_id=member, weight=1)
        self.speaker(2, weight=2)
        assert self.request("speaker.delete", {"id": 1}).assert_status(200).results == [None]
        self.assert_model_deleted("speaker/1")
        self.assert_model_exists(f"meeting_user/{member}", {"speaker_ids": []})
        self.assert_model_exists(f"list_of_speakers/{LIST}", {"speaker_ids": [2]})
        assert self.weights() == {2: 2}
        self.assert_model_exists("projector_countdown/5", RUNNING)

    @pytest.mark.parametrize(
        ("state", "countdown"),
        [
            ({"begin_time": 1}, RESET),
            ({"begin_time": 1, "pause_time": 2}, RESET),
            ({"begin_time": 1, "end_time": 2}, RUNNING),
        ],
    )
    def test_countdown(self, state: dict[str, Any], countdown: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.set_models({f"list_of_speakers/{LIST}": {"closed": True}})
        self.request("speaker.delete", {"id": 1}).assert_status(200)
        self.assert_model_exists("projector_countdown/5", countdown)

    def test_level_time_of_several(self) -> None:
        now = round(time.time())
        for id_ in (8, 9):
            self.level_time(id_, level=id_ - 7, current_start_time=now - 20)
        for id_ in range(1, 21):
            level = {"structure_level_list_of_speakers_id": 8 + id_ % 2}
            self.speaker(id_, **level, **({"begin_time": now - 20} if id_ < 5 else {}))
        self.set_models({"speaker/4": {"pause_time": now - 10}})
        with self.stack.count_calls() as calls:
            self.request("speaker.delete", *({"id": id_} for id_ in range(1, 21))).assert_status(200)
        calls.assert_at_most(reads=6, reserves=0, writes=1)
        for id_, remaining in ((8, 480), (9, 460)):
            stored = self.get_model(f"structure_level_list_of_speakers/{id_}")
            assert abs(stored["remaining_time"] - remaining) <= 10
            assert "current_start_time" not in stored

    def test_with_the_list(self) -> None:
        self.level_time(8)
        self.speaker(1, begin_time=1, structure_level_list_of_speakers_id=8)
        self.request("topic.delete", {"id": 5}).assert_status(200)
        for fqid in ("speaker/1", f"list_of_speakers/{LIST}", "structure_level_list_of_speakers/8"):
            self.assert_model_deleted(fqid)
        self.assert_model_exists("projector_countdown/5", RESET)
        self.assert_model_exists("meeting/1", {"speaker_ids": [], "structure_level_list_of_speakers_ids": []})

    def test_own(self) -> None:
        user_id, member = self.participant()
        self.speaker(1, meeting_user_id=member)
        self.speaker(2)
        self.request("speaker.delete", {"id": 2}, user=user_id).assert_status(403)
        self.request("speaker.delete", {"id": 1}, user=0).assert_status(403)
        self.request("speaker.delete", {"id": 1}, {"id": 2}, user=user_id).assert_status(403)
        self.request("speaker.delete", {"id": 1}, user=user_id).assert_status(200)

    def test_own_of_a_delegator(self) -> None:
        user_id, member = self.participant()
        self.speaker(1, meeting_user_id=member)
        meeting = {"users_enable_vote_delegations": True, "users_forbid_delegator_in_list_of_speakers": True}
        self.set_models({"meeting/1": meeting, f"meeting_user/{member}": {"vote_delegated_to_id": 1}})
        self.request("speaker.delete", {"id": 1}, user=user_id).assert_status(403)
        self.set_permissions(3, [CAN_MANAGE])
        self.request("speaker.delete", {"id": 1}, user=user_id).assert_status(200)

    def test_permission(self) -> None:
        self.speaker(1)
        user_id, _ = self.participant("list_of_speakers.can_be_speaker")
        self.request("speaker.delete", {"id": 1}, user=user_id).assert_status(403, "own")
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request("speaker.delete", {"id": 1}).assert_status(400, "archived")
        self.set_models({"meeting/1": {"is_active_in_organization_id": 1}})
        self.set_permissions(3, [CAN_MANAGE])
        self.request("speaker.delete", {"id": 1}, user=user_id).assert_status(200)
        self.request("speaker.delete", {"id": 1}).assert_status(400, "speaker/1")


class TestSort(SpeakingTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.other_list(6)
        for id_ in (1, 2, 3):
            self.speaker(id_, weight=10 * id_)
        self.speaker(4, begin_time=1, weight=7)
        self.speaker(5, 6)

    def test_sort(self) -> None:
        element = {"list_of_speakers_id": LIST, "speaker_ids": [3, 1, 2]}
        assert self.request("speaker.sort", element).assert_status(200).results == [None]
        assert self.weights() == {3: 1, 1: 2, 2: 3, 4: 7}

    @pytest.mark.parametrize("ids", [[], [1, 2], [1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 2], [1, 2, 99], [1, 2, 3, 3]])
    def test_wrong_ids(self, ids: list[int]) -> None:
        self.request("speaker.sort", {"list_of_speakers_id": LIST, "speaker_ids": ids}).assert_status(400)
        assert self.weights() == {1: 10, 2: 20, 3: 30, 4: 7}

    def test_missing_list(self) -> None:
        element = {"list_of_speakers_id": 99, "speaker_ids": []}
        self.request("speaker.sort", element, internal=True).assert_status(400)

    def test_permission(self) -> None:
        element = {"list_of_speakers_id": LIST, "speaker_ids": [3, 1, 2]}
        self.assert_needs_permission("speaker.sort", element, CAN_MANAGE)
        self.request("speaker.sort", element, element).assert_status(400)


class TestCreateForMerge(SpeakingTest):
    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({}, 200),
            ({"begin_time": 5, "end_time": 9, "unpause_time": 7, "total_pause": 1, "speech_state": "pro"}, 200),
            ({"begin_time": 5}, 400),
            ({"begin_time": 5, "end_time": 4}, 400),
            ({"end_time": 4}, 200),
            ({"point_of_order": True, "note": "n"}, 200),
            ({"point_of_order": True, "speech_state": None}, 400),
            ({"note": None}, 400),
            ({"point_of_order": False, "point_of_order_category_id": None}, 400),
            ({"pause_time": 7}, 400),
        ],
    )
    def test_create(self, fields: dict[str, Any], status: int) -> None:
        _, member = self.participant()
        self.settings(couple_countdown=True)
        element = {"list_of_speakers_id": LIST, "meeting_user_id": member, "weight": None, **fields}
        answer = self.request("speaker.create_for_merge", element, element, internal=True).assert_status(status)
        if status == 200:
            assert [list(result) for result in answer.results[0]] == [["id"], ["id"]]
            self.assert_model_exists(f"speaker/{answer.id}", {"meeting_id": 1, **element})

    def test_keys_that_must_be_there(self) -> None:
        element = {"list_of_speakers_id": LIST, "meeting_user_id": None, "weight": 3}
        self.request("speaker.create_for_merge", element, internal=True).assert_status(200)
        for key in element:
            lacking = {name: value for name, value in element.items() if name != key}
            self.request("speaker.create_for_merge", lacking, internal=True).assert_status(400)

    def test_not_public(self) -> None:
        self.request("speaker.create_for_merge", {"list_of_speakers_id": LIST}).assert_status(400, "no action")
