"""Joining a list of speakers (speaker.md, "speaker.create")."""

from typing import Any

import pytest

from tests.integration.actions.speaking import LIST, SpeakingTest
from tests.integration.base import Answer

CAN_MANAGE = "list_of_speakers.can_manage"
CAN_BE_SPEAKER = "list_of_speakers.can_be_speaker"
CAN_SEE = "list_of_speakers.can_see"


class CreateTest(SpeakingTest):
    def add(self, member: int | None = None, *, user: int = 1, **fields: Any) -> Answer:
        """Ask for a new speaker."""
        person = {} if member is None else {"meeting_user_id": member}
        return self.request("speaker.create", {"list_of_speakers_id": LIST, **person, **fields}, user=user)


class TestCreate(CreateTest):
    def test_stored(self) -> None:
        user_id, member = self.participant(CAN_BE_SPEAKER)
        answer = self.add(member, user=user_id).assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        stored = self.get_model(f"speaker/{answer.id}")
        assert stored == {
            "id": answer.id,
            "list_of_speakers_id": LIST,
            "meeting_id": 1,
            "meeting_user_id": member,
            "weight": 1,
        }
        for fqid in (f"list_of_speakers/{LIST}", "meeting/1", f"meeting_user/{member}"):
            self.assert_model_exists(fqid, {"speaker_ids": [answer.id]})

    def test_calls(self) -> None:
        user_id, member = self.participant(CAN_BE_SPEAKER)
        for id_ in range(1, 31):
            self.speaker(id_, weight=id_)
        with self.stack.count_calls() as calls:
            self.add(member, user=user_id).assert_status(200)
        calls.assert_at_most(reads=3, reserves=1, writes=1)

    def test_weight_behind_those_who_wait(self) -> None:
        _, member = self.participant()
        self.speaker(1, weight=5)
        self.speaker(2, weight=90, begin_time=1)
        self.other_list(6)
        self.speaker(3, 6, weight=70)
        answer = self.add(member).assert_status(200)
        assert self.weights() == {1: 5, 2: 90, answer.id: 6}

    def test_point_of_order_renumbers_who_waits(self) -> None:
        self.settings(enable_point_of_order_speakers=True, can_create_point_of_order_for_others=True)
        _, member = self.participant()
        self.speaker(1, weight=5)
        self.speaker(2, weight=3, point_of_order=True)
        self.speaker(3, weight=4, begin_time=1)
        answer = self.add(member, point_of_order=True, note="n").assert_status(200)
        assert self.weights() == {1: 3, 2: 1, 3: 4, answer.id: 2}
        self.assert_model_exists(f"speaker/{answer.id}", {"point_of_order": True, "note": "n", "speech_state": None})

    def test_categories_rank(self) -> None:
        self.settings(
            enable_point_of_order_speakers=True,
            can_create_point_of_order_for_others=True,
            enable_point_of_order_categories=True,
        )
        in_meeting = {"text": "t", "meeting_id": 1}
        ranks = {1: 3, 2: 8}
        self.set_models({f"point_of_order_category/{id_}": {"rank": r, **in_meeting} for id_, r in ranks.items()})
        _, member = self.participant()
        self.speaker(1, weight=2, point_of_order=True, point_of_order_category_id=2)
        self.speaker(2, weight=1, point_of_order=True, point_of_order_category_id=1)
        self.speaker(3, weight=3)
        answer = self.add(member, point_of_order=True, point_of_order_category_id=1).assert_status(200)
        assert self.weights() == {2: 1, answer.id: 2, 1: 3, 3: 4}

    def test_singular(self) -> None:
        _, member = self.participant()
        element = {"list_of_speakers_id": LIST, "meeting_user_id": member}
        self.request("speaker.create", element, element).assert_status(400)
        self.request_multi([("speaker.create", [element])] * 2).assert_status(400)
        self.request("speaker.create").assert_status(400)

    def test_archived_meeting(self) -> None:
        _, member = self.participant()
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.add(member).assert_status(400, "archived")


