"""Groups (group.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest


class GroupTest(RightsTest):
    """Base: meeting/1 with its groups 1 (default), 2 (admin) and 3."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()

    def assert_external_ids_are_for_admins(self, name: str, element: dict[str, Any]) -> None:
        """Whoever may manage users may not set external ids, admins may."""
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, ["user.can_manage"])
        for value in ("x", "", None):
            self.request(name, {**element, "external_id": value}, user=user_id).assert_status(403, "admins")
        admin_id = self.create_user(group_ids=[2])
        self.request(name, {**element, "external_id": "x"}, user=admin_id).assert_status(200)


class TestGroupCreate(GroupTest):
    """`group.create`."""

    def test_weights(self) -> None:
        elements: list[dict[str, Any]] = [
            {"name": "a", "meeting_id": 1},
            {"name": "b", "meeting_id": 1, "weight": 9},
            {"name": "a", "meeting_id": 1},
            {"name": "c", "meeting_id": 1, "weight": None},
        ]
        answer = self.request("group.create", *elements).assert_status(200)
        ids = [result["id"] for result in answer.results[0]]
        assert [self.get_model(f"group/{id_}").get("weight") for id_ in ids] == [4, 9, 10, None]
        self.assert_model_exists("meeting/1", {"group_ids": [1, 2, 3, *ids]})

    def test_first_weight(self) -> None:
        self.set_models({f"group/{id_}": {"weight": None} for id_ in (1, 2, 3)})
        answer = self.request("group.create", {"name": "a", "meeting_id": 1}).assert_status(200)
        self.assert_model_exists(f"group/{answer.id}", {"weight": 1, "permissions": None})

    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            (["agenda_item.can_see", "agenda_item.can_manage"], ["agenda_item.can_manage"]),
            (["tag.can_manage", "motion.can_see", "tag.can_manage"], ["tag.can_manage", "motion.can_see"]),
            (["motion.can_manage", "motion.can_see", "motion.can_create"], ["motion.can_manage"]),
            ([], []),
            (None, None),
        ],
    )
    def test_surplus_permissions(self, given: list[str] | None, stored: list[str] | None) -> None:
        answer = self.request("group.create", {"name": "a", "meeting_id": 1, "permissions": given}).assert_status(200)
        self.assert_model_exists(f"group/{answer.id}", {"permissions": stored})
        self.request("group.update", {"id": 3, "permissions": given}).assert_status(200)
        self.assert_model_exists("group/3", {"permissions": stored})

    def test_unknown_permissions(self) -> None:
        element = {"name": "a", "meeting_id": 1, "permissions": ["tag.can_fly"]}
        self.request("group.create", element).assert_status(400, "permissions")

    def test_external_id(self) -> None:
        self.create_meeting(4)
        self.set_models({"group/3": {"external_id": "x"}, "group/1": {"external_id": ""}})
        taken = {"name": "a", "meeting_id": 1, "external_id": "x"}
        self.request("group.create", taken, user=self.create_user()).assert_status(400, "external_id")
        self.request("group.create", {**taken, "meeting_id": 4}, {**taken, "external_id": ""}).assert_status(200)
        new = {**taken, "external_id": "new"}
        answer = self.request("group.create", new, new).assert_status(400, "external_id")
        assert answer.body["action_data_error_index"] == 1

    def test_rights(self) -> None:
        self.assert_needs_permission("group.create", {"name": "a", "meeting_id": 1}, "user.can_manage")

    def test_external_ids_are_for_admins(self) -> None:
        self.assert_external_ids_are_for_admins("group.create", {"name": "a", "meeting_id": 1})

    def test_few_calls(self) -> None:
        elements = [{"name": "a", "meeting_id": 1, "external_id": str(n)} for n in range(50)]
        with self.stack.count_calls() as calls:
            self.request("group.create", *elements).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)


