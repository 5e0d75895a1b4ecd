"""The presenters on numbers of users."""

import pytest

from tests.integration.base import IntegrationTest


class TestGetActiveUsersAmount(IntegrationTest):
    """get_active_users_amount."""

    def test_counts_active_users_in_one_read(self) -> None:
        self.create_user()
        self.create_user(is_active=False)
        self.create_user(is_active=None)
        self.delete_models(f"user/{self.create_user()}")
        with self.stack.count_calls() as calls:
            assert self.presenter("get_active_users_amount", {}).body == [{"active_users_amount": 2}]
        calls.assert_at_most(reads=1, reserves=0, writes=0)

    @pytest.mark.parametrize(("oml", "status"), [("can_manage_users", 200), ("superadmin", 200), (None, 403)])
    def test_permission(self, oml: str | None, status: int) -> None:
        user_id = self.create_user(oml=oml)
        assert self.presenter("get_active_users_amount", {}, user=user_id).status == status

    def test_anonymous(self) -> None:
        self.presenter("get_active_users_amount", {}, user=0).assert_status(403)

    @pytest.mark.parametrize("data", [None, {"unknown": 1}])
    def test_wrong_data(self, data: dict[str, int] | None) -> None:
        self.presenter("get_active_users_amount", data).assert_status(400)


class TestNumberOfUsers(IntegrationTest):
    """number_of_users."""

    @pytest.mark.parametrize(
        ("limit", "number", "possible"),
        [
            (None, 1000, True),
            (0, 1000, True),
            (3, 1, True),
            (3, 2, False),
            (3, 0, True),
            (1, 0, False),
            (1, -1, True),
            (3, 10**40, False),
        ],
    )
    def test_limit(self, limit: int | None, number: int, possible: bool) -> None:
        self.create_user()
        self.create_user(is_active=False)
        self.set_models({"organization/1": {"limit_of_users": limit}})
        data = {"number_of_users_to_add_or_activate": number}
        with self.stack.count_calls() as calls:
            answer = self.presenter("number_of_users", data)
        assert answer.body == [{"possible": possible}]
        calls.assert_at_most(reads=1, reserves=0, writes=0)

    def test_nobody_else_learns_how_many_users_there_are(self) -> None:
        data = {"number_of_users_to_add_or_activate": 1}
        self.presenter("number_of_users", data, user=0).assert_status(403)
        self.presenter("number_of_users", data, user=self.create_user()).assert_status(200)

    @pytest.mark.parametrize("number", [None, True, "1", 1.5, [1]])
    def test_wrong_number(self, number: object) -> None:
        self.presenter("number_of_users", {"number_of_users_to_add_or_activate": number}).assert_status(400)

    def test_missing_number(self) -> None:
        self.presenter("number_of_users", {}).assert_status(400)
