"""Accounts of single sign-on (user.md, "user.save_saml_account")."""

from typing import Any

import pytest

from tests.integration.base import Answer, IntegrationTest

MAPPING = {
    "saml_id": "login",
    "title": "title",
    "first_name": "given",
    "email": "mail",
    "gender": "sex",
    "is_active": "active",
    "member_number": "no",
    "username": "nick",
}


class SamlTest(IntegrationTest):
    """Base: single sign-on is enabled with `MAPPING`."""

    def setup_method(self) -> None:
        super().setup_method()
        self.map()

    def map(self, **more: Any) -> None:
        self.set_models({"organization/1": {"saml_enabled": True, "saml_attr_mapping": {**MAPPING, **more}}})

    def save(self, status: int = 200, text: str = "", **attributes: Any) -> Answer:
        element = {"login": "max", **attributes}
        return self.request("user.save_saml_account", element, internal=True).assert_status(status, text)

    def user(self, **attributes: Any) -> dict[str, Any]:
        return self.get_model(f"user/{self.save(**attributes).result['user_id']}")


class TestAccount(SamlTest):
    """The account itself."""

    def test_create(self) -> None:
        user = self.user(
            login=[" max "], given="Max", title=None, mail=[], active="false", nick="x", other=1, sex="new"
        )
        assert (user["username"], user["saml_id"], user["first_name"]) == ("max", "max", "Max")
        assert (user["is_active"], user["is_physical_person"], user["can_change_own_password"]) == (False, True, False)
        assert not user.keys() & {"title", "email", "password", "default_password"}
        self.assert_model_exists(f"gender/{user['gender_id']}", {"name": "new"})

    def test_username_is_made_unique(self) -> None:
        self.create_user("max")
        self.create_user("max1")
        assert self.user()["username"] == "max2"

    def test_update(self) -> None:
        self.set_models({"gender/5": {"name": "male", "organization_id": 1}})
        user_id = self.create_user("other", saml_id="max", title="Dr.", first_name="Max", gender_id=5)
        user = self.user(title="Prof.", sex="", mail="max@example.com", given=["Max", "Moritz"])
        assert user["id"] == user_id
        assert (user["username"], user["title"], user["email"]) == ("other", "Prof.", "max@example.com")
        assert "gender_id" not in user
        with self.stack.count_calls() as calls:
            self.save(title="Prof.", given="Max")
        assert calls.writes == 0

    def test_known_gender(self) -> None:
        self.set_models({"gender/5": {"name": "male", "organization_id": 1}})
        assert self.user(sex="male")["gender_id"] == 5

    @pytest.mark.parametrize(
        "attributes",
        [
            {"login": None},
            {"login": []},
            {"login": ""},
            {"login": " "},
            {"login": 5},
            {"login": "a b"},
            {"active": "perhaps"},
            {"given": 5},
            {"given": ["x", {}]},
            {"mail": "nowhere"},
            {"no": ""},
        ],
    )
    def test_bad_attributes(self, attributes: dict[str, Any]) -> None:
        self.save(400, **attributes)

    def test_checks(self) -> None:
        self.request("user.save_saml_account", {"login": "x"}).assert_status(400, "no action")
        self.request("user.save_saml_account", {"login": "x"}, {"login": "y"}, internal=True).assert_status(400)
        batch = [{"action": "user.save_saml_account", "data": [5]}]
        self.request_json(batch, internal=True).assert_status(400)
        self.create_user("a", saml_id="max")
        self.create_user("b", saml_id="max")
        self.save(400, "several")
        mappings: tuple[object, ...] = ({}, None, [], {"title": "x"}, {"saml_id": None})
        for mapping in mappings:
            self.set_models({"organization/1": {"saml_attr_mapping": mapping}})
            self.save(400, "saml_id")
        self.set_models({"organization/1": {"saml_enabled": False}})
        self.save(400, "not enabled")