class TestPermissions(CreateTest):
    @pytest.mark.parametrize(
        ("permission", "own", "others"),
        [(None, 403, 403), (CAN_SEE, 403, 403), (CAN_BE_SPEAKER, 200, 403), (CAN_MANAGE, 403, 200)],
    )
    def test_own_and_others(self, permission: str | None, own: int, others: int) -> None:
        _, other = self.participant()
        user_id, member = self.participant(*([permission] if permission else []))
        self.add(member, user=0).assert_status(403)
        self.add(member, user=user_id).assert_status(own)
        self.add(other, user=user_id).assert_status(others)

    def test_nobody(self) -> None:
        self.settings(intervention_time=5)
        user_id, _ = self.participant(CAN_BE_SPEAKER)
        self.add(user=user_id, speech_state="intervention").assert_status(403)
        self.set_permissions(3, [CAN_MANAGE])
        self.add(user=user_id, speech_state="intervention").assert_status(200)

    @pytest.mark.parametrize(
        ("delegated", "enabled", "forbidden", "status"),
        [(True, True, True, 403), (False, True, True, 200), (True, False, True, 200), (True, True, False, 200)],
    )
    def test_delegators(self, *, delegated: bool, enabled: bool, forbidden: bool, status: int) -> None:
        _, other = self.participant()
        user_id, member = self.participant(CAN_BE_SPEAKER)
        meeting = {
            "users_enable_vote_delegations": enabled,
            "users_forbid_delegator_in_list_of_speakers": forbidden,
            "users_forbid_delegator_as_submitter": True,
        }
        self.set_models({"meeting/1": meeting})
        if delegated:
            self.set_models({f"meeting_user/{member}": {"vote_delegated_to_id": other}})
        self.add(member, user=user_id).assert_status(status)

    def test_delegators_who_manage(self) -> None:
        user_id, member = self.participant(CAN_MANAGE)
        self.set_models(
            {
                "meeting/1": {
                    "users_enable_vote_delegations": True,
                    "users_forbid_delegator_in_list_of_speakers": True,
                },
                f"meeting_user/{member}": {"vote_delegated_to_id": 1},
            }
        )
        self.add(member, user=user_id).assert_status(200)


