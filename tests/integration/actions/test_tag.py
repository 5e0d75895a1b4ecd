"""Tags (small_collections.md)."""

from tests.integration.actions.rights import RightsTest

MANAGE = "tag.can_manage"


class TestTag(RightsTest):
    """`tag.*`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)
        self.set_models(
            {
                "tag/5": {"name": "old", "meeting_id": 1, "tagged_ids": ["agenda_item/1", "assignment/1", "motion/1"]},
                "agenda_item/1": {"meeting_id": 1, "tag_ids": [5]},
                "assignment/1": {"meeting_id": 1, "tag_ids": [5]},
                "motion/1": {"meeting_id": 1, "tag_ids": [5]},
                "meeting/1": {"tag_ids": [5]},
            }
        )

    def test_create(self) -> None:
        tag = {"name": "new", "meeting_id": 1}
        answer = self.request("tag.create", tag, tag, {"name": "new", "meeting_id": 4}).assert_status(200)
        assert answer.results == [[{"id": 6}, {"id": 7}, {"id": 8}]]
        self.assert_model_exists("tag/6", tag)
        self.assert_model_exists("meeting/1", {"tag_ids": [5, 6, 7]})
        self.assert_model_exists("meeting/4", {"tag_ids": [8]})
        self.assert_needs_permission("tag.create", tag, MANAGE)

    def test_wrong_payload(self) -> None:
        for element in ({"name": "x"}, {"meeting_id": 1}, {"name": "", "meeting_id": 1}, {"name": None}):
            self.request("tag.create", element).assert_status(400)
        self.request("tag.create", {"name": "x" * 257, "meeting_id": 1}).assert_status(400, "name")
        self.request("tag.create", {"name": "x", "meeting_id": 9}).assert_status(400, "meeting/9")
        self.request("tag.update", {"id": 5, "meeting_id": 4}).assert_status(400, "meeting_id")
        self.request("tag.update", {"id": 5, "name": None}).assert_status(400, "name")
        self.request("tag.update", {"id": 9, "name": "x"}).assert_status(400, "tag/9")
        self.request("tag.delete", {"id": 9}).assert_status(400, "tag/9")

    def test_other_meetings_permission(self) -> None:
        user_id = self.create_user(group_ids=[6])
        self.set_permissions(6, [MANAGE])
        answer = self.request(
            "tag.create", {"name": "x", "meeting_id": 4}, {"name": "x", "meeting_id": 1}, user=user_id
        )
        answer.assert_status(403, MANAGE)
        assert answer.body["action_data_error_index"] == 1
        assert len(self.find_models("tag")) == 1

    def test_update(self) -> None:
        assert self.request("tag.update", {"id": 5, "name": "new"}).assert_status(200).results == [[None]]
        self.assert_model_exists("tag/5", {"name": "new"})
        self.assert_needs_permission("tag.update", {"id": 5, "name": "newer"}, MANAGE)

    def test_delete(self) -> None:
        assert self.request("tag.delete", {"id": 5}).assert_status(200).results == [[None]]
        self.assert_model_deleted("tag/5")
        for fqid in ("agenda_item/1", "assignment/1", "motion/1", "meeting/1"):
            self.assert_model_exists(fqid, {"tag_ids": []})

    def test_delete_rights(self) -> None:
        self.assert_needs_permission("tag.delete", {"id": 5}, MANAGE)

    def test_few_calls(self) -> None:
        for count in (1, 100):
            with self.stack.count_calls() as calls:
                self.request("tag.create", *[{"name": "x", "meeting_id": 1}] * count).assert_status(200)
            calls.assert_at_most(reads=2, reserves=1, writes=1)
        with self.stack.count_calls() as calls:
            self.request("tag.delete", *({"id": id_} for id_ in range(5, 50))).assert_status(200)
        calls.assert_at_most(reads=3, reserves=0, writes=1)
