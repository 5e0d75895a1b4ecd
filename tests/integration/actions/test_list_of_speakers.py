"""Lists of speakers (list_of_speakers.md)."""

from typing import Any

import pytest

from tests.integration.actions.speaking import LIST, SpeakingTest

CAN_MANAGE = "list_of_speakers.can_manage"
CAN_MANAGE_NOTES = "list_of_speakers.can_manage_moderator_notes"
QUESTION: dict[str, Any] = {"speech_state": "interposed_question"}
AGAIN = {"begin_time": None, "end_time": None, "unpause_time": None, "total_pause": None}


class TestUpdate(SpeakingTest):
    def test_update(self) -> None:
        fields = {"closed": True, "moderator_notes": "<b>x</b>"}
        assert self.request("list_of_speakers.update", {"id": LIST, **fields}).assert_status(200).results == [[None]]
        self.assert_model_exists(f"list_of_speakers/{LIST}", {"closed": True})

    @pytest.mark.parametrize(
        ("fields", "permissions", "status"),
        [
            ({}, [CAN_MANAGE], 200),
            ({}, [CAN_MANAGE_NOTES], 403),
            ({"closed": True}, [CAN_MANAGE], 200),
            ({"closed": None}, [CAN_MANAGE_NOTES], 403),
            ({"moderator_notes": None}, [CAN_MANAGE_NOTES], 200),
            ({"moderator_notes": "x"}, [CAN_MANAGE], 403),
            ({"closed": True, "moderator_notes": "x"}, [CAN_MANAGE], 403),
            ({"closed": True, "moderator_notes": "x"}, [CAN_MANAGE_NOTES], 403),
            ({"closed": True, "moderator_notes": "x"}, [CAN_MANAGE, CAN_MANAGE_NOTES], 200),
        ],
    )
    def test_permission(self, fields: dict[str, Any], permissions: list[str], status: int) -> None:
        user_id, _ = self.participant(*permissions)
        self.request("list_of_speakers.update", {"id": LIST, **fields}, user=user_id).assert_status(status)

    @pytest.mark.parametrize("action", ["update", "delete_all_speakers", "re_add_last"])
    def test_archived_meeting_and_anonymous(self, action: str) -> None:
        self.speaker(1, begin_time=1, end_time=2)
        self.request(f"list_of_speakers.{action}", {"id": LIST}, user=0).assert_status(403)
        self.request(f"list_of_speakers.{action}", {"id": 99}).assert_status(400)
        self.request(f"list_of_speakers.{action}", {"id": 99}, internal=True).assert_status(400)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request(f"list_of_speakers.{action}", {"id": LIST}).assert_status(400, "archived")

    def test_not_public(self) -> None:
        self.request("list_of_speakers.delete", {"id": LIST}).assert_status(400, "no action")
        element = {"content_object_id": "topic/5"}
        for internal in (False, True):
            self.request("list_of_speakers.create", element, internal=internal).assert_status(400, "no action")


class TestDeleteAllSpeakers(SpeakingTest):
    def test_whatever_they_do(self) -> None:
        self.settings(couple_countdown=True)
        self.level_time(8, current_start_time=1)
        self.other_list(6)
        self.speaker(1)
        self.speaker(2, begin_time=1, structure_level_list_of_speakers_id=8)
        self.speaker(3, begin_time=1, end_time=2)
        self.speaker(4, 6)
        self.set_models({"projector_countdown/5": {"running": True}})
        answer = self.request("list_of_speakers.delete_all_speakers", {"id": LIST}).assert_status(200)
        assert answer.results == [None]
        for id_ in (1, 2, 3):
            self.assert_model_deleted(f"speaker/{id_}")
        self.assert_model_exists(f"list_of_speakers/{LIST}", {"speaker_ids": []})
        self.assert_model_exists("list_of_speakers/6", {"speaker_ids": [4]})
        self.assert_model_exists("projector_countdown/5", {"running": True, "countdown_time": 31})
        self.assert_model_exists("structure_level_list_of_speakers/8", {"current_start_time": 1, "remaining_time": 500})

    def test_calls_do_not_grow(self) -> None:
        self.other_list(6)
        for id_ in range(1, 41):
            self.speaker(id_, 5 + id_ % 2)
        with self.stack.count_calls() as calls:
            self.request("list_of_speakers.delete_all_speakers", {"id": 5}, {"id": 6}).assert_status(200)
        calls.assert_at_most(reads=4, reserves=0, writes=1)
        assert not self.find_models("speaker", meeting_id=1)

    def test_none(self) -> None:
        self.request("list_of_speakers.delete_all_speakers", {"id": LIST}).assert_status(200)

    def test_permission(self) -> None:
        self.assert_needs_permission("list_of_speakers.delete_all_speakers", {"id": LIST}, CAN_MANAGE)


class TestReAddLast(SpeakingTest):
    def done(self, id_: int, end: int, **fields: Any) -> None:
        """Store somebody who has finished."""
        self.speaker(id_, begin_time=1, end_time=end, **fields)

    def test_re_add(self) -> None:
        self.done(1, 5, weight=9, unpause_time=3, total_pause=1)
        self.done(2, 4, weight=-2)
        self.speaker(3, weight=4)
        assert self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(200).results == [[None]]
        self.assert_model_exists("speaker/1", AGAIN)
        assert self.weights() == {1: -3, 2: -2, 3: 4}

    def test_unset_weights_count_as_zero(self) -> None:
        self.done(1, 5, weight=9)
        self.speaker(2)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(200)
        assert self.weights() == {1: -1, 2: None}

    def test_who_is_last(self) -> None:
        self.done(1, 5, weight=1, **QUESTION)
        self.done(2, 5, weight=3)
        self.done(3, 5, weight=2)
        self.done(4, 4, weight=1)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(200)
        self.assert_model_exists("speaker/3", AGAIN)

    def test_nobody(self) -> None:
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(400)
        self.speaker(1)
        self.speaker(2, begin_time=1)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(400)

    @pytest.mark.parametrize(
        ("other", "status"),
        [({}, 400), ({"begin_time": 1}, 200), ({"begin_time": 1, "pause_time": 2}, 200)],
    )
    def test_question(self, other: dict[str, Any], status: int) -> None:
        self.done(1, 5, **QUESTION)
        self.speaker(2, **other)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(status)

    @pytest.mark.parametrize(
        ("last", "other", "status"),
        [
            ({}, {}, 400),
            ({}, {"begin_time": 1}, 400),
            ({}, {"begin_time": 1, "end_time": 2}, 200),
            ({"point_of_order": True}, {}, 200),
            ({}, {"point_of_order": False}, 400),
        ],
    )
    def test_same_person(self, last: dict[str, Any], other: dict[str, Any], status: int) -> None:
        _, member = self.participant()
        self.done(1, 5, meeting_user_id=member, **last)
        self.speaker(2, meeting_user_id=member, **other)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(status)
        if status == 400:
            self.settings(allow_multiple_speakers=True)
            self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(200)

    def test_nobody_in_particular(self) -> None:
        self.done(1, 5)
        self.speaker(2)
        self.request("list_of_speakers.re_add_last", {"id": LIST}).assert_status(200)

    def test_permission(self) -> None:
        self.done(1, 5)
        self.assert_needs_permission("list_of_speakers.re_add_last", {"id": LIST}, CAN_MANAGE)