class TestChecks(CreateTest):
    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"speech_state": "pro"},
            {"meeting_user_id": None, "speech_state": "intervention"},
            {"meeting_user_id": 4711},
            {"structure_level_id": None},
            {"answer_to_id": None},
            {"unknown": 1},
        ],
    )
    def test_who(self, fields: dict[str, Any]) -> None:
        self.settings(intervention_time=5, enable_pro_contra_speech=True)
        self.add(**fields).assert_status(400)

    def test_early_checks_come_before_the_permission(self) -> None:
        user_id, member = self.participant()
        self.add(user=user_id).assert_status(400)
        self.add(member, user=user_id, note="x").assert_status(400, "note")
        self.add(member, user=user_id, point_of_order=True).assert_status(400, "point_of_order")
        self.add(member, user=user_id, speech_state="contribution").assert_status(403)

    def test_missing_list(self) -> None:
        _, member = self.participant()
        self.request("speaker.create", {"list_of_speakers_id": 99, "meeting_user_id": member}).assert_status(
            400, "list_of_speakers/99"
        )

    def test_values_are_converted(self) -> None:
        _, member = self.participant()
        self.add(member, point_of_order="perhaps").assert_status(400)
        answer = self.add(member, point_of_order="no").assert_status(200)
        self.assert_model_exists(f"speaker/{answer.id}", {"point_of_order": False})

    def test_both_kinds(self) -> None:
        self.settings(enable_point_of_order_speakers=True, can_create_point_of_order_for_others=True)
        _, member = self.participant()
        self.add(member, point_of_order=True, speech_state="contribution").assert_status(400)

    @pytest.mark.parametrize(
        ("settings", "fields", "status"),
        [
            ({}, {"point_of_order": True}, 400),
            ({"enable_point_of_order_speakers": True}, {"point_of_order": True}, 200),
            ({"enable_point_of_order_speakers": True}, {"point_of_order": True, "note": None}, 200),
            ({}, {"note": None}, 400),
            ({}, {"point_of_order": False, "point_of_order_category_id": None}, 400),
            ({"enable_point_of_order_speakers": True}, {"point_of_order": True, "point_of_order_category_id": 1}, 400),
            (
                {"enable_point_of_order_speakers": True, "enable_point_of_order_categories": True},
                {"point_of_order": True},
                400,
            ),
            (
                {"enable_point_of_order_speakers": True, "enable_point_of_order_categories": True},
                {"point_of_order": True, "point_of_order_category_id": 1},
                200,
            ),
            ({"enable_point_of_order_categories": True}, {}, 200),
        ],
    )
    def test_points_of_order(self, settings: dict[str, Any], fields: dict[str, Any], status: int) -> None:
        self.set_models({"point_of_order_category/1": {"text": "t", "rank": 1, "meeting_id": 1}})
        self.settings(**settings)
        user_id, member = self.participant(CAN_BE_SPEAKER)
        self.add(member, user=user_id, **fields).assert_status(status)

    @pytest.mark.parametrize(("allowed", "status"), [(True, 200), (False, 400)])
    def test_points_of_order_of_others(self, *, allowed: bool, status: int) -> None:
        self.settings(enable_point_of_order_speakers=True, can_create_point_of_order_for_others=allowed)
        _, member = self.participant()
        self.add(member, point_of_order=True).assert_status(status)

    @pytest.mark.parametrize(
        ("permissions", "own", "fields", "settings", "status"),
        [
            ([CAN_BE_SPEAKER], True, {}, {}, 400),
            ([CAN_BE_SPEAKER, CAN_MANAGE], True, {}, {}, 200),
            ([CAN_MANAGE], False, {}, {}, 200),
            ([CAN_BE_SPEAKER], True, {"point_of_order": True}, {}, 200),
            ([CAN_BE_SPEAKER], True, {"point_of_order": True}, {"closing_disables_point_of_order": True}, 400),
        ],
    )
    def test_closed_list(
        self, permissions: list[str], own: bool, fields: dict[str, Any], settings: dict[str, Any], status: int
    ) -> None:
        self.set_models({f"list_of_speakers/{LIST}": {"closed": True}})
        self.settings(enable_point_of_order_speakers=True, **settings)
        _, other = self.participant()
        user_id, member = self.participant(*permissions)
        self.add(member if own else other, user=user_id, **fields).assert_status(status)

    def test_closed_list_without_person(self) -> None:
        self.settings(intervention_time=5)
        self.set_models({f"list_of_speakers/{LIST}": {"closed": True}})
        user_id, _ = self.participant(CAN_BE_SPEAKER)
        self.add(user=user_id, speech_state="intervention").assert_status(400, "closed")

    def test_presence(self) -> None:
        self.settings(present_users_only=True)
        user_id, member = self.participant()
        self.add(member).assert_status(400, "present")
        self.set_models({f"user/{user_id}": {"is_present_in_meeting_ids": [7]}})
        self.add(member).assert_status(400, "present")
        self.set_models({f"user/{user_id}": {"is_present_in_meeting_ids": [7, 1]}})
        self.add(member).assert_status(200)

    @pytest.mark.parametrize(
        ("present", "fields", "status"),
        [
            ({}, {}, 400),
            ({}, {"speech_state": "intervention"}, 400),
            ({}, {"point_of_order": True}, 200),
            ({"point_of_order": True}, {"point_of_order": True}, 400),
            ({"point_of_order": True}, {}, 200),
            ({"point_of_order": False}, {}, 400),
            ({"begin_time": 1}, {}, 200),
            ({"answer": True}, {}, 200),
        ],
    )
    def test_on_the_list_already(self, present: dict[str, Any], fields: dict[str, Any], status: int) -> None:
        self.settings(
            enable_point_of_order_speakers=True, can_create_point_of_order_for_others=True, intervention_time=5
        )
        _, member = self.participant()
        self.speaker(1, meeting_user_id=member, weight=1, **present)
        self.add(member, **fields).assert_status(status)
        self.settings(allow_multiple_speakers=True)
        self.add(member, **fields).assert_status(200)

    @pytest.mark.parametrize(
        ("state", "setting"),
        [
            ("pro", {"enable_pro_contra_speech": True}),
            ("contra", {"enable_pro_contra_speech": True}),
            ("contribution", {"can_set_contribution_self": True}),
            ("intervention", {"intervention_time": 5}),
            ("interposed_question", {"enable_interposed_question": True}),
        ],
    )
    def test_speech_states(self, state: str, setting: dict[str, Any]) -> None:
        user_id, member = self.participant(CAN_BE_SPEAKER)
        self.add(member, user=user_id, speech_state=state).assert_status(400, "speech_state")
        self.settings(**setting)
        answer = self.add(member, user=user_id, speech_state=state).assert_status(200)
        self.assert_model_exists(f"speaker/{answer.id}", {"speech_state": state})

    def test_contribution_by_who_manages(self) -> None:
        user_id, member = self.participant(CAN_MANAGE, CAN_BE_SPEAKER)
        self.add(member, user=user_id, speech_state="contribution").assert_status(200)

    def test_models_of_another_meeting(self) -> None:
        self.settings(
            enable_point_of_order_speakers=True,
            can_create_point_of_order_for_others=True,
            enable_point_of_order_categories=True,
        )
        self.create_meeting(7)
        self.set_models({"point_of_order_category/1": {"text": "t", "rank": 1, "meeting_id": 7}})
        stranger = self.meeting_user_id(self.create_user(group_ids=[9]), 7)
        _, member = self.participant()
        self.add(stranger).assert_status(400)
        self.speaker(1, weight=1)
        self.add(member, point_of_order=True, point_of_order_category_id=1).assert_status(400)


