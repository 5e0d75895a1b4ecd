"""Chat groups and messages (small_collections.md)."""

from time import time
from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

MANAGE = "chat.can_manage"


class ChatTest(RightsTest):
    """Base: chat is enabled; chat_group/1 and /2 are in meeting/1, chat_group/4 is in meeting/4."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.create_meeting(4)
        self.set_models(
            {
                "organization/1": {"enable_chat": True},
                "chat_group/1": {"name": "one", "weight": 3, "meeting_id": 1, "write_group_ids": [3]},
                "chat_group/2": {"name": "two", "weight": 7, "meeting_id": 1},
                "chat_group/4": {"name": "four", "weight": 90, "meeting_id": 4},
                "meeting/1": {"chat_group_ids": [1, 2]},
                "group/3": {"write_chat_group_ids": [1]},
            }
        )

    def disable_chat(self) -> None:
        """Switch chat off in the organization."""
        self.set_models({"organization/1": {"enable_chat": None}})

    def write(self, user_id: int, chat_group_id: int = 1, content: str = "<p>hi</p>") -> int:
        """Write a message as a user; its id."""
        element = {"chat_group_id": chat_group_id, "content": content}
        return self.request("chat_message.create", element, user=user_id).assert_status(200).id


class TestChatGroup(ChatTest):
    """`chat_group.*`."""

    def test_create(self) -> None:
        fields = {"read_group_ids": [1, 3], "write_group_ids": [3]}
        answer = self.request(
            "chat_group.create",
            {"name": "a", "meeting_id": 1, **fields},
            {"name": "b", "meeting_id": 1, "write_group_ids": None},
            {"name": "a", "meeting_id": 4},
        ).assert_status(200)
        assert answer.results == [[{"id": 5}, {"id": 6}, {"id": 7}]]
        self.assert_model_exists("chat_group/5", {"name": "a", "weight": 8, "meeting_id": 1, **fields})
        self.assert_model_exists("chat_group/6", {"weight": 9, "write_group_ids": None})
        self.assert_model_exists("chat_group/7", {"weight": 91})
        self.assert_model_exists("group/3", {"write_chat_group_ids": [1, 5], "read_chat_group_ids": [5]})

    def test_first_weight(self) -> None:
        self.create_meeting(7)
        answer = self.request("chat_group.create", {"name": "a", "meeting_id": 7}).assert_status(200)
        self.assert_model_exists(f"chat_group/{answer.id}", {"weight": 1})

    def test_names_are_unique(self) -> None:
        new = {"name": "new", "meeting_id": 1}
        assert self.request("chat_group.create", new, new).assert_status(400).body["action_data_error_index"] == 1
        self.request("chat_group.create", {**new, "name": "one"}).assert_status(400, "one")
        self.request("chat_group.create", {**new, "name": "four"}).assert_status(200)
        self.request("chat_group.update", {"id": 2, "name": "one"}).assert_status(400, "one")
        self.request("chat_group.update", {"id": 2, "name": "two"}).assert_status(200)

    def test_an_old_name_may_stay(self) -> None:
        self.set_models({"chat_group/2": {"name": "one"}})
        self.request("chat_group.update", {"id": 2, "name": "one", "read_group_ids": [3]}).assert_status(200)

    def test_anonymous_users_only_read(self) -> None:
        self.set_models({"meeting/1": {"anonymous_group_id": 3}})
        new = {"name": "new", "meeting_id": 1, "read_group_ids": [3]}
        for name, element in (("chat_group.create", new), ("chat_group.update", {"id": 1, "read_group_ids": [3]})):
            self.request(name, {**element, "write_group_ids": [1, 3]}).assert_status(400, "write_group_ids")
            self.request(name, {**element, "write_group_ids": None}).assert_status(200)

    def test_groups_of_other_meetings(self) -> None:
        for field in ("read_group_ids", "write_group_ids"):
            self.request("chat_group.create", {"name": "a", "meeting_id": 1, field: [4]}).assert_status(400, "group/4")
            self.request("chat_group.update", {"id": 1, field: [4]}).assert_status(400, "group/4")

    def test_wrong_payload(self) -> None:
        for element in ({"name": "a"}, {"meeting_id": 1}, {"name": "", "meeting_id": 1}):
            self.request("chat_group.create", element).assert_status(400)
        self.request("chat_group.create", {"name": "a", "meeting_id": 1, "weight": 1}).assert_status(400, "weight")
        self.request("chat_group.update", {"id": 1, "meeting_id": 4}).assert_status(400, "meeting_id")

    def test_update(self) -> None:
        fields = {"name": "new", "read_group_ids": [1], "write_group_ids": []}
        assert self.request("chat_group.update", {"id": 1, **fields}).assert_status(200).results == [[None]]
        self.assert_model_exists("chat_group/1", {**fields, "weight": 3})
        self.assert_model_exists("group/3", {"write_chat_group_ids": []})

    def test_delete(self) -> None:
        message = self.write(1)
        assert self.request("chat_group.delete", {"id": 1}).assert_status(200).results == [[None]]
        self.assert_model_deleted("chat_group/1")
        self.assert_model_deleted(f"chat_message/{message}")
        self.assert_model_exists("meeting/1", {"chat_group_ids": [2], "chat_message_ids": []})
        self.assert_model_exists("group/3", {"write_chat_group_ids": []})

    def test_delete_with_the_meeting(self) -> None:
        message = self.write(1)
        self.disable_chat()
        self.request("chat_group.delete", {"id": 1}).assert_status(400, "enabled")
        self.request("meeting.delete", {"id": 1}).assert_status(200)
        self.assert_model_deleted("chat_group/1")
        self.assert_model_deleted(f"chat_message/{message}")

    def test_clear(self) -> None:
        messages = [self.write(1, id_) for id_ in (1, 1, 2, 4)]
        self.disable_chat()
        assert self.request("chat_group.clear", {"id": 1}, {"id": 2}).assert_status(200).results == [None]
        for message in messages[:3]:
            self.assert_model_deleted(f"chat_message/{message}")
        self.assert_model_exists(f"chat_message/{messages[3]}")
        self.assert_model_exists("chat_group/1", {"chat_message_ids": []})
        self.request("chat_group.clear", {"id": 1}, {"id": 2}).assert_status(200)
        self.request("chat_group.clear", {"id": 9}, internal=True).assert_status(400, "chat_group/9")

    def test_sort(self) -> None:
        element = {"meeting_id": 1, "chat_group_ids": [2, 1]}
        assert self.request("chat_group.sort", element).assert_status(200).results == [None]
        self.assert_model_exists("chat_group/2", {"weight": 1})
        self.assert_model_exists("chat_group/1", {"weight": 2})

    @pytest.mark.parametrize("ids", [[1], [1, 2, 4], [1, 1, 2], [1, 2, 9], []])
    def test_sort_needs_all_groups(self, ids: list[int]) -> None:
        self.request("chat_group.sort", {"meeting_id": 1, "chat_group_ids": ids}).assert_status(400)

    def test_sort_is_singular(self) -> None:
        element = {"meeting_id": 1, "chat_group_ids": [2, 1]}
        self.request("chat_group.sort").assert_status(400)
        self.request("chat_group.sort", element, element).assert_status(400)

    def test_chat_must_be_enabled(self) -> None:
        self.disable_chat()
        self.request("chat_group.create", {"name": "a", "meeting_id": 1}).assert_status(400, "enabled")
        self.request("chat_group.update", {"id": 1, "name": "a"}).assert_status(400, "enabled")
        self.request("chat_group.sort", {"meeting_id": 1, "chat_group_ids": [2, 1]}).assert_status(400, "enabled")
        self.create_meeting(7)
        self.request("chat_group.sort", {"meeting_id": 7, "chat_group_ids": []}).assert_status(200)

    @pytest.mark.parametrize(
        ("name", "element"),
        [
            ("chat_group.create", {"name": "a", "meeting_id": 1}),
            ("chat_group.update", {"id": 1, "name": "a"}),
            ("chat_group.delete", {"id": 1}),
            ("chat_group.clear", {"id": 1}),
            ("chat_group.sort", {"meeting_id": 1, "chat_group_ids": [2, 1]}),
        ],
    )
    def test_rights(self, name: str, element: dict[str, Any]) -> None:
        self.assert_needs_permission(name, element, MANAGE)

    def test_few_calls(self) -> None:
        elements = [{"name": str(n), "meeting_id": 1, "write_group_ids": [3]} for n in range(50)]
        with self.stack.count_calls() as calls:
            self.request("chat_group.create", *elements).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)


class TestChatMessage(ChatTest):
    """`chat_message.*`; `me` may write in chat_group/1."""

    def setup_method(self) -> None:
        super().setup_method()
        self.me = self.create_user(group_ids=[3])
        self.member = self.meeting_user_id(self.me, 1)

    def test_create(self) -> None:
        self.disable_chat()
        before = round(time())
        message = self.write(self.me, content="<p>hi</p><script>")
        fields = {"chat_group_id": 1, "meeting_id": 1, "meeting_user_id": self.member}
        model = self.assert_model_exists(f"chat_message/{message}", {**fields, "content": "<p>hi</p>"})
        assert before <= model["created"] <= time() + 1
        self.assert_model_exists("chat_group/1", {"chat_message_ids": [message]})
        self.assert_model_exists(f"meeting_user/{self.member}", {"chat_message_ids": [message]})
        self.assert_model_exists("meeting/1", {"chat_message_ids": [message]})
        assert self.history_of(f"user/{self.me}") == []

    def test_meeting_user_is_created_if_missing(self) -> None:
        elements = [{"chat_group_id": id_, "content": "x"} for id_ in (1, 2, 4)]
        self.request("chat_message.create", *elements).assert_status(200)
        members = {id_: self.meeting_user_id(1, id_) for id_ in (1, 4)}
        assert len(self.find_models("meeting_user", user_id=1)) == 2
        self.assert_model_exists(f"meeting_user/{members[1]}", {"group_ids": None, "chat_message_ids": [1, 2]})
        self.assert_model_exists(f"meeting_user/{members[4]}", {"chat_message_ids": [3]})
        assert len(self.history_of("user/1")) == 1

    def test_wrong_payload(self) -> None:
        for element in ({"content": "x"}, {"chat_group_id": 1}, {"chat_group_id": 1, "content": None}):
            self.request("chat_message.create", element).assert_status(400)
        for content in ("", "<!-- -->"):
            self.request("chat_message.create", {"chat_group_id": 1, "content": content}).assert_status(400, "content")
        self.request("chat_message.create", {"chat_group_id": 9, "content": "x"}).assert_status(400, "chat_group/9")
        self.request("chat_message.create", {"chat_group_id": 1, "content": "x"}, internal=True).assert_status(400)

    def test_who_may_write(self) -> None:
        element = {"chat_group_id": 1, "content": "x"}
        self.set_permissions(1, [])
        for user_id in (0, self.create_user(group_ids=[1]), self.create_user(group_ids=[6])):
            self.request("chat_message.create", element, user=user_id).assert_status(403)
        self.request("chat_message.create", {**element, "chat_group_id": 2}, user=self.me).assert_status(403)
        self.set_models({f"meeting_user/{self.member}": {"locked_out": True}})
        self.write(self.me)
        self.set_permissions(1, [MANAGE])
        self.write(self.create_user(group_ids=[1]), 2)
        self.set_models({"meeting/1": {"enable_anonymous": True, "anonymous_group_id": 3}})
        self.request("chat_message.create", element, user=0).assert_status(403)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request("chat_message.create", element, user=self.me).assert_status(400, "archived")

    def test_update(self) -> None:
        message = self.write(self.me)
        self.set_models({f"chat_message/{message}": {"created": 5}})
        answer = self.request("chat_message.update", {"id": message, "content": "new<!-- -->"}, user=self.me)
        assert answer.assert_status(200).results == [[None]]
        self.assert_model_exists(f"chat_message/{message}", {"content": "new", "created": 5})
        for content in ("", None):
            element = {"id": message, "content": content}
            self.request("chat_message.update", element, user=self.me).assert_status(400, "content")

    def test_only_authors_update(self) -> None:
        element = {"id": self.write(self.me), "content": "x"}
        for user_id in (0, 1, self.create_user(group_ids=[2])):
            self.request("chat_message.update", element, user=user_id).assert_status(403)
        self.set_models({f"chat_message/{element['id']}": {"meeting_user_id": None}})
        for user_id in (0, 1, self.me):
            self.request("chat_message.update", element, user=user_id).assert_status(403)
        self.request("chat_message.update", {"id": 99, "content": "x"}).assert_status(400, "chat_message/99")

    def test_delete(self) -> None:
        message = self.write(self.me)
        assert self.request("chat_message.delete", {"id": message}, user=self.me).assert_status(200).results == [[None]]
        self.assert_model_deleted(f"chat_message/{message}")
        self.assert_model_exists("chat_group/1", {"chat_message_ids": []})

    def test_managers_delete(self) -> None:
        self.assert_needs_permission("chat_message.delete", {"id": self.write(1)}, MANAGE)

    def test_messages_without_author(self) -> None:
        message = self.write(self.me)
        self.set_models({f"chat_message/{message}": {"meeting_user_id": None}})
        self.request("chat_message.delete", {"id": message}, user=0).assert_status(403)
        self.request("chat_message.delete", {"id": message}, user=self.me).assert_status(403)
        self.request("chat_message.delete", {"id": message}).assert_status(200)

    def test_few_calls(self) -> None:
        elements = [{"chat_group_id": 1, "content": str(n)} for n in range(50)]
        with self.stack.count_calls() as calls:
            self.request("chat_message.create", *elements, user=self.me).assert_status(200)
        calls.assert_at_most(reads=4, reserves=1, writes=1)
