"""Numbers of motions (motion.md, "R4")."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from openslides_backend.services.datastore import CreateEvent
from tests.integration.actions.interference import interfered
from tests.integration.actions.motions import FIRST, SECOND, MotionTest

CLIENTS = 50
THREADS = 10


class TestNumbers(MotionTest):
    def set_state(self, *ids: int, state_id: int = SECOND) -> list[str | None]:
        """Bring motions into a state; the numbers that they have then."""
        self.request("motion.set_state", *[{"id": id_, "state_id": state_id} for id_ in ids]).assert_status(200)
        return [self.number(id_) for id_ in ids]

    def test_serially(self) -> None:
        for id_ in (1, 2, 3):
            self.motion(id_)
        assert self.set_state(2) == ["01"]
        assert self.set_state(1, 3) == ["02", "03"]
        self.assert_model_exists("motion/3", {"number_value": 3})

    def test_only_where_the_state_says_so(self) -> None:
        self.motion(1, state_id=SECOND)
        assert self.set_state(1, state_id=FIRST) == [None]
        self.assert_model_exists("motion/1", {"number_value": None})

    def test_manually(self) -> None:
        self.settings(motions_number_type="manually")
        self.motion(1)
        assert self.set_state(1) == [None]

    def test_what_is_there_stays(self) -> None:
        self.motion(1, number="x")
        assert self.set_state(1) == ["x"]
        self.assert_model_exists("motion/1", {"number_value": None})

    def test_categories(self) -> None:
        self.settings(motions_number_type="per_category", motions_number_with_blank=True)
        self.set_models(
            {
                "motion_category/5": {"name": "c", "prefix": "A", "meeting_id": 1, "motion_ids": [1, 2]},
                "motion_category/6": {"name": "d", "meeting_id": 1, "motion_ids": [3]},
            }
        )
        for id_, category_id in ((1, 5), (2, 5), (3, 6), (4, None)):
            self.motion(id_, category_id=category_id)
        assert self.set_state(1, 2, 3, 4) == ["A 01", "A 02", "01", "02"]

    def test_amendments(self) -> None:
        self.settings(motions_number_with_blank=True, motions_amendments_prefix="X-")
        self.motion(1, number="A 001")
        self.motion(2)
        for id_, lead_id in ((3, 1), (4, 1), (5, 3), (6, 2)):
            self.motion(id_, lead_motion_id=lead_id)
        assert self.set_state(3, 4, 5, 6) == ["A 001 X-01", "A 001 X-02", "A 001 X-01 X-01", " X-01"]

    def test_what_others_have_got_by_hand_is_passed_over(self) -> None:
        for id_ in range(1, 9):
            self.motion(id_, number=f"{id_:02}")
        self.motion(9)
        self.motion(10)
        with self.stack.count_calls() as calls:
            assert self.set_state(9, 10) == ["09", "10"]
        assert calls.reads <= 11

    def test_own_value_comes_first(self) -> None:
        self.motion(1, number="07", number_value=7)
        self.motion(2, number_value=3)
        self.motion(3)
        assert self.set_state(2, 3) == ["03", "08"]

    def test_number_of_a_deleted_motion_is_free_again(self) -> None:
        self.motion(1, number="01", number_value=1)
        self.delete_models("motion/1")
        self.motion(2)
        assert self.set_state(2) == ["01"]

    def test_same_motion_twice(self) -> None:
        self.motion(1)
        elements = [{"id": 1, "state_id": id_} for id_ in (SECOND, FIRST, SECOND)]
        self.request("motion.set_state", *elements).assert_status(200)
        self.assert_model_exists("motion/1", {"number": "01", "number_value": 1})

    def test_given_numbers_and_others_in_one_request(self) -> None:
        self.state(FIRST, set_number=True)
        motion = {"title": "t", "meeting_id": 1, "text": "x"}
        elements = [motion, {**motion, "number": "02"}, motion, {**motion, "number": "04"}, motion]
        answer = self.request("motion.create", *elements).assert_status(200)
        assert [self.number(result["id"]) for result in answer.results[0]] == ["01", "02", "03", "04", "05"]
        self.request("motion.create", {**motion, "number": "05"}).assert_status(400, "number")

    @pytest.mark.parametrize("count", [1, 500])
    def test_few_calls(self, count: int) -> None:
        ids = [self.motion(id_) for id_ in range(1, count + 1)]
        elements = [{"id": id_, "state_id": SECOND} for id_ in ids]
        with self.stack.count_calls() as calls:
            self.request("motion.set_state", *elements).assert_status(200)
        calls.assert_at_most(reads=5, reserves=1, writes=1)
        assert self.number(ids[-1]) == f"{count:02}"


class TestAtTheSameTime(MotionTest):
    """Numbers are unique at every moment, whoever else gives some out."""

    def test_rush(self) -> None:
        ids = [self.motion(id_) for id_ in range(1, CLIENTS + 1)]
        start = Barrier(THREADS)

        def set_state(id_: int) -> int:
            if id_ <= THREADS:
                start.wait()
            return self.request("motion.set_state", {"id": id_, "state_id": SECOND}).status

        with ThreadPoolExecutor(THREADS) as pool:
            assert list(pool.map(set_state, ids)) == [200] * CLIENTS
        assert sorted(str(self.number(id_)) for id_ in ids) == [f"{value:02}" for value in range(1, CLIENTS + 1)]

    @pytest.mark.parametrize("other", [{"number": "01"}, {"number": "01", "number_value": 1}, {"number_value": 1}])
    def test_somebody_is_quicker(self, other: dict[str, object]) -> None:
        self.motion(1)
        quicker = CreateEvent("motion/2", {"id": 2, "title": "t", "meeting_id": 1, **other})
        with interfered(self.stack, quicker) as calls:
            self.request("motion.set_state", {"id": 1, "state_id": SECOND}).assert_status(200)
        assert calls.writes == 2
        assert self.number(1) == "02"

    def test_what_has_nothing_to_do_with_it_does_not_disturb(self) -> None:
        self.create_meeting(4)
        self.motion(1)
        quicker = CreateEvent("motion/2", {"id": 2, "title": "t", "meeting_id": 4, "number": "01", "number_value": 1})
        with interfered(self.stack, quicker) as calls:
            self.request("motion.set_state", {"id": 1, "state_id": SECOND}).assert_status(200)
        assert calls.writes == 1
        assert self.number(1) == "01"
