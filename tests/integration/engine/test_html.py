"""When HTML is cleaned: never before it is known that its sender may do what he asks for."""

import time

from tests.integration.base import IntegrationTest

HOSTILE = "<p>" + "".join(f"<u id={number}>" for number in range(50)) + "</p>" + "<p>x" * 5_000
"""What takes half a second to be cleaned."""


class TestHtml(IntegrationTest):
    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def _processor_time(self, text: str, user: int, status: int) -> float:
        started = time.process_time()
        self.request("topic.create", {"meeting_id": 1, "title": "x", "text": text}, user=user).assert_status(status)
        return time.process_time() - started

    def test_it_is_cleaned_before_it_is_written(self) -> None:
        answer = self.request("topic.create", {"meeting_id": 1, "title": "x", "text": "<p>a<script>b</script>\t<x>c"})
        self.assert_model_exists(f"topic/{answer.id}", {"text": "<p>ac</p>"})

    def test_it_is_cleaned_within_other_actions(self) -> None:
        user_id = self.create_user(group_ids=[1])
        data = {"id": user_id, "meeting_id": 1, "about_me": "<x>a</x>"}
        self.request("user.update", data).assert_status(200)
        self.assert_model_exists(f"meeting_user/{self.meeting_user_id(user_id, 1)}", {"about_me": "a"})

    def test_it_is_not_cleaned_for_those_who_are_refused(self) -> None:
        usual = self._processor_time("x", 0, 403)
        assert self._processor_time(HOSTILE, 0, 403) < usual + 0.1

    def test_the_error_names_field_and_element(self) -> None:
        elements = [{"meeting_id": 1, "title": "x", "text": text} for text in ("a", "<div>" * 9000)]
        answer = self.request("topic.create", *elements)
        answer.assert_status(400, "topic.text must not have that many tags")
        assert answer.body["action_data_error_index"] == 1

    def test_shapes_are_looked_at_before_anybody_is_asked(self) -> None:
        self.request("topic.create", {"meeting_id": 1, "title": "x", "text": 5}, user=0).assert_status(400)