class TestMeetings(SamlTest):
    """Participation by meeting mappers."""

    def setup_method(self) -> None:
        super().setup_method()
        self.create_meeting(external_id="M")
        self.set_models({"group/3": {"external_id": "Del"}, "group/2": {"external_id": "Adm"}})

    def mapper(self, **fields: Any) -> dict[str, Any]:
        return {"external_id": "M", "name": "mapper", **fields}

    def member(self, **attributes: Any) -> dict[str, Any]:
        user = self.user(**attributes)
        return self.get_model(f"meeting_user/{self.meeting_user_id(user['id'], 1)}")

    def test_all_fields(self) -> None:
        self.set_models({"structure_level/5": {"name": "North", "meeting_id": 1}})
        mappings = {
            "groups": [{"attribute": "g", "default": "Adm"}, None, {"attribute": "missing"}],
            "structure_levels": [{"attribute": "s"}, {"attribute": "missing", "default": "West, North"}],
            "number": {"attribute": "n", "default": "unused"},
            "comment": {"attribute": "c"},
            "vote_weight": {"attribute": "w"},
            "present": {"attribute": "p"},
        }
        second = {"comment": {"attribute": "missing", "default": "two"}, "vote_weight": {"attribute": "bad"}}
        self.map(meeting_mappers=[self.mapper(mappings=mappings), self.mapper(mappings=second)])
        attributes = {"g": ["Del, Adm", "Del"], "s": "North,  , South", "n": 7, "c": "one", "w": "1.5", "p": "y"}
        member = self.member(bad="002", **attributes)
        assert sorted(member["group_ids"]) == [2, 3]
        assert (member["number"], member["comment"], member["vote_weight"]) == ("7", "one two", "1.500000")
        names = [self.get_model(f"structure_level/{id_}")["name"] for id_ in member["structure_level_ids"]]
        assert names == ["North", "South", "West"]
        self.assert_model_exists(f"user/{member['user_id']}", {"meeting_ids": [1], "is_present_in_meeting_ids": [1]})

    def test_default_group_in_an_archived_meeting(self) -> None:
        self.map(meeting_mappers=[self.mapper(), {"external_id": None}, {"external_id": "unknown"}])
        self.set_models({"meeting/1": {"is_active_in_organization_id": None}})
        assert self.member()["group_ids"] == [1]

    def test_groups_and_presences_are_added(self) -> None:
        self.create_meeting(10)
        user_id = self.create_user("x", saml_id="max", group_ids=[2], is_present_in_meeting_ids=[10])
        mappings = {"groups": [{"attribute": "g"}], "present": {"default": True}}
        self.map(meeting_mappers=[self.mapper(mappings=mappings)])
        assert self.member(g="Del")["group_ids"] == [2, 3]
        self.assert_model_exists(f"user/{user_id}", {"is_present_in_meeting_ids": [10, 1]})
        with self.stack.count_calls() as calls:
            self.save(g="Del")
        assert calls.writes <= 1

    @pytest.mark.parametrize(
        ("value", "holds"),
        [("yes sir", True), (["no", "yes"], True), ("", False), (None, False), ("no", False), (True, False)],
    )
    def test_conditions(self, value: object, holds: bool) -> None:
        conditions = [{"attribute": "c", "condition": "^yes"}, None]
        self.map(meeting_mappers=[self.mapper(conditions=conditions)])
        user_id = self.save(c=value).result["user_id"]
        assert (self.meeting_user_id(user_id, 1) is not None) is holds

    def test_all_conditions_must_hold(self) -> None:
        conditions = [{"attribute": "c", "condition": "a"}, {"attribute": "d", "condition": "b"}]
        self.map(meeting_mappers=[self.mapper(conditions=conditions)])
        assert self.meeting_user_id(self.save(c="a", d="x").result["user_id"], 1) is None
        self.map(meeting_mappers=[self.mapper(conditions=[{"attribute": "c", "condition": "("}])])
        self.save(400, "regular expression", c="x")

    @pytest.mark.parametrize(
        ("allow", "updated"), [(True, True), ("Yes", True), ("no", False), (False, False), ("", False)]
    )
    def test_allow_update(self, allow: object, updated: bool) -> None:
        self.create_user("x", saml_id="max")
        self.map(meeting_mappers=[self.mapper(allow_update=allow)])
        user_id = self.save().result["user_id"]
        assert (self.meeting_user_id(user_id, 1) is not None) is updated

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            (5, "5.000000"),
            ("5", "5.000000"),
            ("0.5", "0.500000"),
            ("12.123456", "12.123456"),
            ("0.1234567", None),
            ("002", None),
            (".5", None),
            (1.5, None),
            (True, None),
        ],
    )
    def test_vote_weight(self, sent: object, stored: str | None) -> None:
        self.map(meeting_mappers=[self.mapper(mappings={"vote_weight": {"attribute": "w"}})])
        assert self.member(w=sent).get("vote_weight") == stored

    def test_presence_that_is_no_boolean(self) -> None:
        self.map(meeting_mappers=[self.mapper(mappings={"present": {"attribute": "p"}})])
        self.save(400, "boolean", p="perhaps")