class TestGroupUpdate(GroupTest):
    """`group.update`."""

    def test_update(self) -> None:
        fields = {"name": "new", "permissions": ["tag.can_manage"], "external_id": "x"}
        answer = self.request("group.update", {"id": 3, **fields}).assert_status(200)
        assert answer.results == [[None]]
        self.assert_model_exists("group/3", {**fields, "weight": 3})
        self.request("group.update", {"id": 3, "external_id": "x"}).assert_status(200)
        self.request("group.update", {"id": 2, "external_id": "x"}).assert_status(400, "external_id")
        self.request("group.update", {"id": 3, "weight": 4}).assert_status(400)
        self.request("group.update", {"id": 3, "name": ""}).assert_status(400)

    def test_locked_out_participants_do_not_manage_users(self) -> None:
        user_id = self.create_user(group_ids=[3])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": {"locked_out": True}})
        element = {"id": 3, "permissions": ["user.can_manage"]}
        self.request("group.update", element).assert_status(400, "locked out")
        self.request("group.update", {**element, "id": 1}).assert_status(200)
        self.request("group.update", {**element, "permissions": ["user.can_update"]}).assert_status(200)

    def test_anonymous_group(self) -> None:
        self.set_models({"group/3": {"anonymous_group_for_meeting_id": 1}, "meeting/1": {"anonymous_group_id": 3}})
        element = {"id": 3, "permissions": ["motion.can_see", "motion.can_create"]}
        self.request("group.update", element).assert_status(400, "motion.can_create")
        self.request("group.update", {"id": 3, "name": "Delegates"}).assert_status(400, "name")
        self.request("group.update", {"id": 3, "permissions": ["motion.can_see_internal"]}).assert_status(200)

    def test_rights(self) -> None:
        self.assert_needs_permission("group.update", {"id": 3, "permissions": ["user.can_manage"]}, "user.can_manage")

    def test_external_ids_are_for_admins(self) -> None:
        self.assert_external_ids_are_for_admins("group.update", {"id": 1})


class TestGroupDelete(GroupTest):
    """`group.delete`."""

    def test_delete(self) -> None:
        self.set_models(
            {
                "group/3": {
                    "used_as_topic_poll_default_id": 1,
                    "poll_ids": [7],
                    "read_chat_group_ids": [8],
                    "write_comment_section_ids": [9],
                },
                "meeting/1": {"topic_poll_default_group_ids": [3, 1]},
                "poll/7": {"meeting_id": 1, "entitled_group_ids": [3]},
                "chat_group/8": {"meeting_id": 1, "read_group_ids": [3]},
                "motion_comment_section/9": {"meeting_id": 1, "write_group_ids": [3, 2]},
            }
        )
        assert self.request("group.delete", {"id": 3}).assert_status(200).results == [[None]]
        self.assert_model_deleted("group/3")
        self.assert_model_exists("meeting/1", {"topic_poll_default_group_ids": [1], "group_ids": [1, 2]})
        self.assert_model_exists("poll/7", {"entitled_group_ids": []})
        self.assert_model_exists("chat_group/8", {"read_group_ids": []})
        self.assert_model_exists("motion_comment_section/9", {"write_group_ids": [2]})

    def test_the_group_that_has_to_stay_is_blamed(self) -> None:
        answer = self.request("group.delete", {"id": 3}, {"id": 1}).assert_status(400, "group/1 can not be deleted")
        assert answer.body["action_data_error_index"] == 1
        self.assert_model_exists("group/3")

    @pytest.mark.parametrize("role", ["default", "admin", "anonymous"])
    def test_groups_with_a_role_stay(self, role: str) -> None:
        self.set_models({"group/3": {f"{role}_group_for_meeting_id": 1}})
        self.request("group.delete", {"id": 3}).assert_status(400, "meeting/1")

    def test_groups_with_participants_stay(self) -> None:
        self.create_user(group_ids=[3])
        self.request("group.delete", {"id": 3}).assert_status(400, "participants")

    def test_rights(self) -> None:
        self.add_to_lists({"meeting/1": {"group_ids": [4]}})
        self.set_models({"group/4": {"name": "x", "meeting_id": 1}})
        self.assert_needs_permission("group.delete", {"id": 4}, "user.can_manage")


