"""Many people join a list of speakers at the same time, while the chair goes on with it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from typing import Any

import pytest

from openslides_backend.services.datastore import CreateEvent
from tests.integration.actions.interference import interfered
from tests.integration.actions.speaking import LIST, SpeakingTest
from tests.integration.stack import Calls

PEOPLE = 80
THREADS = 8
MOST_TRIES = 6
CAN_BE_SPEAKER = "list_of_speakers.can_be_speaker"


class _Tries(Calls):
    """Write requests of each thread."""

    def __init__(self) -> None:
        super().__init__()
        self.by_thread: Counter[int] = Counter()

    def count(self, path: str) -> None:
        super().count(path)
        if path.endswith("/write"):
            self.by_thread[get_ident()] += 1


class TestRush(SpeakingTest):
    def test_everybody_gets_a_place(self) -> None:
        self.settings(enable_point_of_order_speakers=True, couple_countdown=True)
        people = [self.participant(CAN_BE_SPEAKER) for _ in range(PEOPLE)]
        self.speaker(1, weight=1)
        start, tries = Barrier(THREADS), _Tries()
        most: list[int] = []
        with self.stack.observed_by(tries), ThreadPoolExecutor(THREADS) as pool:

            def join(number: int) -> int:
                if number < THREADS:
                    start.wait()
                before = tries.by_thread[get_ident()]
                user_id, member = people[number]
                element = {"list_of_speakers_id": LIST, "meeting_user_id": member, "point_of_order": number % 10 == 0}
                status = self.request("speaker.create", element, user=user_id).status
                most.append(tries.by_thread[get_ident()] - before)
                return status

            answers = list(pool.map(join, range(PEOPLE)))
        assert answers == [200] * PEOPLE
        assert max(most) <= MOST_TRIES
        assert sum(most) == tries.writes
        self.assert_valid_order(PEOPLE + 1)

    def assert_valid_order(self, count: int) -> None:
        """Distinct weights, points of order before all others, nobody twice."""
        speakers = list(self.find_models("speaker", list_of_speakers_id=LIST).values())
        assert sorted(speaker["weight"] for speaker in speakers) == list(range(1, count + 1))
        speakers.sort(key=lambda speaker: speaker["weight"])
        orders = [bool(speaker.get("point_of_order")) for speaker in speakers]
        assert orders == sorted(orders, reverse=True)
        members = [speaker["meeting_user_id"] for speaker in speakers if "meeting_user_id" in speaker]
        assert len(set(members)) == len(members)

    @pytest.mark.parametrize(
        ("action", "stored"),
        [
            ("speak", {}),
            ("pause", {"begin_time": 1}),
            ("unpause", {"begin_time": 1, "pause_time": 2}),
            ("end_speech", {"begin_time": 1}),
        ],
    )
    def test_the_chair_is_not_disturbed(self, action: str, stored: dict[str, Any]) -> None:
        self.settings(couple_countdown=True)
        self.speaker(1, weight=1, **stored)
        joining = CreateEvent("speaker/2", {"id": 2, "list_of_speakers_id": LIST, "meeting_id": 1, "weight": 2})
        with interfered(self.stack, joining) as calls:
            self.request(f"speaker.{action}", {"id": 1}).assert_status(200)
        assert calls.writes == 1

    def test_the_same_person_twice(self) -> None:
        """Two windows of one person: whoever is second is refused."""
        user_id, member = self.participant(CAN_BE_SPEAKER)
        element = {"list_of_speakers_id": LIST, "meeting_user_id": member}
        start = Barrier(THREADS)

        def join(_: int) -> int:
            start.wait()
            return self.request("speaker.create", element, user=user_id).status

        with ThreadPoolExecutor(THREADS) as pool:
            answers = sorted(pool.map(join, range(THREADS)))
        assert answers == [200] + [400] * (THREADS - 1)
        assert len(self.weights()) == 1
