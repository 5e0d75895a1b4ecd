"""Topics (topic.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

MANAGE = "agenda_item.can_manage"


class TopicTest(RightsTest):
    """Base: meeting/1 and meeting/4."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)

    def create(self, **fields: Any) -> int:
        """Create a topic in meeting/1; its id."""
        element = {"meeting_id": 1, "title": "topic", **fields}
        return self.request("topic.create", element).assert_status(200).id


class TestTopicCreate(TopicTest):
    """`topic.create`."""

    def test_create(self) -> None:
        element = {"meeting_id": 1, "title": "topic", "text": "<iframe src='x'></iframe><script>"}
        answer = self.request("topic.create", element).assert_status(200)
        assert answer.results == [[{"id": 1, "sequential_number": 1}]]
        topic = self.assert_model_exists(
            "topic/1",
            {"meeting_id": 1, "title": "topic", "sequential_number": 1, "agenda_item_id": 1, "list_of_speakers_id": 1},
        )
        assert 'sandbox="' in topic["text"]
        assert "<script>" not in topic["text"]
        item = {"meeting_id": 1, "content_object_id": "topic/1", "type": "common", "weight": 1, "level": 0}
        self.assert_model_exists("agenda_item/1", {**item, "is_hidden": False, "is_internal": False, "closed": False})
        list_of_speakers = {"meeting_id": 1, "content_object_id": "topic/1", "closed": False, "sequential_number": 1}
        self.assert_model_exists("list_of_speakers/1", list_of_speakers)
        self.assert_model_exists("meeting/1", {"topic_ids": [1], "agenda_item_ids": [1], "list_of_speakers_ids": [1]})

    def test_several(self) -> None:
        self.create()
        topics = [{"meeting_id": meeting_id, "title": "x"} for meeting_id in (1, 4, 1)]
        answer = self.request_multi([("topic.create", topics[:2]), ("topic.create", topics[2:])]).assert_status(200)
        assert answer.results == [
            [{"id": 2, "sequential_number": 2}, {"id": 3, "sequential_number": 1}],
            [{"id": 4, "sequential_number": 3}],
        ]
        assert [self.get_model(f"agenda_item/{id_}")["weight"] for id_ in (2, 3, 4)] == [2, 1, 3]
        assert [self.get_model(f"list_of_speakers/{id_}")["sequential_number"] for id_ in (2, 3, 4)] == [2, 1, 3]

    def test_numbers_are_never_used_again(self) -> None:
        self.request("topic.delete", {"id": self.create()}).assert_status(200)
        self.assert_model_exists(f"topic/{self.create()}", {"sequential_number": 2})

    @pytest.mark.parametrize("setting", ["always", "never", "default_yes", "default_no"])
    @pytest.mark.parametrize("wish", [{}, {"agenda_create": True}, {"agenda_create": False}])
    def test_always_on_the_agenda(self, setting: str, wish: dict[str, bool]) -> None:
        self.set_models({"meeting/1": {"agenda_item_creation": setting, "list_of_speakers_initially_closed": True}})
        self.assert_model_exists(f"topic/{self.create(**wish)}", {"agenda_item_id": 1, "list_of_speakers_id": 1})
        self.assert_model_exists("list_of_speakers/1", {"closed": True})

    def test_agenda_fields(self) -> None:
        self.create(agenda_type="internal")
        self.set_models({"tag/1": {"name": "x", "meeting_id": 1}})
        self.create(
            agenda_type="hidden",
            agenda_parent_id=1,
            agenda_comment="comment",
            agenda_duration=60,
            agenda_weight=42,
            agenda_tag_ids=[1],
        )
        self.assert_model_exists(
            "agenda_item/2",
            {
                "type": "hidden",
                "parent_id": 1,
                "comment": "comment",
                "duration": 60,
                "weight": 42,
                "tag_ids": [1],
                "level": 1,
                "is_hidden": True,
                "is_internal": True,
            },
        )
        self.assert_model_exists("agenda_item/1", {"child_ids": [2]})
        self.assert_model_exists("tag/1", {"tagged_ids": ["agenda_item/2"]})
        self.create(agenda_parent_id=None)
        self.assert_model_exists("agenda_item/3", {"parent_id": None, "weight": 2})

    @pytest.mark.parametrize(
        "fields",
        [
            {"agenda_create": "yes"},
            {"agenda_create": None},
            {"agenda_type": "x"},
            {"agenda_type": None},
            {"agenda_parent_id": 9},
            {"agenda_comment": None},
            {"agenda_comment": "x" * 257},
            {"agenda_duration": -1},
            {"agenda_weight": None},
            {"agenda_tag_ids": [9]},
            {"agenda_tag_ids": None},
            {"title": ""},
            {"title": None},
            {"title": "x" * 257},
            {"meeting_id": 9},
            {"meeting_id": None},
            {"attachment_mediafile_ids": None},
            {"attachment_mediafile_ids": [1, 1]},
            {"attachment_mediafile_ids": [9]},
            {"sequential_number": 1},
            {"agenda_closed": True},
        ],
    )
    def test_wrong_payload(self, fields: dict[str, Any]) -> None:
        self.request("topic.create", {"meeting_id": 1, "title": "topic", **fields}).assert_status(400)
        assert self.find_models("topic") == self.find_models("agenda_item") == {}

    def test_other_meetings(self) -> None:
        self.create(meeting_id=4)
        self.set_models({"tag/1": {"name": "x", "meeting_id": 4}})
        for fields in ({"agenda_parent_id": 1}, {"agenda_tag_ids": [1]}):
            self.request("topic.create", {"meeting_id": 1, "title": "topic", **fields}).assert_status(400, "meeting")

    def test_rights(self) -> None:
        self.assert_needs_permission("topic.create", {"meeting_id": 1, "title": "x", "agenda_comment": "x"}, MANAGE)

    def test_few_calls(self) -> None:
        for count in (1, 100):
            with self.stack.count_calls() as calls:
                self.request("topic.create", *[{"meeting_id": 1, "title": "x"}] * count).assert_status(200)
            calls.assert_at_most(reads=1, reserves=1, writes=1)


