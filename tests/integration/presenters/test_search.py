"""The presenters that find accounts and other models."""

from typing import Any

import pytest

from tests.integration.base import IntegrationTest


class TestGetUsers(IntegrationTest):
    """get_users."""

    def setup_method(self) -> None:
        super().setup_method()
        self.set_models(
            {
                "user/2": {"username": "b", "first_name": "Anna", "last_name": "Zorn", "is_active": True},
                "user/3": {"username": "c", "first_name": "bert", "last_name": "Adam"},
                "user/4": {"username": "a", "first_name": "Anna", "last_name": "Adam", "is_active": True},
            }
        )

    def users(self, **data: object) -> Any:
        return self.presenter("get_users", data).assert_status(200).body[0]["users"]

    @pytest.mark.parametrize(
        ("data", "ids"),
        [
            ({}, [1, 4, 3, 2]),
            ({"sort_criteria": []}, [1, 4, 3, 2]),
            ({"reverse": True}, [2, 3, 4, 1]),
            ({"sort_criteria": ["first_name", "username"]}, [1, 4, 2, 3]),
            ({"sort_criteria": ["is_active", "last_email_send", "username"]}, [3, 4, 2, 1]),
            ({"filter": "nna"}, [4, 2]),
            ({"filter": "B"}, []),
            ({"filter": None, "start_index": 1, "entries": 2}, [4, 3]),
            ({"start_index": 9}, []),
            ({"entries": 0}, []),
        ],
    )
    def test_sorted_page(self, data: dict[str, object], ids: list[int]) -> None:
        assert self.users(**data) == ids

    def test_deleted_users_are_left_out_in_one_read(self) -> None:
        self.delete_models("user/2")
        with self.stack.count_calls() as calls:
            assert self.users() == [1, 4, 3]
        calls.assert_at_most(reads=1, reserves=0, writes=0)

    @pytest.mark.parametrize("data", [{"sort_criteria": ["pronoun"]}, {"entries": "1"}, {"unknown": 1}])
    def test_wrong_data(self, data: dict[str, object]) -> None:
        self.presenter("get_users", data).assert_status(400)

    def test_permission(self) -> None:
        self.presenter("get_users", {}, user=2).assert_status(403)
        self.presenter("get_users", {}, user=self.create_user(oml="can_manage_users")).assert_status(200)


