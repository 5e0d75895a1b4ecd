"""Speaking, pausing and ending (speaker.md), with countdown and structure level time (_shared.md)."""

import time
from typing import Any

import pytest

from tests.integration.actions.speaking import LIST, SpeakingTest

CAN_MANAGE = "list_of_speakers.can_manage"
WAITING: dict[str, Any] = {}
SPEAKING: dict[str, Any] = {"begin_time": 100}
PAUSED: dict[str, Any] = {"begin_time": 100, "pause_time": 150, "total_pause": 7}
FINISHED: dict[str, Any] = {"begin_time": 100, "end_time": 200}
QUESTION: dict[str, Any] = {"speech_state": "interposed_question"}
INTERVENTION: dict[str, Any] = {"speech_state": "intervention"}
TOLERANCE = 5


def close(value: float | None, expected: float) -> bool:
    """Whether they differ by no more than a test may take, in seconds."""
    return value is not None and abs(value - expected) <= TOLERANCE


class SpeechTest(SpeakingTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.settings(couple_countdown=True, intervention_time=20)
        self.now = round(time.time())

    def assert_countdown(self, *, running: bool, time: float, default: int = 60) -> None:
        """Compare the countdown; `time` relative to now while it is running."""
        countdown = self.get_model("projector_countdown/5")
        assert bool(countdown.get("running")) == running
        assert countdown.get("default_time") == default
        assert close(countdown["countdown_time"], time + (self.now if running else 0)), countdown

    def assert_time(self, fqid: str, field: str) -> None:
        """The field holds about the present time."""
        assert close(self.get_model(fqid).get(field), self.now), fqid

    def assert_level(self, id_: int, *, remaining: float, running: bool) -> None:
        """Compare the time of a structure level."""
        level = self.get_model(f"structure_level_list_of_speakers/{id_}")
        assert close(level["remaining_time"], remaining), level
        assert ("current_start_time" in level) == running


class TestSpeak(SpeechTest):
    def test_speak(self) -> None:
        self.speaker(1, weight=3)
        assert self.request("speaker.speak", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_time("speaker/1", "begin_time")
        self.assert_model_exists("speaker/1", {"weight": 3, "end_time": None})
        self.assert_countdown(running=True, time=60)

    @pytest.mark.parametrize("state", [SPEAKING, PAUSED, FINISHED])
    def test_started_already(self, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request("speaker.speak", {"id": 1}).assert_status(400)

    def test_closed_list(self) -> None:
        self.speaker(1)
        self.set_models({f"list_of_speakers/{LIST}": {"closed": True}})
        self.request("speaker.speak", {"id": 1}).assert_status(200)

    @pytest.mark.parametrize(("state", "default"), [(INTERVENTION, 20), (QUESTION, 0), ({"speech_state": "pro"}, 60)])
    def test_countdown_of_states(self, state: dict[str, Any], default: int) -> None:
        self.speaker(1, **state)
        self.request("speaker.speak", {"id": 1}).assert_status(200)
        self.assert_countdown(running=True, time=default, default=default)

    @pytest.mark.parametrize(
        "fields", [{"list_of_speakers_couple_countdown": False}, {"list_of_speakers_countdown_id": None}]
    )
    def test_no_countdown(self, fields: dict[str, Any]) -> None:
        self.set_models({"meeting/1": fields})
        self.speaker(1)
        self.request("speaker.speak", {"id": 1}).assert_status(200)
        self.assert_countdown(running=False, time=31)

    def test_ends_everybody_else(self) -> None:
        self.level_time(8, remaining_time=500)
        self.speaker(1, begin_time=self.now - 40, structure_level_list_of_speakers_id=8)
        self.speaker(2, **PAUSED, **QUESTION)
        self.speaker(3, **QUESTION)
        self.speaker(4, **QUESTION, answer=True)
        self.speaker(5, **FINISHED, **QUESTION)
        self.speaker(6)
        self.other_list(6)
        self.speaker(7, 6, **SPEAKING)
        self.speaker(9)
        self.request("speaker.speak", {"id": 9}).assert_status(200)
        self.assert_time("speaker/1", "end_time")
        self.assert_time("speaker/2", "end_time")
        assert close(self.get_model("speaker/2")["total_pause"], 7 + self.now - 150)
        self.assert_model_exists("speaker/2", {"pause_time": None})
        self.assert_model_deleted("speaker/3")
        self.assert_model_deleted("speaker/4")
        self.assert_model_exists("speaker/5", FINISHED)
        self.assert_model_exists("speaker/6", {"begin_time": None})
        self.assert_model_exists("speaker/7", {"end_time": None})
        self.assert_level(8, remaining=460, running=False)
        self.assert_countdown(running=True, time=60)

    def test_waiting_questions_outlive_a_question(self) -> None:
        self.speaker(1, **SPEAKING, **QUESTION)
        self.speaker(2, **QUESTION)
        self.speaker(9)
        self.request("speaker.speak", {"id": 9}).assert_status(200)
        self.assert_time("speaker/1", "end_time")
        self.assert_model_exists("speaker/2", {"begin_time": None})

    def test_question_pauses_who_speaks(self) -> None:
        self.level_time(8, remaining_time=500, current_start_time=self.now - 30)
        self.speaker(1, begin_time=10, unpause_time=self.now - 30, structure_level_list_of_speakers_id=8)
        self.speaker(2, **PAUSED)
        self.speaker(3, **SPEAKING)
        self.speaker(4, **QUESTION)
        self.speaker(9, **QUESTION, structure_level_list_of_speakers_id=8)
        self.request("speaker.speak", {"id": 9}).assert_status(200)
        self.assert_time("speaker/1", "pause_time")
        self.assert_time("speaker/3", "pause_time")
        self.assert_model_exists("speaker/2", PAUSED)
        self.assert_model_exists("speaker/4", {"begin_time": None})
        self.assert_level(8, remaining=470, running=False)

    def test_same_structure_level(self) -> None:
        self.level_time(8, remaining_time=10)
        self.speaker(1, begin_time=self.now - 40, structure_level_list_of_speakers_id=8)
        self.speaker(2, structure_level_list_of_speakers_id=8)
        self.request("speaker.speak", {"id": 2}).assert_status(200)
        self.assert_level(8, remaining=-30, running=True)

    @pytest.mark.parametrize("fields", [QUESTION, INTERVENTION, {"point_of_order": True}])
    def test_who_consumes_no_structure_level_time(self, fields: dict[str, Any]) -> None:
        self.level_time(8)
        self.speaker(1, structure_level_list_of_speakers_id=8, **fields)
        self.request("speaker.speak", {"id": 1}).assert_status(200)
        self.assert_level(8, remaining=500, running=False)

    def test_calls_do_not_grow_with_the_list(self) -> None:
        self.level_time(8)
        budgets = []
        for others in (1, 30):
            base = 100 * others
            for id_ in range(base, base + others):
                self.speaker(id_, **SPEAKING, structure_level_list_of_speakers_id=8)
                self.speaker(id_ + 50, **QUESTION)
            self.speaker(base + 99, structure_level_list_of_speakers_id=8)
            with self.stack.count_calls() as calls:
                self.request("speaker.speak", {"id": base + 99}).assert_status(200)
            budgets.append(len(calls.paths))
        assert budgets[0] >= budgets[1]
        assert budgets[0] <= 10


class TestPause(SpeechTest):
    def test_pause(self) -> None:
        self.level_time(8, remaining_time=500, current_start_time=self.now - 30)
        self.set_models({"projector_countdown/5": {"running": True, "countdown_time": self.now + 45}})
        self.speaker(1, begin_time=self.now - 30, structure_level_list_of_speakers_id=8)
        assert self.request("speaker.pause", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_time("speaker/1", "pause_time")
        self.assert_level(8, remaining=470, running=False)
        self.assert_countdown(running=False, time=45)

    @pytest.mark.parametrize("state", [WAITING, PAUSED, FINISHED])
    def test_not_speaking(self, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request("speaker.pause", {"id": 1}).assert_status(400)

    def test_unpause(self) -> None:
        self.level_time(8)
        self.speaker(1, **PAUSED, structure_level_list_of_speakers_id=8)
        self.speaker(2, **SPEAKING, **QUESTION)
        self.set_models({"projector_countdown/5": {"running": True, "countdown_time": self.now + 12}})
        assert self.request("speaker.unpause", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_time("speaker/1", "unpause_time")
        self.assert_model_exists("speaker/1", {"pause_time": None, "begin_time": 100})
        assert close(self.get_model("speaker/1")["total_pause"], 7 + self.now - 150)
        self.assert_time("speaker/2", "pause_time")
        self.assert_level(8, remaining=500, running=True)
        self.assert_countdown(running=True, time=12)

    def test_unpause_with_stopped_countdown(self) -> None:
        self.speaker(1, begin_time=100, pause_time=150)
        self.request("speaker.unpause", {"id": 1}).assert_status(200)
        assert close(self.get_model("speaker/1")["total_pause"], self.now - 150)
        self.assert_countdown(running=True, time=31)

    @pytest.mark.parametrize("state", [WAITING, SPEAKING, FINISHED])
    def test_not_paused(self, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request("speaker.unpause", {"id": 1}).assert_status(400)


class TestEnd(SpeechTest):
    def test_end(self) -> None:
        self.level_time(8, remaining_time=20, current_start_time=self.now - 30)
        self.speaker(1, begin_time=10, unpause_time=self.now - 30, structure_level_list_of_speakers_id=8)
        assert self.request("speaker.end_speech", {"id": 1}).assert_status(200).results == [None]
        self.assert_time("speaker/1", "end_time")
        self.assert_level(8, remaining=-10, running=False)
        self.assert_countdown(running=False, time=60)

    def test_end_of_a_pause(self) -> None:
        self.level_time(8)
        self.speaker(1, **PAUSED, structure_level_list_of_speakers_id=8)
        self.request("speaker.end_speech", {"id": 1}).assert_status(200)
        self.assert_model_exists("speaker/1", {"pause_time": None})
        assert close(self.get_model("speaker/1")["total_pause"], 7 + self.now - 150)
        self.assert_level(8, remaining=500, running=False)

    def test_questions_end_too(self) -> None:
        self.speaker(1, **PAUSED)
        self.speaker(2, **SPEAKING, **QUESTION)
        self.speaker(3, **QUESTION, answer=True)
        self.speaker(4, **SPEAKING)
        self.request("speaker.end_speech", {"id": 1}).assert_status(200)
        self.assert_time("speaker/2", "end_time")
        self.assert_model_deleted("speaker/3")
        self.assert_model_exists("speaker/4", {"end_time": None})

    def test_question_ends_alone(self) -> None:
        self.speaker(1, **PAUSED)
        self.speaker(2, **SPEAKING, **QUESTION)
        self.speaker(3, **QUESTION)
        self.request("speaker.end_speech", {"id": 2}).assert_status(200)
        self.assert_model_exists("speaker/1", PAUSED)
        self.assert_model_exists("speaker/3", {"begin_time": None})

    @pytest.mark.parametrize("state", [WAITING, FINISHED])
    def test_nothing_to_end(self, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request("speaker.end_speech", {"id": 1}).assert_status(400)


@pytest.mark.parametrize(
    ("action", "state"),
    [("speak", WAITING), ("pause", SPEAKING), ("unpause", PAUSED), ("end_speech", SPEAKING)],
)
class TestEach(SpeechTest):
    def test_permission(self, action: str, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.assert_needs_permission(f"speaker.{action}", {"id": 1}, CAN_MANAGE)

    def test_permission_for_oneself(self, action: str, state: dict[str, Any]) -> None:
        user_id, member = self.participant("list_of_speakers.can_be_speaker", "list_of_speakers.can_see")
        self.speaker(1, meeting_user_id=member, **state)
        self.request(f"speaker.{action}", {"id": 1}, user=user_id).assert_status(403)

    def test_singular(self, action: str, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request(f"speaker.{action}", {"id": 1}, {"id": 1}).assert_status(400)

    def test_missing_speaker(self, action: str, state: dict[str, Any]) -> None:
        self.speaker(1, **state)
        self.request(f"speaker.{action}", {"id": 2}).assert_status(400, "speaker/2")
        self.request(f"speaker.{action}", {"id": 2}, internal=True).assert_status(400, "speaker/2")