class TestAttachments(TopicTest):
    """Attachments of topics (_shared.md): mediafile/1 belongs to meeting/1, 2 and 3 are published to all."""

    def setup_method(self) -> None:
        super().setup_method()
        published = {"owner_id": "organization/1", "published_to_meetings_in_organization_id": 1}
        self.set_models(
            {
                "mediafile/1": {"owner_id": "meeting/1", "meeting_mediafile_ids": [5]},
                "mediafile/2": {**published, "child_ids": [3]},
                "mediafile/3": {**published, "parent_id": 2},
                "mediafile/4": {"owner_id": "organization/1"},
                "meeting_mediafile/5": {"meeting_id": 1, "mediafile_id": 1, "is_public": True},
                "meeting/1": {"meeting_mediafile_ids": [5]},
            }
        )

    def test_create(self) -> None:
        topic = self.create(attachment_mediafile_ids=[3, 1, 2])
        links = self.get_model(f"topic/{topic}")["attachment_meeting_mediafile_ids"]
        assert [self.get_model(f"meeting_mediafile/{id_}")["mediafile_id"] for id_ in links] == [3, 1, 2]
        assert links[1] == 5
        access = {"meeting_id": 1, "is_public": False, "inherited_access_group_ids": [2]}
        self.assert_model_exists(f"meeting_mediafile/{links[0]}", {**access, "access_group_ids": None})
        self.assert_model_exists(f"meeting_mediafile/{links[2]}", {**access, "access_group_ids": [2]})
        self.assert_model_exists("meeting_mediafile/5", {"attachment_ids": [f"topic/{topic}"]})
        assert "attachment_mediafile_ids" not in self.get_model(f"topic/{topic}")

    def test_not_published(self) -> None:
        for meeting_id, file in ((1, 4), (4, 1)):
            element = {"meeting_id": meeting_id, "title": "x", "attachment_mediafile_ids": [file]}
            self.request("topic.create", element).assert_status(400, f"mediafile/{file}")

    def test_update(self) -> None:
        topic = self.create(attachment_mediafile_ids=[1])
        self.request("topic.update", {"id": topic, "title": "new"}).assert_status(200)
        self.assert_model_exists(f"topic/{topic}", {"attachment_meeting_mediafile_ids": [5]})
        self.request("topic.update", {"id": topic, "attachment_mediafile_ids": [2]}).assert_status(200)
        (link,) = self.get_model(f"topic/{topic}")["attachment_meeting_mediafile_ids"]
        self.assert_model_exists(f"meeting_mediafile/{link}", {"mediafile_id": 2})
        self.assert_model_exists("meeting_mediafile/5", {"attachment_ids": []})
        self.request("topic.update", {"id": topic, "attachment_mediafile_ids": []}).assert_status(200)
        self.assert_model_exists(f"topic/{topic}", {"attachment_meeting_mediafile_ids": []})

    def test_delete(self) -> None:
        topic = self.create(attachment_mediafile_ids=[1])
        self.request("topic.delete", {"id": topic}).assert_status(200)
        self.assert_model_exists("meeting_mediafile/5", {"attachment_ids": []})