class TestAccessAfterDelete(GroupTest):
    """Who sees which file once a group is gone: 11 is above 12, which is above 13; 14 stands alone."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models(
            {
                f"mediafile/{id_}": {"owner_id": "meeting/1", "parent_id": parent}
                for id_, parent in ((11, None), (12, 11), (13, 12), (14, None))
            }
        )

    def link(self, file: int, own: list[int], inherited: list[int], public: bool = False) -> None:
        """Store what a file means to the meeting; its id is that of the file."""
        fqid = f"meeting_mediafile/{file}"
        fields = {"access_group_ids": own, "inherited_access_group_ids": inherited, "is_public": public}
        self.set_models({fqid: {"meeting_id": 1, "mediafile_id": file, **fields}})
        self.add_to_lists(
            {
                **{f"group/{id_}": {"meeting_mediafile_access_group_ids": [file]} for id_ in own},
                "meeting/1": {"meeting_mediafile_ids": [file]},
                f"mediafile/{file}": {"meeting_mediafile_ids": [file]},
            }
        )
        inherited_by = {f"group/{id_}": {"meeting_mediafile_inherited_access_group_ids": [file]} for id_ in inherited}
        if inherited_by:
            self.add_to_lists(inherited_by)

    def assert_access(self, file: int, own: list[int], inherited: list[int], public: bool) -> None:
        """Fail unless the file is seen by these groups."""
        fields = {"access_group_ids": own, "inherited_access_group_ids": inherited, "is_public": public}
        self.assert_model_exists(f"meeting_mediafile/{file}", fields)

    def test_only_group(self) -> None:
        self.link(11, [3], [3])
        self.link(12, [], [3])
        self.link(13, [1], [])
        self.link(14, [1], [1])
        self.request("group.delete", {"id": 3}).assert_status(200)
        self.assert_access(11, [], [], public=True)
        self.assert_access(12, [], [], public=True)
        self.assert_access(13, [1], [1], public=False)
        self.assert_access(14, [1], [1], public=False)
        self.assert_model_exists("group/1", {"meeting_mediafile_inherited_access_group_ids": [14, 13]})

    def test_one_of_several_groups(self) -> None:
        self.link(11, [3, 1], [3, 1])
        self.link(12, [3], [3])
        self.link(13, [], [3])
        self.request("group.delete", {"id": 3}).assert_status(200)
        self.assert_access(11, [1], [1], public=False)
        self.assert_access(12, [], [1], public=False)
        self.assert_access(13, [], [1], public=False)

    def test_parent_unknown_to_the_meeting(self) -> None:
        self.set_models(
            {"mediafile/11": {"owner_id": "organization/1"}, "mediafile/12": {"owner_id": "organization/1"}}
        )
        self.link(12, [3, 2], [2])
        self.request("group.delete", {"id": 3}).assert_status(200)
        self.assert_access(12, [2], [2], public=False)

    def test_file_without_link_stays_without(self) -> None:
        self.link(11, [3], [3])
        self.link(13, [], [2])
        self.request("group.delete", {"id": 3}).assert_status(200)
        self.assert_access(11, [], [], public=True)
        self.assert_access(13, [], [2], public=False)
        self.assert_model_exists("meeting/1", {"meeting_mediafile_ids": [11, 13]})

    def test_several_groups_at_once(self) -> None:
        self.link(11, [3], [3])
        self.link(12, [2], [])
        self.set_models({"group/4": {"name": "x", "meeting_id": 1}})
        self.link(14, [4, 3], [4, 3])
        self.request("group.delete", {"id": 3}, {"id": 4}).assert_status(200)
        self.assert_access(11, [], [], public=True)
        self.assert_access(12, [2], [2], public=False)
        self.assert_access(14, [], [], public=True)

    def test_few_calls(self) -> None:
        self.link(11, [3], [3])
        for id_ in range(20, 60):
            self.set_models({f"mediafile/{id_}": {"owner_id": "meeting/1", "parent_id": 11}})
            self.link(id_, [3], [3])
        with self.stack.count_calls() as calls:
            self.request("group.delete", {"id": 3}).assert_status(200)
        calls.assert_at_most(reads=6, reserves=0, writes=1)
        self.assert_access(59, [], [], public=True)
