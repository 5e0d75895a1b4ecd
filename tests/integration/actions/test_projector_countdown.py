"""Countdowns (projector.md)."""

import pytest

from tests.integration.actions.rights import RightsTest


class TestProjectorCountdown(RightsTest):
    """`projector_countdown.create`, `update` and `delete`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(projector_countdown_default_time=11, projector_countdown_ids=[5])
        self.set_models({"projector_countdown/5": {"title": "old", "meeting_id": 1, "default_time": 3}})

    @pytest.mark.parametrize(
        ("given", "time"), [({}, 11), ({"default_time": None}, 11), ({"default_time": 0}, 0), ({"default_time": 7}, 7)]
    )
    def test_create(self, given: dict[str, int | None], time: int) -> None:
        answer = self.request("projector_countdown.create", {"meeting_id": 1, "title": "new", **given})
        answer.assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        self.assert_model_exists(
            f"projector_countdown/{answer.id}",
            {"title": "new", "description": "", "default_time": time, "countdown_time": time, "running": False},
        )
        self.assert_model_exists("meeting/1", {"projector_countdown_ids": [5, answer.id]})

    def test_create_without_any_time(self) -> None:
        self.set_models({"meeting/1": {"projector_countdown_default_time": None}})
        answer = self.request("projector_countdown.create", {"meeting_id": 1, "title": "new"}).assert_status(200)
        unset = {"default_time": None, "countdown_time": None}
        self.assert_model_exists(f"projector_countdown/{answer.id}", unset)

    def test_create_with_title_in_use(self) -> None:
        self.create_meeting(4)
        self.request("projector_countdown.create", {"meeting_id": 1, "title": "old"}).assert_status(400, "title")
        self.request("projector_countdown.create", {"meeting_id": 1, "title": "Old"}).assert_status(200)
        self.request("projector_countdown.create", {"meeting_id": 4, "title": "old"}).assert_status(200)
        twice = [{"meeting_id": 1, "title": "new"}] * 2
        answer = self.request("projector_countdown.create", *twice).assert_status(400, "title")
        assert answer.body["action_data_error_index"] == 1
        self.request("projector_countdown.create", {"meeting_id": 1, "title": ""}).assert_status(400)

    def test_update(self) -> None:
        fields = {"title": "old", "description": "x", "default_time": 9, "countdown_time": 1.5, "running": True}
        answer = self.request("projector_countdown.update", {"id": 5, **fields}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("projector_countdown/5", fields)

    def test_update_to_title_in_use(self) -> None:
        self.set_models({"projector_countdown/6": {"title": "other", "meeting_id": 1}})
        self.request("projector_countdown.update", {"id": 6, "title": "old"}).assert_status(400, "title")
        swap = [{"id": 5, "title": "spare"}, {"id": 6, "title": "old"}]
        self.request("projector_countdown.update", *swap).assert_status(200)
        self.request("projector_countdown.update", {"id": 6, "title": None}).assert_status(400)

    def test_delete_with_projections(self) -> None:
        self.set_models(
            {
                "projector_countdown/5": {"projection_ids": [7]},
                "projection/7": {
                    "meeting_id": 1,
                    "content_object_id": "projector_countdown/5",
                    "history_projector_id": 1,
                },
                "projector/1": {"history_projection_ids": [7]},
            }
        )
        answer = self.request("projector_countdown.delete", {"id": 5}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_deleted("projector_countdown/5")
        self.assert_model_deleted("projection/7")
        self.assert_model_exists("projector/1", {"history_projection_ids": []})

    @pytest.mark.parametrize(
        "use", ["used_as_list_of_speakers_countdown_meeting_id", "used_as_poll_countdown_meeting_id"]
    )
    def test_delete_in_use(self, use: str) -> None:
        self.set_models({"projector_countdown/5": {use: 1}})
        self.request("projector_countdown.delete", {"id": 5}).assert_status(400, use)
        self.assert_model_exists("projector_countdown/5")

    @pytest.mark.parametrize(
        ("name", "element"),
        [
            ("create", {"meeting_id": 1, "title": "new"}),
            ("update", {"id": 5, "running": True}),
            ("delete", {"id": 5}),
        ],
    )
    def test_who_may_and_when(self, name: str, element: dict[str, object]) -> None:
        self.assert_needs_permission(f"projector_countdown.{name}", element, "projector.can_manage")

    def test_few_calls(self) -> None:
        with self.stack.count_calls() as calls:
            many = [{"meeting_id": 1, "title": f"t{n}"} for n in range(50)]
            self.request("projector_countdown.create", *many).assert_status(200)
        calls.assert_at_most(reads=1, reserves=1, writes=1)
        ids = list(self.find_models("projector_countdown"))
        with self.stack.count_calls() as calls:
            renamed = [{"id": id_, "title": f"u{id_}"} for id_ in ids]
            self.request("projector_countdown.update", *renamed).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)
        with self.stack.count_calls() as calls:
            self.request("projector_countdown.delete", *[{"id": id_} for id_ in ids]).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)