class TestTopicUpdate(TopicTest):
    """`topic.update`."""

    def test_update(self) -> None:
        topic = self.create(text="old")
        item = self.get_model("agenda_item/1")
        answer = self.request("topic.update", {"id": topic, "title": "new", "text": "<p>x</p>"}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists(f"topic/{topic}", {"title": "new", "text": "<p>x</p>"})
        assert self.get_model("agenda_item/1") == item
        self.request("topic.update", {"id": topic, "text": None}).assert_status(200)
        self.assert_model_exists(f"topic/{topic}", {"title": "new", "text": None})

    def test_wrong_payload(self) -> None:
        topic = self.create()
        for fields in ({"title": None}, {"title": ""}, {"meeting_id": 4}, {"agenda_type": "hidden"}):
            self.request("topic.update", {"id": topic, **fields}).assert_status(400)
        self.request("topic.update", {"id": 9, "title": "x"}).assert_status(400, "topic/9")

    def test_rights(self) -> None:
        self.assert_needs_permission("topic.update", {"id": self.create(), "title": "x"}, MANAGE)


class TestTopicDelete(TopicTest):
    """`topic.delete`."""

    def test_delete(self) -> None:
        topic = self.create()
        self.create(agenda_parent_id=1)
        self.set_models(
            {
                "poll/1": {"title": "p", "meeting_id": 1, "content_object_id": f"topic/{topic}", "option_ids": [1]},
                "option/1": {"meeting_id": 1, "poll_id": 1},
                "projection/1": {"meeting_id": 1, "content_object_id": f"topic/{topic}", "current_projector_id": 1},
                "projector/1": {"current_projection_ids": [1]},
                "speaker/1": {"meeting_id": 1, "list_of_speakers_id": 1, "weight": 1},
                "structure_level_list_of_speakers/1": {"meeting_id": 1, "list_of_speakers_id": 1},
                "list_of_speakers/1": {"speaker_ids": [1], "structure_level_list_of_speakers_ids": [1]},
                f"topic/{topic}": {"poll_ids": [1], "projection_ids": [1]},
            }
        )
        assert self.request("topic.delete", {"id": topic}).assert_status(200).results == [[None]]
        deleted = ("agenda_item", "list_of_speakers", "poll", "option", "projection", "speaker", "topic")
        for collection in (*deleted, "structure_level_list_of_speakers"):
            self.assert_model_deleted(f"{collection}/1")
        self.assert_model_exists("agenda_item/2", {"parent_id": None, "level": 1})
        self.assert_model_exists("projector/1", {"current_projection_ids": []})
        self.assert_model_exists("meeting/1", {"topic_ids": [2], "agenda_item_ids": [2], "list_of_speakers_ids": [2]})
        self.request("topic.delete", {"id": topic}).assert_status(400)

    def test_rights(self) -> None:
        self.assert_needs_permission("topic.delete", {"id": self.create()}, MANAGE)

    def test_few_calls(self) -> None:
        self.request("topic.create", *[{"meeting_id": 1, "title": "x"}] * 50).assert_status(200)
        counts = []
        for ids in ([1], range(2, 51)):
            with self.stack.count_calls() as calls:
                self.request("topic.delete", *({"id": id_} for id_ in ids)).assert_status(200)
            counts.append(calls.reads)
        assert counts[0] == counts[1] <= 5
