"""Passwords (user_passwords_and_mail.md)."""

from typing import Any
from urllib.parse import quote

import pytest

from openslides_backend.actions.user import hashing
from openslides_backend.services.datastore import UpdateEvent
from openslides_backend.services.passwords import hash_password, verify_password
from openslides_backend.services.tokens import bearer
from tests.integration.actions.interference import interfered
from tests.integration.base import IntegrationTest

BY_OTHERS = ("user.set_password", "user.generate_new_password", "user.reset_password_to_default")


class PasswordTest(IntegrationTest):
    """Base: a participant of meeting/1 who has a password."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting()
        self.user_id = self.create_user(
            group_ids=[3], password=hash_password("old"), default_password="default", can_change_own_password=True
        )

    def password_is(self, plain_text: str) -> bool:
        return verify_password(plain_text, self.get_model(f"user/{self.user_id}").get("password"))

    def default_password(self) -> str:
        return str(self.get_model(f"user/{self.user_id}")["default_password"])

    def is_logged_in(self, user_id: int) -> bool:
        return self.request("user.update_self", {"pronoun": "x"}, user=user_id).status == 200


class TestPasswordsOfOthers(PasswordTest):
    """`user.set_password`, `user.generate_new_password`, `user.reset_password_to_default`."""

    def element(self, name: str, user_id: int = 0) -> dict[str, Any]:
        return {"id": user_id or self.user_id, **({"password": "new"} if name == "user.set_password" else {})}

    def test_set(self) -> None:
        assert self.request("user.set_password", self.element("user.set_password")).results == [[None]]
        assert self.password_is("new")
        assert self.default_password() == "default"
        assert self.history_of(f"user/{self.user_id}") == [["Password changed"]]

    def test_set_as_default(self) -> None:
        element = {"id": self.user_id, "password": "", "set_as_default": True}
        self.request("user.set_password", element).assert_status(200)
        assert self.password_is("")
        self.assert_model_exists(f"user/{self.user_id}", {"default_password": ""})

    @pytest.mark.parametrize("fields", [{"password": None}, {}, {"password": "x" * 257}, {"password": 5}])
    def test_payload(self, fields: dict[str, Any]) -> None:
        self.request("user.set_password", {"id": self.user_id, **fields}).assert_status(400)

    def test_generate(self) -> None:
        answer = self.request("user.generate_new_password", {"id": self.user_id}).assert_status(200)
        assert answer.results == [[None]]
        assert len(self.default_password()) == 10
        assert self.password_is(self.default_password())

    def test_reset(self) -> None:
        self.request("user.reset_password_to_default", {"id": self.user_id}).assert_status(200)
        assert self.password_is("default")
        self.set_models({f"user/{self.user_id}": {"default_password": None}})
        self.request("user.reset_password_to_default", {"id": self.user_id}).assert_status(400, "has none")

    @pytest.mark.parametrize("name", BY_OTHERS)
    def test_common_rules(self, name: str) -> None:
        admin_id, plain_id = self.create_user(group_ids=[2]), self.create_user(group_ids=[3])
        for user in (plain_id, self.user_id, 0):
            self.request(name, self.element(name), user=user).assert_status(403)
        self.set_permissions(3, ["user.can_update"])
        for user in (plain_id, admin_id):
            self.request(name, self.element(name), user=user).assert_status(200)
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        self.request(name, self.element(name)).assert_status(200)
        self.request(name, self.element(name, 999)).assert_status(400, "user/999")
        self.set_models({f"user/{self.user_id}": {"saml_id": "x"}})
        self.request(name, self.element(name)).assert_status(400, "single sign-on")

    @pytest.mark.parametrize("name", BY_OTHERS)
    def test_sessions(self, name: str) -> None:
        self.set_models({"user/1": {"default_password": "x"}})
        assert self.is_logged_in(self.user_id)
        self.request(name, self.element(name)).assert_status(200)
        assert self.is_logged_in(self.user_id)
        self.request(name, self.element(name), self.element(name, 1)).assert_status(200)
        assert self.is_logged_in(self.user_id)
        assert not self.is_logged_in(1)


class TestSetPasswordSelf(PasswordTest):
    """`user.set_password_self`."""

    def change(self, old: str = "old", *, user: int = -1, status: int = 200) -> Any:
        user = self.user_id if user < 0 else user
        element = {"old_password": old, "new_password": "new"}
        return self.request("user.set_password_self", element, user=user).assert_status(status)

    def test_change(self) -> None:
        self.change()
        assert self.password_is("new")
        assert self.default_password() == "default"
        assert not self.is_logged_in(self.user_id)

    def test_checks(self) -> None:
        self.change("wrong", status=400)
        self.change("", status=400)
        self.set_models({f"user/{self.user_id}": {"password": None}})
        self.change(status=400)
        self.set_models({f"user/{self.user_id}": {"can_change_own_password": False}})
        self.change(status=403)
        self.change(user=0, status=403)
        element = {"old_password": "x", "new_password": "y"}
        self.request("user.set_password_self", element, internal=True).assert_status(400)

    def test_guessing_is_refused_after_a_while(self) -> None:
        for _ in range(4):
            self.change("wrong", status=400)
        self.change()
        other_id = self.create_user("other", password=hash_password("old"), can_change_own_password=True)
        for _ in range(5):
            assert "too often" not in self.change("wrong", user=other_id, status=400).message
        assert "too often" in self.change("old", user=other_id, status=400).message


class TestForgetPasswordConfirm(PasswordTest):
    """`user.forget_password_confirm`."""

    def token(self) -> str:
        return quote(self.stack.services.auth.create_authorization_token(self.user_id, "a@example.com"))

    def confirm(self, token: str, *, user_id: int = 0, status: int = 200) -> Any:
        element = {"user_id": user_id or self.user_id, "authorization_token": token, "new_password": ""}
        return self.request("user.forget_password_confirm", element, user=0).assert_status(status)

    def test_confirm(self) -> None:
        assert self.is_logged_in(self.user_id)
        token = self.token()
        self.confirm(token)
        assert self.password_is("")
        assert not self.is_logged_in(self.user_id)
        self.confirm(token, status=400)

    def test_checks(self) -> None:
        token = self.token()
        self.confirm("x", status=400)
        self.confirm(bearer("x"), status=400)
        self.confirm(token, user_id=999, status=400)
        self.confirm(token, user_id=1, status=400)
        self.confirm(token, status=400)
        self.set_models({f"user/{self.user_id}": {"saml_id": "x"}})
        self.confirm(self.token(), status=400)

    def test_a_token_serves_one_element(self) -> None:
        element = {"user_id": self.user_id, "authorization_token": self.token(), "new_password": "x"}
        self.request("user.forget_password_confirm", element, element, user=0).assert_status(400, "used")
        assert self.password_is("old")

    def test_a_retry_does_not_need_another_token(self) -> None:
        token = self.token()
        with interfered(self.stack, UpdateEvent(f"user/{self.user_id}", {"saml_id": ""})) as calls:
            self.confirm(token)
        assert calls.writes == 2
        assert self.password_is("")

    def test_a_retry_does_not_hash_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed = []

        def counting(password: str) -> str:
            hashed.append(password)
            return hash_password(password)

        monkeypatch.setattr(hashing, "hash_password", counting)
        elements = [{"id": id_, "password": "same"} for id_ in (self.user_id, self.create_user())]
        with interfered(self.stack, UpdateEvent(f"user/{self.user_id}", {"saml_id": ""})) as calls:
            self.request("user.set_password", *elements).assert_status(200)
        assert calls.writes == 2
        assert hashed == ["same", "same"]
