"""Committees (committee.md)."""

from typing import Any

import pytest

from tests.integration.actions.rights import RightsTest

FORWARD, RECEIVE = "forward_to_committee_ids", "receive_forwardings_from_committee_ids"


class CommitteeTest(RightsTest):
    """Base: committee 1 above 2, 2 above 3; committee 10 stands alone."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_committee(1, child_ids=[2], all_child_ids=[2, 3])
        self.create_committee(2, parent_id=1, all_parent_ids=[1], child_ids=[3], all_child_ids=[3])
        self.create_committee(3, parent_id=2, all_parent_ids=[1, 2])
        self.create_committee(10)

    def assert_paths(self, **paths: list[int] | None) -> None:
        """Fail unless the committees `cN` have these ancestors, known to both sides."""
        for name, path in paths.items():
            id_ = int(name[1:])
            self.assert_model_exists(f"committee/{id_}", {"all_parent_ids": path})
            for above in path or ():
                assert id_ in self.get_model(f"committee/{above}")["all_child_ids"]


class TestCommitteeCreate(CommitteeTest):
    """`committee.create`."""

    def test_all_fields(self) -> None:
        user_id = self.create_user()
        self.set_models({"organization_tag/4": {"name": "t", "color": "#ffffff", "organization_id": 1}})
        fields = {
            "name": "new",
            "description": "<b>x</b>",
            "external_id": "e",
            "manager_ids": [user_id],
            FORWARD: [10],
            RECEIVE: [1],
            "organization_tag_ids": [4],
        }
        answer = self.request("committee.create", {"organization_id": 1, **fields}).assert_status(200)
        assert answer.results == [[{"id": answer.id}]]
        self.assert_model_exists(f"committee/{answer.id}", fields | {"description": "x"})
        self.assert_model_exists("committee/10", {RECEIVE: [answer.id]})
        self.assert_model_exists("committee/1", {FORWARD: [answer.id]})
        self.assert_model_exists("organization_tag/4", {"tagged_ids": [f"committee/{answer.id}"]})
        managing = {"committee_management_ids": [answer.id], "committee_ids": [answer.id]}
        self.assert_model_exists(f"user/{user_id}", managing)
        self.assert_model_exists(f"committee/{answer.id}", {"user_ids": [user_id]})

    def test_below_another_one(self) -> None:
        element = {"organization_id": 1, "name": "x", "parent_id": 3}
        answer = self.request("committee.create", element, element).assert_status(200)
        ids = [result["id"] for result in answer.results[0]]
        self.assert_paths(**{f"c{id_}": [1, 2, 3] for id_ in ids})
        self.assert_model_exists("committee/3", {"child_ids": ids})

    def test_null_parent(self) -> None:
        element = {"organization_id": 1, "name": "x", "parent_id": None}
        answer = self.request("committee.create", element).assert_status(200)
        self.assert_model_exists(f"committee/{answer.id}", {"all_parent_ids": None})

    def test_external_id(self) -> None:
        self.set_models({"committee/1": {"external_id": "e"}, "committee/2": {"external_id": ""}})
        element = {"organization_id": 1, "name": "x", "external_id": "e"}
        self.request("committee.create", element, user=self.create_user()).assert_status(400, "external_id")
        self.request("committee.create", {**element, "external_id": ""}).assert_status(200)
        new = {**element, "external_id": "f"}
        answer = self.request("committee.create", new, new).assert_status(400, "external_id")
        assert answer.body["action_data_error_index"] == 1

    @pytest.mark.parametrize(
        "more",
        [
            {"name": ""},
            {"organization_id": 2},
            {"parent_id": 99},
            {"manager_ids": [99]},
            {FORWARD: [99]},
            {"organization_tag_ids": [99]},
            {"all_parent_ids": [1]},
            {"default_meeting_id": 1},
        ],
    )
    def test_refused(self, more: dict[str, Any]) -> None:
        self.request("committee.create", {"organization_id": 1, "name": "x", **more}).assert_status(400)

    def test_rights(self) -> None:
        element = {"organization_id": 1, "name": "x"}
        organizer = self.create_user(oml="can_manage_organization")
        self.request("committee.create", element, user=organizer).assert_status(200)
        manager = self.create_manager(2)
        self.request("committee.create", element, user=manager).assert_status(403)
        self.request("committee.create", element, user=0).assert_status(403)
        self.request("committee.create", element, user=self.create_user(oml="can_manage_users")).assert_status(403)
        for parent_id, status in ((2, 200), (3, 200), (1, 403), (10, 403), (99, 400)):
            below = {**element, "parent_id": parent_id}
            self.request("committee.create", below, user=manager).assert_status(status)
        self.request("committee.create", {**element, "parent_id": 2}, user=0).assert_status(403)

    def test_forwarding_rights(self) -> None:
        manager = self.create_manager(2)
        element = {"organization_id": 1, "name": "x", "parent_id": 2}
        for more, status in (
            ({FORWARD: [3, 2]}, 200),
            ({FORWARD: [10]}, 403),
            ({RECEIVE: [1]}, 403),
            ({FORWARD: None}, 200),
            ({FORWARD: [99]}, 400),
        ):
            self.request("committee.create", {**element, **more}, user=manager).assert_status(status)
        self.set_models({"organization/1": {"restrict_edit_forward_committees": True}})
        self.request("committee.create", {**element, FORWARD: []}, user=manager).assert_status(400, FORWARD)
        self.request("committee.create", {**element, FORWARD: [10]}).assert_status(200)

    def test_few_calls(self) -> None:
        path = list(range(100, 140))
        for depth, id_ in enumerate(path):
            self.create_committee(id_, parent_id=id_ - 1 if depth else None, all_parent_ids=path[:depth])
        elements = [{"organization_id": 1, "name": "x", "parent_id": 139, "external_id": str(n)} for n in range(20)]
        with self.stack.count_calls() as calls:
            self.request("committee.create", *elements).assert_status(200)
        calls.assert_at_most(reads=2, reserves=1, writes=1)


class TestCommitteeUpdate(CommitteeTest):
    """`committee.update`."""

    def test_fields(self) -> None:
        former, new = self.create_manager(1), self.create_user()
        fields = {"name": "new", "external_id": "e", "manager_ids": [new], FORWARD: [1, 2]}
        answer = self.request("committee.update", {"id": 1, **fields}).assert_status(200)
        assert answer.results == [None]
        self.assert_model_exists("committee/1", {**fields, RECEIVE: [1], "user_ids": [new]})
        self.assert_model_exists(f"user/{former}", {"committee_management_ids": []})
        self.request("committee.update", {"id": 1, "external_id": "e"}).assert_status(200)
        self.request("committee.update", {"id": 2, "external_id": "e"}).assert_status(400, "external_id")
        self.request("committee.update", {"id": 1, "name": None}).assert_status(400)

    def test_last_element_counts(self) -> None:
        elements = [{"id": 1, "name": "first", "description": "x"}, {"id": 1, "name": "second"}]
        self.request("committee.update", *elements).assert_status(200)
        self.assert_model_exists("committee/1", {"name": "second", "description": None})

    def test_the_element_that_counts_is_blamed(self) -> None:
        repeated = [{"id": 1, "name": "first"}, {"id": 1, "name": "second"}]
        answer = self.request("committee.update", *repeated, {"id": 2, "manager_ids": [99]}).assert_status(400)
        assert answer.body["action_data_error_index"] == 2

    def test_default_meeting(self) -> None:
        self.create_meeting(1, committee_id=2)
        self.request("committee.update", {"id": 2, "default_meeting_id": 1}).assert_status(200)
        self.assert_model_exists("meeting/1", {"default_meeting_for_committee_id": 2})
        self.request("committee.update", {"id": 1, "default_meeting_id": 1}).assert_status(400, "default_meeting_id")
        self.request("committee.update", {"id": 2, "default_meeting_id": 99}).assert_status(400)
        self.request("committee.update", {"id": 2, "default_meeting_id": None}).assert_status(200)
        self.assert_model_exists("meeting/1", {"default_meeting_for_committee_id": None})
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        element = {"id": 2, "default_meeting_id": 1}
        self.request("committee.update", element, user=self.create_user()).assert_status(400, "archived")

    def test_move(self) -> None:
        self.request("committee.update", {"id": 2, "parent_id": 10}).assert_status(200)
        self.assert_paths(c1=None, c2=[10], c3=[10, 2])
        self.assert_model_exists("committee/1", {"child_ids": [], "all_child_ids": []})
        self.assert_model_exists("committee/10", {"child_ids": [2]})
        self.request("committee.update", {"id": 2, "parent_id": None}).assert_status(200)
        self.assert_paths(c2=[], c3=[2])

    def test_turn_around(self) -> None:
        elements: list[dict[str, Any]] = [
            {"id": 3, "parent_id": None},
            {"id": 2, "parent_id": 3},
            {"id": 1, "parent_id": 2},
        ]
        self.request("committee.update", *elements).assert_status(200)
        self.assert_paths(c3=[], c2=[3], c1=[3, 2])

    @pytest.mark.parametrize(
        "elements",
        [
            [{"id": 1, "parent_id": 1}],
            [{"id": 1, "parent_id": 3}],
            [{"id": 10, "parent_id": 3}, {"id": 1, "parent_id": 10}],
            [{"id": 1, "parent_id": 99}],
            [{"id": 99, "parent_id": 1}],
            [{"id": 1, FORWARD: [1], RECEIVE: []}],
            [{"id": 1, FORWARD: [2], RECEIVE: [1]}],
        ],
    )
    def test_refused(self, elements: list[dict[str, Any]]) -> None:
        self.request("committee.update", *elements).assert_status(400)

    def test_deep_tree(self) -> None:
        path = list(range(100, 140))
        for depth, id_ in enumerate(path):
            below = {"child_ids": path[depth + 1 : depth + 2], "all_child_ids": path[depth + 1 :]}
            self.create_committee(id_, parent_id=id_ - 1 if depth else None, all_parent_ids=path[:depth], **below)
        with self.stack.count_calls() as calls:
            self.request("committee.update", {"id": 100, "parent_id": 3}).assert_status(200)
        calls.assert_at_most(reads=4, reserves=0, writes=1)
        self.assert_paths(c139=[1, 2, 3, *path[:-1]], c100=[1, 2, 3])


class TestCommitteeUpdateRights(CommitteeTest):
    """Who may update which committee."""

    def test_manager(self) -> None:
        manager = self.create_manager(2)
        for id_, status in ((1, 403), (2, 200), (3, 200), (10, 403), (99, 400)):
            self.request("committee.update", {"id": id_, "name": "x"}, user=manager).assert_status(status)
        self.request("committee.update", {"id": 2, "name": "x"}, user=0).assert_status(403)
        organizer = self.create_user(oml="can_manage_organization")
        self.request("committee.update", {"id": 10, "name": "x"}, user=organizer).assert_status(200)

    def test_moving(self) -> None:
        self.create_committee(4, parent_id=1, all_parent_ids=[1])
        self.add_to_lists({"committee/1": {"child_ids": [4], "all_child_ids": [4]}})
        above, own = self.create_manager(1), self.create_manager(2, 4)
        cases = ((above, 4, 200), (above, 10, 403), (above, None, 403), (above, 1, 200), (own, 4, 403), (0, 1, 403))
        for user_id, parent_id, status in cases:
            self.request("committee.update", {"id": 3, "parent_id": parent_id}, user=user_id).assert_status(status)
            self.request("committee.update", {"id": 3, "parent_id": 2}).assert_status(200)
        self.request("committee.update", {"id": 3, "parent_id": 99}, user=above).assert_status(400)
        self.request("committee.update", {"id": 99, "parent_id": 2}, user=above).assert_status(400)

    def test_moving_below_an_ancestor(self) -> None:
        """The new parent counts if it is above already."""
        manager = self.create_manager(2)
        self.create_committee(4, parent_id=3, all_parent_ids=[1, 2, 3])
        self.add_to_lists({f"committee/{id_}": {"all_child_ids": [4]} for id_ in (1, 2, 3)})
        self.request("committee.update", {"id": 4, "parent_id": 2}, user=manager).assert_status(200)
        self.assert_paths(c4=[1, 2])

    def test_managers_on_the_same_level(self) -> None:
        own, above = self.create_manager(2), self.create_manager(1)
        element = {"id": 2, "manager_ids": [own]}
        self.request("committee.update", element, user=own).assert_status(200)
        self.set_models({"organization/1": {"restrict_editing_same_level_committee_admins": True}})
        self.request("committee.update", element, user=own).assert_status(403, "parent")
        self.request("committee.update", element, user=above).assert_status(200)
        self.request("committee.update", {"id": 2, "name": "x"}, user=own).assert_status(200)
        self.request("committee.update", {"id": 1, "manager_ids": []}, user=above).assert_status(403)

    def test_forwarding(self) -> None:
        self.set_models({"committee/2": {FORWARD: [10]}, "committee/10": {RECEIVE: [2]}})
        manager = self.create_manager(2)
        for more, status in (
            ({FORWARD: [10, 3]}, 200),
            ({FORWARD: [10]}, 200),
            ({FORWARD: [10, 1]}, 403),
            ({FORWARD: []}, 403),
            ({FORWARD: None}, 403),
            ({RECEIVE: [3, 10]}, 403),
            ({RECEIVE: None}, 200),
            ({FORWARD: [10, 99]}, 400),
        ):
            self.request("committee.update", {"id": 2, **more}, user=manager).assert_status(status)
        self.set_models({"organization/1": {"restrict_edit_forward_committees": True}})
        self.request("committee.update", {"id": 2, FORWARD: [10]}, user=manager).assert_status(400, FORWARD)


class TestCommitteeDelete(CommitteeTest):
    """`committee.delete`."""

    def test_delete(self) -> None:
        user_id = self.create_manager(3, home_committee_id=3, committee_ids=[3])
        self.set_models(
            {
                "committee/3": {"native_user_ids": [user_id], "user_ids": [user_id], FORWARD: [10]},
                "committee/10": {RECEIVE: [3]},
            }
        )
        assert self.request("committee.delete", {"id": 3}).assert_status(200).results == [[None]]
        self.assert_model_deleted("committee/3")
        self.assert_model_exists("committee/2", {"child_ids": [], "all_child_ids": []})
        self.assert_model_exists("committee/1", {"all_child_ids": [2]})
        self.assert_model_exists("committee/10", {RECEIVE: []})
        gone: dict[str, Any] = {"committee_management_ids": [], "committee_ids": [], "home_committee_id": None}
        self.assert_model_exists(f"user/{user_id}", gone)

    def test_children(self) -> None:
        self.request("committee.delete", {"id": 2}).assert_status(400, "below")
        self.request("committee.delete", {"id": 2}, {"id": 3}).assert_status(400, "below")
        self.request("committee.delete", {"id": 3}, {"id": 2}).assert_status(200)
        self.assert_model_exists("committee/1", {"child_ids": [], "all_child_ids": []})

    def test_meetings(self) -> None:
        for base in (1, 4, 7, 10):
            self.create_meeting(base, committee_id=10, is_active_in_organization_id=None)
        message = self.request("committee.delete", {"id": 10}).assert_status(400).message
        assert "Meeting 1, Meeting 4, Meeting 7." in message

    def test_rights(self) -> None:
        manager = self.create_manager(2)
        for id_, status in ((10, 403), (1, 403), (99, 400), (3, 200), (2, 200)):
            self.request("committee.delete", {"id": id_}, user=manager).assert_status(status)
        self.request("committee.delete", {"id": 10}, user=0).assert_status(403)
        organizer = self.create_user(oml="can_manage_organization")
        self.request("committee.delete", {"id": 10}, user=organizer).assert_status(200)
