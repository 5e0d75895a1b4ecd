"""Changing speakers (speaker.md, "speaker.update")."""

from typing import Any

import pytest

from tests.integration.actions.speaking import SpeakingTest
from tests.integration.base import Answer

CAN_MANAGE = "list_of_speakers.can_manage"
CAN_BE_SPEAKER = "list_of_speakers.can_be_speaker"
CAN_SEE = "list_of_speakers.can_see"
EVERYTHING: dict[str, Any] = {
    "enable_pro_contra_speech": True,
    "can_set_contribution_self": True,
    "intervention_time": 5,
    "enable_interposed_question": True,
    "enable_point_of_order_speakers": True,
    "can_create_point_of_order_for_others": True,
}
QUESTION: dict[str, Any] = {"speech_state": "interposed_question"}
INTERVENTION: dict[str, Any] = {"speech_state": "intervention"}
STARTED: dict[str, Any] = {"begin_time": 1}
IN_LEVEL: dict[str, Any] = {"structure_level_list_of_speakers_id": 8}


class UpdateTest(SpeakingTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.settings(**EVERYTHING)
        self.user_id, self.member = self.participant(CAN_BE_SPEAKER)

    def change(self, *, user: int = 1, **fields: Any) -> Answer:
        """Change speaker/1."""
        return self.request("speaker.update", {"id": 1, **fields}, user=user)


class TestRules(UpdateTest):
    @pytest.mark.parametrize(
        ("stored", "fields", "status"),
        [
            ({}, {"speech_state": "pro"}, 200),
            ({}, {"speech_state": "intervention"}, 200),
            ({"speech_state": "pro"}, {"speech_state": "contribution"}, 200),
            ({"speech_state": "pro"}, {"speech_state": None}, 200),
            ({}, {"speech_state": "nonsense"}, 400),
            ({}, QUESTION, 400),
            (QUESTION, QUESTION, 400),
            (QUESTION, {"speech_state": "pro"}, 400),
            (QUESTION, {"speech_state": None}, 400),
            ({**INTERVENTION, "answer": True}, {"speech_state": "pro"}, 400),
            ({**INTERVENTION, "answer": True}, {"speech_state": "pro", "answer": False}, 200),
            ({}, {"speech_state": "pro", "answer": True}, 400),
            (INTERVENTION, {"speech_state": "pro"}, 200),
            ({**INTERVENTION, "meeting_user_id": None}, {"speech_state": "pro"}, 400),
            ({**INTERVENTION, "meeting_user_id": None}, INTERVENTION, 200),
            ({}, {"answer": True}, 400),
            ({}, {"answer": True, "speech_state": "intervention"}, 200),
            (INTERVENTION, {"answer": True}, 200),
            (QUESTION, {"answer": False}, 200),
            ({}, {"structure_level_id": 1}, 200),
            (STARTED, {"structure_level_id": 1}, 400),
            (STARTED, {"structure_level_id": None}, 400),
            ({**INTERVENTION, **STARTED}, {"speech_state": None}, 400),
            ({**INTERVENTION, **STARTED}, INTERVENTION, 400),
            ({**STARTED, **IN_LEVEL}, {"point_of_order": True}, 400),
            ({**STARTED, **IN_LEVEL}, {"speech_state": "intervention"}, 400),
            ({**STARTED, **IN_LEVEL}, {"speech_state": "contra"}, 200),
            (STARTED, {"speech_state": "intervention"}, 200),
            (STARTED, {"point_of_order": True}, 200),
            ({"speech_state": "pro"}, {"point_of_order": True}, 400),
            ({"point_of_order": True}, {"speech_state": "pro"}, 400),
            ({"point_of_order": True}, {"speech_state": "pro", "point_of_order": False}, 200),
            ({}, {"note": "x"}, 400),
            ({}, {"note": None}, 400),
            ({"point_of_order": True}, {"note": "x"}, 200),
            ({"point_of_order": True}, {"point_of_order_category_id": 1}, 400),
            ({}, {"weight": 7}, 400),
            ({}, IN_LEVEL, 400),
        ],
    )
    def test_rules(self, stored: dict[str, Any], fields: dict[str, Any], status: int) -> None:
        self.level_time(8)
        self.speaker(1, weight=3, **{"meeting_user_id": self.member, **stored})
        self.change(**fields).assert_status(status)

    @pytest.mark.parametrize(
        ("stored", "given", "status"),
        [
            (INTERVENTION, "member", 200),
            ({**INTERVENTION, **STARTED}, "member", 200),
            (QUESTION, "member", 200),
            ({}, "member", 400),
            ({"speech_state": "pro"}, "member", 400),
            (INTERVENTION, None, 400),
            (INTERVENTION, 4711, 400),
        ],
    )
    def test_person(self, stored: dict[str, Any], given: str | int | None, status: int) -> None:
        self.speaker(1, **stored)
        self.change(meeting_user_id=self.member if given == "member" else given).assert_status(status)
        if status == 200:
            self.assert_model_exists(f"meeting_user/{self.member}", {"speaker_ids": [1]})

    def test_person_and_level_of_a_running_intervention(self) -> None:
        self.level_time(8)
        self.speaker(1, **INTERVENTION, **STARTED)
        self.change(meeting_user_id=self.member, structure_level_id=1).assert_status(200)
        self.assert_model_exists("speaker/1", {"meeting_user_id": self.member, **IN_LEVEL})

    def test_person_is_there_already(self) -> None:
        self.speaker(1, meeting_user_id=self.member, **INTERVENTION)
        self.change(meeting_user_id=self.member).assert_status(400)

    def test_person_of_another_meeting(self) -> None:
        self.create_meeting(7)
        stranger = self.meeting_user_id(self.create_user(group_ids=[9]), 7)
        self.speaker(1, **INTERVENTION)
        self.change(meeting_user_id=stranger).assert_status(400)

    @pytest.mark.parametrize(
        ("old", "new", "setting", "manager"),
        [
            (None, "contribution", "can_set_contribution_self", 200),
            ("contribution", None, "can_set_contribution_self", 200),
            ("contribution", "pro", "enable_pro_contra_speech", 400),
            (None, "contra", "enable_pro_contra_speech", 400),
            ("pro", None, "enable_pro_contra_speech", 400),
            (None, "intervention", "intervention_time", 400),
            ("intervention", None, "no_setting", 200),
        ],
    )
    def test_states_and_settings(self, old: str | None, new: str | None, setting: str, manager: int) -> None:
        self.speaker(1, meeting_user_id=self.member, speech_state=old)
        if setting != "no_setting":
            self.settings(**{setting: None})
            self.change(speech_state=new, user=self.user_id).assert_status(400)
            self.change(speech_state=old).assert_status(200)
        self.set_permissions(3, [CAN_MANAGE])
        self.change(speech_state=new, user=self.user_id).assert_status(manager)

    def test_state_that_is_not_touched_needs_no_setting(self) -> None:
        self.settings(enable_pro_contra_speech=False)
        self.speaker(1, meeting_user_id=self.member, speech_state="pro")
        self.change(structure_level_id=None).assert_status(200)

    def test_point_of_order_is_taken_back(self) -> None:
        self.speaker(1, point_of_order=True, note="x", point_of_order_category_id=1, weight=4)
        self.set_models({"point_of_order_category/1": {"text": "t", "rank": 1, "meeting_id": 1, "speaker_ids": [1]}})
        self.change(point_of_order=None, note="y").assert_status(200)
        unset = {"point_of_order": None, "note": None, "point_of_order_category_id": None, "weight": 4}
        self.assert_model_exists("speaker/1", unset)
        self.assert_model_exists("point_of_order_category/1", {"speaker_ids": []})

    def test_point_of_order_of_others(self) -> None:
        self.settings(can_create_point_of_order_for_others=False)
        self.speaker(1, meeting_user_id=self.member)
        self.change(point_of_order=True).assert_status(400)
        self.change(point_of_order=True, user=self.user_id).assert_status(200)

    def test_several_with_structure_levels(self) -> None:
        self.settings(default_structure_level_time=30)
        for id_ in range(1, 31):
            self.speaker(id_, weight=id_)
        elements = [{"id": id_, "structure_level_id": 1 + id_ % 2} for id_ in range(1, 31)]
        with self.stack.count_calls() as calls:
            answer = self.request("speaker.update", *elements).assert_status(200)
        calls.assert_at_most(reads=6, reserves=1, writes=1)
        assert answer.results == [[None] * 30]
        times = self.find_models("structure_level_list_of_speakers", meeting_id=1)
        assert sorted(len(model["speaker_ids"]) for model in times.values()) == [15, 15]

    def test_structure_level_is_removed(self) -> None:
        self.level_time(8, speaker_ids=[1])
        self.speaker(1, **IN_LEVEL)
        self.change(structure_level_id=None).assert_status(200)
        self.assert_model_exists("speaker/1", {"structure_level_list_of_speakers_id": None})
        self.assert_model_exists("structure_level_list_of_speakers/8", {"speaker_ids": []})


class TestPermissions(UpdateTest):
    @pytest.mark.parametrize(
        ("permission", "own", "others"),
        [(None, 403, 403), (CAN_SEE, 200, 403), (CAN_BE_SPEAKER, 200, 403), (CAN_MANAGE, 200, 200)],
    )
    def test_own_and_others(self, permission: str | None, own: int, others: int) -> None:
        self.speaker(1, meeting_user_id=self.member)
        self.speaker(2)
        self.set_permissions(3, [permission] if permission else [])
        for id_, status in ((1, own), (2, others)):
            self.request("speaker.update", {"id": id_, "speech_state": "pro"}, user=self.user_id).assert_status(status)
        self.change(speech_state="pro", user=0).assert_status(403)

    def test_delegators_may(self) -> None:
        self.set_models(
            {
                "meeting/1": {
                    "users_enable_vote_delegations": True,
                    "users_forbid_delegator_in_list_of_speakers": True,
                },
                f"meeting_user/{self.member}": {"vote_delegated_to_id": 1},
            }
        )
        self.speaker(1, meeting_user_id=self.member)
        self.change(speech_state="pro", user=self.user_id).assert_status(200)

    def test_person_that_is_gone(self) -> None:
        self.speaker(1)
        self.set_models({"speaker/1": {"meeting_user_id": 4711}})
        self.change(speech_state="pro", user=self.user_id).assert_status(403)
        self.change(speech_state="pro").assert_status(200)

    def test_archived_meeting(self) -> None:
        self.speaker(1)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.change(speech_state="pro").assert_status(400, "archived")


class TestInternal(UpdateTest):
    def test_no_rules(self) -> None:
        self.level_time(8)
        self.speaker(1, speech_state="interposed_question")
        fields = {"id": 1, "weight": 9, "speech_state": "pro", "note": "x", **IN_LEVEL}
        self.request("speaker.update", fields, internal=True).assert_status(200)
        self.assert_model_exists("speaker/1", fields)

    def test_structure_level_is_unknown(self) -> None:
        self.speaker(1)
        self.request("speaker.update", {"id": 1, "structure_level_id": 1}, internal=True).assert_status(400)