class TestSearchUsers(IntegrationTest):
    """search_users."""

    def setup_method(self) -> None:
        super().setup_method()
        names = {"first_name": "Änne", "last_name": "Li", "email": "a@x.org"}
        self.set_models(
            {
                "user/2": {"username": "anne", **names},
                "user/3": {"username": "otto", "saml_id": "S1", "member_number": "7", **names},
            }
        )

    def search(self, *entries: dict[str, str]) -> Any:
        """The ids found for each entry."""
        data = {"permission_type": "organization", "permission_id": 1, "search": list(entries)}
        answer = self.presenter("search_users", data).assert_status(200)
        return [[user["id"] for user in found] for found in answer.body[0]]

    def test_all_fields_are_told(self) -> None:
        data = {"permission_type": "organization", "permission_id": 1, "search": [{"username": " ANNE "}]}
        user = {"id": 2, "username": "anne", "saml_id": None, "member_number": None}
        names = {"first_name": "Änne", "last_name": "Li", "email": "a@x.org"}
        assert self.presenter("search_users", data).body == [[[{**user, **names}]]]

    @pytest.mark.parametrize(
        ("entry", "ids"),
        [
            ({"username": "anne", "saml_id": "s1"}, [2]),
            ({"username": "ann", "saml_id": "s1"}, []),
            ({"username": " ", "saml_id": "s1 "}, [3]),
            ({"member_number": "7"}, [3]),
            ({"first_name": "änne", "last_name": "LI", "email": "A@x.org"}, [2, 3]),
            ({"first_name": "änne", "last_name": "LI", "email": ""}, []),
            ({"first_name": "änne"}, []),
            ({}, []),
        ],
    )
    def test_first_set_value_decides(self, entry: dict[str, str], ids: list[int]) -> None:
        assert self.search(entry) == [ids]

    def test_many_entries_take_one_read(self) -> None:
        entries = [{"username": f"user {number}"} for number in range(250)]
        with self.stack.count_calls() as calls:
            found = self.search(*entries, {"username": "anne"}, {"saml_id": "s1"}, {"username": "anne"})
        assert found == [*([] for _ in entries), [2], [3], [2]]
        calls.assert_at_most(reads=1, reserves=0, writes=0)

    @pytest.mark.parametrize(
        ("place", "id_", "status"),
        [("meeting", 1, 200), ("meeting", 4, 403), ("meeting", 99, 400), ("committee", 60, 403)],
    )
    def test_participant_who_manages_users(self, place: str, id_: int, status: int) -> None:
        self.create_meeting()
        self.create_meeting(4)
        user_id = self.create_user(group_ids=[3])
        self.set_permissions(3, ["user.can_manage"])
        self.ask(place, id_, user_id, status)

    @pytest.mark.parametrize(
        ("place", "id_", "status"),
        [("meeting", 1, 200), ("committee", 60, 200), ("committee", 61, 403), ("organization", 1, 403)],
    )
    def test_committee_manager(self, place: str, id_: int, status: int) -> None:
        self.create_meeting(locked_from_inside=True)
        self.create_committee(61)
        self.ask(place, id_, self.create_user(committee_management_ids=[60]), status)

    def test_place_is_not_looked_up_with_level(self) -> None:
        self.ask("meeting", 99, self.create_user(oml="can_manage_users"), 200)

    def test_anonymous(self) -> None:
        self.create_meeting()
        self.ask("meeting", 1, 0, 403)

    def ask(self, place: str, id_: int, user_id: int, status: int) -> None:
        data = {"permission_type": place, "permission_id": id_, "search": [{"username": "anne"}]}
        self.presenter("search_users", data, user=user_id).assert_status(status)

    @pytest.mark.parametrize("search", [[], [{"id": 1}], [{"username": None}], {}])
    def test_wrong_search(self, search: object) -> None:
        data = {"permission_type": "organization", "permission_id": 1, "search": search}
        self.presenter("search_users", data).assert_status(400)


class TestSearchForIdByExternalId(IntegrationTest):
    """search_for_id_by_external_id."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(external_id="x")
        self.create_committee(61, external_id="twice")
        self.create_committee(62, external_id="twice")
        self.set_models({"group/3": {"external_id": "x"}, "committee/60": {"external_id": "x"}})

    def search(self, collection: str, external_id: str, context_id: int, user: int = 1) -> Any:
        data = {"collection": collection, "external_id": external_id, "context_id": context_id}
        return self.presenter("search_for_id_by_external_id", data, user=user).assert_status(200).body[0]

    @pytest.mark.parametrize(
        ("collection", "context_id", "id_"), [("committee", 1, 60), ("meeting", 60, 1), ("group", 1, 3)]
    )
    def test_found(self, collection: str, context_id: int, id_: int) -> None:
        assert self.search(collection, "x", context_id) == {"id": id_}

    @pytest.mark.parametrize(
        ("collection", "external_id", "context_id"),
        [("committee", "twice", 1), ("committee", "X", 1), ("group", "x", 2), ("meeting", "x", -1), ("group", "x", 0)],
    )
    def test_none_or_several(self, collection: str, external_id: str, context_id: int) -> None:
        answer = self.search(collection, external_id, context_id)
        assert answer["id"] is None
        assert answer["error"].startswith("Several" if external_id == "twice" else "No")

    def test_group_of_locked_meeting(self) -> None:
        self.set_models({"meeting/1": {"locked_from_inside": True}})
        assert self.search("group", "x", 1)["id"] is None
        assert self.search("meeting", "x", 60) == {"id": 1}
        user_id = self.create_user(group_ids=[1], oml="can_manage_organization")
        assert self.search("group", "x", 1, user_id) == {"id": 3}

    def test_permission(self) -> None:
        data = {"collection": "committee", "external_id": "x", "context_id": 1}
        user_id = self.create_user(oml="can_manage_users")
        self.presenter("search_for_id_by_external_id", data, user=user_id).assert_status(403)

    def test_unknown_collection(self) -> None:
        data = {"collection": "user", "external_id": "x", "context_id": 1}
        self.presenter("search_for_id_by_external_id", data).assert_status(400)