class TestStructureLevels(CreateTest):
    def test_existing_time(self) -> None:
        self.level_time(8)
        _, member = self.participant()
        answer = self.add(member, structure_level_id=1).assert_status(200)
        self.assert_model_exists(f"speaker/{answer.id}", {"structure_level_list_of_speakers_id": 8})
        self.assert_model_exists("structure_level_list_of_speakers/8", {"speaker_ids": [answer.id]})

    def test_new_time(self) -> None:
        self.settings(default_structure_level_time=120)
        self.level_time(8, level=1)
        _, member = self.participant()
        speaker = self.get_model(f"speaker/{self.add(member, structure_level_id=2).assert_status(200).id}")
        self.assert_model_exists(
            f"structure_level_list_of_speakers/{speaker['structure_level_list_of_speakers_id']}",
            {"initial_time": 120, "remaining_time": 120, "structure_level_id": 2, "meeting_id": 1},
        )

    def test_refused(self) -> None:
        _, member = self.participant()
        self.add(member, structure_level_id=1).assert_status(400)
        self.settings(default_structure_level_time=120)
        self.set_models({"structure_level/3": {"name": "x", "meeting_id": 7}})
        for level in (3, 99):
            self.add(member, structure_level_id=level).assert_status(400)
        assert not self.find_models("structure_level_list_of_speakers", meeting_id=1)


class TestAnswers(CreateTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.settings(intervention_time=5, enable_interposed_question=True)
        self.speaker(1, begin_time=1, weight=1)
        self.speaker(2, speech_state="interposed_question", weight=1)
        self.speaker(3, weight=2)

    def test_inherits(self) -> None:
        answer = self.add(answer_to_id=2).assert_status(200)
        self.assert_model_exists(f"speaker/{answer.id}", {"speech_state": "interposed_question", "answer": True})
        assert self.weights() == {1: 1, 2: 1, answer.id: 2, 3: 3}
        assert "answer_to_id" not in self.get_model(f"speaker/{answer.id}")

    def test_state_needs_no_setting(self) -> None:
        self.settings(enable_interposed_question=False)
        self.add(answer_to_id=2, speech_state="interposed_question").assert_status(200)

    @pytest.mark.parametrize(
        ("answered", "fields"),
        [
            ({"answer": True}, {}),
            ({"speech_state": "pro"}, {}),
            ({"speech_state": None}, {}),
            ({"begin_time": 1, "end_time": 2}, {}),
            ({"list_of_speakers_id": 6}, {}),
            ({}, {"speech_state": "intervention"}),
        ],
    )
    def test_refused(self, answered: dict[str, Any], fields: dict[str, Any]) -> None:
        self.other_list(6)
        self.set_models({"speaker/2": answered})
        self.add(answer_to_id=2, **fields).assert_status(400)

    def test_nobody_has_begun(self) -> None:
        self.set_models({"speaker/1": {"begin_time": None}})
        self.add(answer_to_id=2).assert_status(400, "begun")

    def test_missing_speaker(self) -> None:
        self.add(answer_to_id=99).assert_status(400)
